package ai.fresnel.cvs.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Replaces a whole folder so that a crash at any moment leaves one complete folder, old or new.
 * File systems cannot rename one folder over another, so there are two renames. Between them the
 * target is missing, and {@link #recover} completes the swap.
 *
 * <pre>
 * 1. .x.new is filled and flushed      x (old)     .x.new (incomplete)
 * 2. x is renamed to .x.old           -           .x.new, .x.old (both complete)
 * 3. .x.new is renamed to x           x (new)     .x.old
 * 4. .x.old is deleted                x (new)
 * </pre>
 *
 * <p>One process at a time does so, with a {@link FolderLock} beside the target: another one would
 * take the folders of a swap in progress for leftovers.
 */
public final class FolderSwap {
  private final Path target;
  private final Path fresh;
  private final Path old;
  private final Set<String> files;

  /**
   * Makes a swap.
   *
   * @param target the folder
   * @param files the names of all files that it may hold
   * @throws IOException if it cannot be a folder of files
   */
  public FolderSwap(Path target, Set<String> files) throws IOException {
    // Follow a symbolic link: replace the folder it points to, not the link.
    Path absolute =
        Files.exists(target) ? target.toRealPath() : target.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    if (name == null) {
      throw new IOException(target + " cannot be a model folder");
    }
    this.target = absolute;
    this.fresh = absolute.resolveSibling("." + name + ".new");
    this.old = absolute.resolveSibling("." + name + ".old");
    this.files = files;
  }

  /** Fills a new folder. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes the files.
     *
     * @param folder an empty folder
     * @throws IOException if writing fails
     */
    void writeTo(Path folder) throws IOException;
  }

  /**
   * Replaces the target, or makes it.
   *
   * @param content fills the new folder
   * @throws IOException if the target is something else, which is left alone, if another process
   *     writes it, or if writing fails, which leaves an older folder as it was
   */
  public void replace(Content content) throws IOException {
    try (FolderLock lock = FolderLock.beside(target)) {
      checkReplaceable();
      tidy();
      swap(content);
    }
  }

  private void swap(Content content) throws IOException {
    Files.createDirectory(fresh);
    try {
      content.writeTo(fresh);
      AtomicFiles.flushFolder(fresh);
    } catch (Throwable e) {
      delete(fresh);
      throw e;
    }
    boolean replaces = exists(target);
    if (replaces) {
      Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (replaces) {
        Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
      }
      delete(fresh);
      throw e;
    }
    AtomicFiles.flushFolder(target.getParent());
    if (replaces) {
      delete(old);
    }
  }

  /**
   * Finishes or undoes an interrupted swap; does nothing otherwise.
   *
   * @throws IOException if another process writes the folder, or renaming or deleting fails
   */
  public void recover() throws IOException {
    if (exists(fresh) || exists(old)) {
      try (FolderLock lock = FolderLock.beside(target)) {
        tidy();
      }
    }
  }

  private void tidy() throws IOException {
    if (!exists(target) && exists(old)) {
      // Interrupted between 2 and 3: take the new folder, which is complete, or the old one if it
      // is gone.
      Files.move(exists(fresh) ? fresh : old, target, StandardCopyOption.ATOMIC_MOVE);
      AtomicFiles.flushFolder(target.getParent());
    }
    delete(fresh);
    delete(old);
  }

  /**
   * Returns whether the target is missing because a swap was interrupted.
   *
   * @return true if {@link #recover} helps
   */
  public boolean isInterrupted() {
    return !exists(target) && exists(old);
  }

  /** Refuses to replace, and so to delete, a folder that is not of the kind we write. */
  private void checkReplaceable() throws IOException {
    if (!exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new NotDirectoryException(target.toString());
    }
    for (Path entry : list(target)) {
      if (!files.contains(entry.getFileName().toString())) {
        throw new IOException(
            target
                + " holds "
                + entry.getFileName()
                + ", which is no file of a model folder: not replaced");
      }
    }
  }

  private static boolean exists(Path path) {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Deletes a folder of files, but no folders below it, so that a mistake stays small. */
  private static void delete(Path folder) throws IOException {
    if (!exists(folder)) {
      return;
    }
    for (Path entry : list(folder)) {
      Files.delete(entry);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }
}
