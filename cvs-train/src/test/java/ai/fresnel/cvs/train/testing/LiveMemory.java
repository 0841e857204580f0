package ai.fresnel.cvs.train.testing;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Structure;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes that native code holds by glibc's own count: libtorch's tensors and little else. */
public final class LiveMemory {

  private static final Libc LIBC = load();

  /** Java's compiler alone moves as many bytes between two looks. */
  private static final long STILL = 50_000;

  private LiveMemory() {}

  /** What is asked of the C library. */
  public interface Libc extends Library {
    Counts.ByValue mallinfo2();
  }

  /** {@code struct mallinfo2} of malloc.h. */
  @Structure.FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static class Counts extends Structure {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;

    /** As the function returns it. */
    public static final class ByValue extends Counts implements Structure.ByValue {}
  }

  private static Libc load() {
    try {
      Libc libc = Native.load("c", Libc.class);
      libc.mallinfo2();
      return libc;
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
  }

  /** Whether the C library counts. */
  public static boolean isKnown() {
    return LIBC != null;
  }

  /** Once Java has let go of what it does not use: arrays made from Java's numbers are its own. */
  public static long settled() throws InterruptedException {
    long before;
    long now = now();
    int rounds = 0;
    do {
      System.gc();
      Thread.sleep(30);
      before = now;
      now = now();
      rounds++;
    } while (rounds < 3 || (Math.abs(now - before) > STILL && rounds < 20));
    return now;
  }

  public static long now() {
    Counts counts = LIBC.mallinfo2();
    return counts.uordblks + counts.hblkhd;
  }

  /** The most bytes held while something runs, looked at every half millisecond. */
  public static long peak(Runnable work) throws InterruptedException {
    AtomicLong most = new AtomicLong(now());
    Thread watch =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                most.accumulateAndGet(now(), Math::max);
                try {
                  Thread.sleep(0, 500_000);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            },
            "memory-watch");
    watch.start();
    try {
      work.run();
    } finally {
      watch.interrupt();
      watch.join();
    }
    return most.get();
  }
}
