package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The files of a directory tree. Looks up names in the folders on their way only; {@link #walk}
 * finds all files. Ignores links that lead outside.
 */
final class FolderArchive extends Archive {
  private final Path root;

  /** The one file that may be a link to anywhere, since the user named it; "" for none. */
  private final String named;

  /** By the real path of a folder from the root: from lower-case to real names of its entries. */
  private final Map<String, Map<String, String>> listings = new ConcurrentHashMap<>();

  FolderArchive(Path root) throws IOException {
    this(root, "");
  }

  /**
   * Opens a folder.
   *
   * @param root the folder
   * @param named the name of a file in it, which is read even if it is a link to outside
   */
  FolderArchive(Path root, String named) throws IOException {
    this.root = root.toRealPath();
    this.named = named;
  }

  /**
   * Finds all files, for {@link #names}.
   *
   * @return the files and folders that cannot be read, relative to the root
   */
  List<String> walk() throws IOException {
    List<String> unreadable = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() || (attributes.isSymbolicLink() && isInside(file))) {
              register(relative(file));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(root)) {
              throw e;
            }
            unreadable.add(relative(file));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException e) {
            if (e != null) {
              unreadable.add(relative(folder));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(unreadable);
    return unreadable;
  }

  private String relative(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  /** Returns the file on disk. */
  Path path(String name) {
    return root.resolve(name);
  }

  /** Says whether a path is a file in the folder, after following links. */
  private boolean isInside(Path file) {
    try {
      return Files.isRegularFile(file) && file.toRealPath().startsWith(root);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  String lookUp(String lower) {
    String real = "";
    for (String part : lower.split("/", -1)) {
      String entry = listings.computeIfAbsent(real, this::list).get(part);
      if (entry == null) {
        return null;
      }
      real = real.isEmpty() ? entry : real + "/" + entry;
    }
    return real.equals(named) || isInside(path(real)) ? real : null;
  }

  /** Lists a folder; empty if it is none or cannot be read. */
  private Map<String, String> list(String folder) {
    Map<String, String> entries = new TreeMap<>();
    try (Stream<Path> list = Files.list(path(folder))) {
      list.limit(MAX_FILES)
          .map(path -> path.getFileName().toString())
          .sorted()
          .forEach(name -> entries.putIfAbsent(name.toLowerCase(Locale.ROOT), name));
    } catch (IOException | RuntimeException e) {
      return Map.of();
    }
    return entries;
  }

  @Override
  String label() {
    return root.getFileName() == null ? root.toString() : root.getFileName().toString();
  }

  @Override
  InputStream open(String name) throws IOException {
    Path file = path(name).toRealPath();
    if (!file.startsWith(root) && !name.equals(named)) {
      throw new IOException(label(name) + " leads outside the folder");
    }
    return Files.newInputStream(file);
  }

  @Override
  public void close() {}
}
