package ai.fresnel.cvs.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What is per process or per thread in libtorch: the engine, threads, the gradient mode; and what
 * the machine is good at.
 */
public final class TorchRuntime {

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private static final Map<Device, NDManager> FUNCTION_MANAGERS = new ConcurrentHashMap<>();
  private static final ThreadLocal<Boolean> INTERPRETER = ThreadLocal.withInitial(() -> false);

  private TorchRuntime() {}

  /**
   * Returns the PyTorch engine, loading it on first use.
   *
   * @return the engine
   */
  public static Engine engine() {
    return Engine.getEngine("PyTorch");
  }

  /**
   * Returns a new top-level manager of the PyTorch engine.
   *
   * @param device the device its arrays live on
   * @return a manager the caller closes
   */
  public static NDManager newManager(Device device) {
    return engine().newBaseManager(device);
  }

  /**
   * Sets how many threads libtorch uses inside one operation.
   *
   * @param threads the number of threads, 1 or more
   * @throws IllegalArgumentException if {@code threads} is less than 1
   */
  public static void setThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + ", expected 1 or more");
    }
    engine();
    JniUtils.setNumThreads(threads);
  }

  /**
   * Returns how many threads libtorch uses inside one operation.
   *
   * @return the number of threads
   */
  public static int threads() {
    engine();
    return JniUtils.getNumThreads();
  }

  /**
   * Returns what a device trains fastest in.
   *
   * @param device the device
   * @return {@link Precision#BFLOAT16} on a processor with AVX512-BF16 or AMX, as far as Linux
   *     tells; {@link Precision#FLOAT32} otherwise, also on GPUs
   */
  public static Precision fastestPrecision(Device device) {
    if (device.isGpu() || !Files.isReadable(CPU_INFO)) {
      return Precision.FLOAT32;
    }
    try (Stream<String> lines = Files.lines(CPU_INFO, StandardCharsets.ISO_8859_1)) {
      return fastestPrecision(lines);
    } catch (IOException | UncheckedIOException e) {
      return Precision.FLOAT32;
    }
  }

  /** By the first processor's list of flags. */
  static Precision fastestPrecision(Stream<String> cpuInfo) {
    Set<String> flags =
        cpuInfo
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> Set.copyOf(Arrays.asList(line.split("\\s+"))))
            .orElse(Set.of());
    return flags.contains("avx512_bf16") || flags.contains("amx_bf16")
        ? Precision.BFLOAT16
        : Precision.FLOAT32;
  }

  /**
   * Switches gradients off on the calling thread until the result is closed. libtorch keeps the
   * mode a thread: it is off on the thread that loaded the engine and on everywhere else, so code
   * that must not record a graph says so.
   *
   * @return a handle that restores the mode; close it on the same thread
   */
  public static GradientMode noGradient() {
    return new GradientMode(false);
  }

  /** Restores the calling thread's gradient mode when closed. */
  public static final class GradientMode implements AutoCloseable {

    private final boolean before;

    private GradientMode(boolean mode) {
      engine();
      before = JniUtils.isGradMode();
      JniUtils.setGradMode(mode);
    }

    /** Restores the mode that was in force. */
    @Override
    public void close() {
      JniUtils.setGradMode(before);
    }
  }

  /**
   * Runs TorchScript through the plain interpreter on this thread. The profiling executor would run
   * the first calls of a function one way and later ones another, so that a resumed run would not
   * repeat an uninterrupted one bit for bit.
   */
  static void useInterpreter() {
    if (!INTERPRETER.get()) {
      JniUtils.setGraphExecutorOptimize(false);
      INTERPRETER.set(true);
    }
  }

  /** The manager that owns compiled functions of a device: never closed. */
  static NDManager functionManager(Device device) {
    return FUNCTION_MANAGERS.computeIfAbsent(
        device,
        d -> {
          NDManager manager = newManager(d);
          manager.setName("torch functions on " + d);
          return manager;
        });
  }
}
