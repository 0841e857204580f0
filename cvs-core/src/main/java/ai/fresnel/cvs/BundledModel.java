package ai.fresnel.cvs;

import ai.fresnel.cvs.model.ModelFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Unpacks the model folder of this library's resources while it is read. Weights are read from a
 * file, and resources are often inside a jar.
 */
final class BundledModel implements AutoCloseable {

  private static final String RESOURCE = "bundled/";

  private final Path folder;

  private BundledModel(Path folder) {
    this.folder = folder;
  }

  static BundledModel unpack() throws IOException {
    BundledModel model = new BundledModel(Files.createTempDirectory("cvs-model"));
    try {
      for (String file : ModelFolder.FILES) {
        try (InputStream in = BundledModel.class.getResourceAsStream(RESOURCE + file)) {
          if (in == null) {
            throw new FileNotFoundException("this build of the library has no " + RESOURCE + file);
          }
          Files.copy(in, model.folder.resolve(file));
        }
      }
      return model;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
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
