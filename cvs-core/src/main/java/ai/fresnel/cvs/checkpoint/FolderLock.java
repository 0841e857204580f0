package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to write a folder, which one process has at a time. Readers need none.
 *
 * <pre>{@code
 * try (FolderLock lock = FolderLock.of(run)) {
 *   // write into the folder
 * }
 * }</pre>
 *
 * <p>It is a lock of the operating system on a small file, which names the process and its host.
 * The system releases it when the process ends, also by {@code kill -9}, so that a file that is
 * left behind blocks nobody: the next one takes it over and logs that. Locks of files hold across
 * hosts on NFS 4 and SMB. Some network file systems lock on one host only, or not at all; therefore
 * a file that names another host, or a process of this host that still runs, is respected even if
 * its lock can be had.
 *
 * <p>A process must not open the lock file in another way while it holds it: on Linux, closing any
 * channel of a file releases all locks of the process on it.
 */
public final class FolderLock implements AutoCloseable {

  /** The name of the lock file in a folder that is locked as a whole. */
  public static final String NAME = ".lock";

  private static final int MAX_TEXT = 1 << 10;

  /** Beyond the text, which others may read: some systems lock a region against reading. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  /** Each try fails only if another process released the lock at the same moment. */
  private static final int TRIES = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  /** The files locked by this process. The system's locks do not hold among its own threads. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Path file;
  private final boolean made;
  private FileChannel channel;
  private Object fileKey;

  private FolderLock(Path folder, Path file, boolean made) {
    this.folder = folder;
    this.file = file;
    this.made = made;
  }

  /**
   * Locks a folder whose files this process writes. The lock file is {@value #NAME} in it.
   *
   * @param folder the folder; it and its parents are made if missing
   * @return the lock; close it after the last file is written. A folder that was made for it and
   *     stays empty is removed then
   * @throws FileSystemException naming the folder, the holder and the lock file if another process,
   *     or another thread of this one, writes the folder
   * @throws IOException if the folder or the file in it cannot be made
   */
  public static FolderLock of(Path folder) throws IOException {
    return inside(folder, "");
  }

  /**
   * Locks a part of a folder, which several processes may fill with different parts.
   *
   * @param folder the folder, as in {@link #of}
   * @param part the name of the part, which can be that of a file; its lock file is {@code
   *     .PART.lock} in the folder
   * @return the lock, as of {@link #of}
   * @throws IOException as {@link #of} does, if this part is locked or cannot be
   */
  public static FolderLock ofPart(Path folder, String part) throws IOException {
    return inside(folder, "." + part);
  }

  private static FolderLock inside(Path folder, String prefix) throws IOException {
    boolean made = !Files.isDirectory(folder);
    if (made) {
      Files.createDirectories(folder);
    }
    Path file = folder.toRealPath().resolve(prefix + NAME);
    return new FolderLock(folder, file, made).take();
  }

  /**
   * Locks a folder that is replaced as a whole. The lock file is {@code .NAME.lock} beside it.
   *
   * @param folder the folder, which may be missing
   * @return the lock; close it after the folder is replaced
   * @throws IOException as {@link #of} does
   */
  public static FolderLock beside(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    if (name == null) {
      throw new FileSystemException(folder.toString(), null, "has no name to be replaced under");
    }
    Path parent = absolute.getParent();
    if (!Files.isDirectory(parent)) {
      Files.createDirectories(parent);
    }
    Path file = parent.toRealPath().resolve("." + name + NAME);
    return new FolderLock(folder, file, false).take();
  }

  private FolderLock take() throws IOException {
    if (!HELD.add(file)) {
      throw refused("another thread of this process");
    }
    try {
      // A holder deletes the file when it is done. Who opened it just before would lock a file that
      // nobody else can see: only a lock of the file that was there before and after counts.
      for (int i = 0; i < TRIES; i++) {
        Optional<Identity> before = Identity.of(file);
        FileChannel opened =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        boolean kept = false;
        try {
          boolean locked = lock(opened);
          if (before.isPresent() && before.equals(Identity.of(file))) {
            requireFree(opened, locked);
            write(opened);
            channel = opened;
            fileKey = before.get().fileKey;
            kept = true;
            return this;
          }
        } finally {
          if (!kept) {
            opened.close();
          }
        }
      }
      throw refused("processes that start and end all the time");
    } catch (Throwable e) {
      HELD.remove(file);
      removeMade();
      throw e;
    }
  }

  /** Returns whether the system gave the lock; where it has none, the file's text decides. */
  private static boolean lock(FileChannel opened) {
    try {
      return opened.tryLock(LOCKED_BYTE, 1, false) != null;
    } catch (IOException e) {
      LOG.debug("no locks on this file system: {}", e.getMessage());
      return true;
    }
  }

  private void requireFree(FileChannel opened, boolean locked) throws IOException {
    Optional<LockHolder> holder = LockHolder.parse(read(opened));
    if (!locked || holder.filter(one -> !one.isHere() || one.isRunning()).isPresent()) {
      throw refused(holder.map(LockHolder::toString).orElse("another process"));
    }
    holder.ifPresent(
        gone -> LOG.warn("{}: taken over from {}, which ended while it wrote", folder, gone));
  }

  private FileSystemException refused(String holder) {
    return new FileSystemException(
        folder.toString(),
        null,
        "is being written by " + holder + "; if that is wrong, delete " + file);
  }

  private static String read(FileChannel opened) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_TEXT);
    while (text.hasRemaining() && opened.read(text, text.position()) > 0) {
      // Until the end, or more than any of ours has.
    }
    return new String(text.array(), 0, text.position(), StandardCharsets.ISO_8859_1);
  }

  /** Names the holder. On a full disk the lock holds without. */
  private static void write(FileChannel opened) {
    try {
      opened.truncate(0);
      byte[] text = (LockHolder.current() + "\n").getBytes(StandardCharsets.ISO_8859_1);
      opened.write(ByteBuffer.wrap(text), 0);
    } catch (IOException e) {
      LOG.debug("a lock without a name: {}", e.getMessage());
    }
  }

  /** Releases the lock. Does nothing if it is released already. */
  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    try (FileChannel last = channel) {
      channel = null;
      // First: a file that cannot be deleted must name nobody.
      last.truncate(0);
      // Somebody may have deleted it, as a refusal says, and another process made its own.
      if (Identity.of(file).filter(one -> one.hasKey(fileKey)).isPresent()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // The lock itself ends with the channel.
      LOG.debug("{} stays: {}", file, e.getMessage());
    } finally {
      HELD.remove(file);
      removeMade();
    }
  }

  private void removeMade() {
    if (made) {
      try {
        Files.delete(folder);
      } catch (IOException e) {
        // Usually: it holds what was written.
        LOG.debug("{} stays: {}", folder, e.getMessage());
      }
    }
  }

  /** Tells a file from a later one of the same name, whose key may be the same. */
  private record Identity(Object fileKey, FileTime created) {

    static Optional<Identity> of(Path file) throws IOException {
      try {
        BasicFileAttributes found =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isRegularFile()) {
          throw new FileSystemException(file.toString(), null, "expected a lock file or nothing");
        }
        return Optional.of(new Identity(found.fileKey(), found.creationTime()));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }

    boolean hasKey(Object key) {
      return Objects.equals(fileKey, key);
    }
  }
}
