package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Stream;

/** The files of a directory tree. Ignores links that lead outside. */
final class FolderArchive extends Archive {
  private final Path root;

  FolderArchive(Path root) throws IOException {
    this.root = root.toRealPath();
    try (Stream<Path> walk = Files.walk(this.root)) {
      for (Iterator<Path> files = walk.iterator(); files.hasNext(); ) {
        Path file = files.next();
        if (Files.isRegularFile(file)) {
          register(this.root.relativize(file).toString().replace('\\', '/'));
        }
      }
    }
  }

  /** Returns the file on disk. */
  Path path(String name) {
    return root.resolve(name);
  }

  @Override
  String label() {
    return root.getFileName() == null ? root.toString() : root.getFileName().toString();
  }

  @Override
  InputStream open(String name) throws IOException {
    Path file = path(name).toRealPath();
    if (!file.startsWith(root)) {
      throw new IOException(label() + ": " + name + " leads outside the folder");
    }
    return Files.newInputStream(file);
  }

  @Override
  public void close() {}
}
