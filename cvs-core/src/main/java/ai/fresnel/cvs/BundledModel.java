package ai.fresnel.cvs;

import ai.fresnel.cvs.model.ModelFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/**
 * Unpacks the model folder of this library's resources while it is read. Weights are read from a
 * file, and resources are often inside a jar.
 */
final class BundledModel implements AutoCloseable {

  private static final String RESOURCE = "bundled/";
  private static final String PREFIX = "cvs-model";

  /** Loading takes seconds: a process that was killed left what is older. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path folder;

  private BundledModel(Path folder) {
    this.folder = folder;
  }

  static BundledModel unpack() throws IOException {
    deleteAbandoned(Path.of(System.getProperty("java.io.tmpdir")));
    BundledModel model = new BundledModel(Files.createTempDirectory(PREFIX));
    boolean whole = false;
    try {
      for (String file : ModelFolder.FILES) {
        try (InputStream in = BundledModel.class.getResourceAsStream(RESOURCE + file)) {
          if (in == null) {
            throw new FileNotFoundException("this build of the library has no " + RESOURCE + file);
          }
          Files.copy(in, model.folder.resolve(file));
        }
      }
      whole = true;
      return model;
    } finally {
      if (!whole) {
        model.close();
      }
    }
  }

  /**
   * Deletes the models that killed processes of this user left, but no file that is not one of a
   * model's: others may write to the folder too. Never an error.
   */
  static void deleteAbandoned(Path temporary) {
    Instant limit = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
      for (Path folder : folders) {
        deleteIfOld(folder, limit);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return; // the folder cannot be listed
    }
  }

  private static void deleteIfOld(Path folder, Instant limit) {
    try {
      BasicFileAttributes about =
          Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (about.isDirectory() && about.lastModifiedTime().toInstant().isBefore(limit)) {
        new BundledModel(folder).close();
      }
    } catch (IOException e) {
      return; // another user's, or another process deletes it
    }
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    for (String file : ModelFolder.FILES) {
      Files.deleteIfExists(folder.resolve(file));
    }
    Files.deleteIfExists(folder);
  }
}
