package ai.fresnel.cvs.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Starts the engine once per process. DJL reads the library to load from environment variables, or
 * else from system properties of the same names. This class sets the properties before DJL reads
 * them.
 */
final class TorchSetup {

  private static final String FLAVOR = "PYTORCH_FLAVOR";
  private static final String EXCLUSION = "PYTORCH_LIBRARY_EXCLUSION";

  private static Path explicit;
  private static Optional<TorchLibrary> library;
  private static volatile Engine engine;

  private TorchSetup() {}

  static synchronized void use(Path folder) throws IOException {
    if (engine != null) {
      throw new IllegalStateException(
          "the engine has started, expected useLibrary before anything else");
    }
    TorchLibrary.open(folder, "useLibrary");
    explicit = folder;
    library = null;
  }

  /** Returns the library that the engine runs on, or will run on. */
  static synchronized Optional<TorchLibrary> library() throws IOException {
    if (library == null) {
      String expected = Platform.fromSystem("pytorch").getVersion();
      library =
          new TorchSearch(System.getenv(), Path.of("/"), expected)
              .find(
                  explicit,
                  Utils.getEnvOrSystemProperty(TorchSearch.PYTORCH_LIBRARY_PATH),
                  TorchSearch.bundled());
    }
    return library;
  }

  static Engine engine() {
    Engine started = engine;
    return started != null ? started : start();
  }

  private static synchronized Engine start() {
    if (engine == null) {
      try {
        Optional<TorchLibrary> chosen = library();
        if (chosen.isPresent()) {
          redirect(chosen.get());
        }
        Engine started = Engine.getEngine("PyTorch");
        // Another part of the program may have started the engine before.
        Path loaded = Path.of(LibUtils.getLibtorchPath());
        if (chosen.isEmpty() || !chosen.get().folder().equals(loaded)) {
          library = Optional.of(TorchLibrary.open(loaded, "DJL"));
        }
        // Unpack only into DJL's own folders: other folders have their kernels.
        if (TorchSearch.bundled().map(TorchLibrary::folder).equals(Optional.of(loaded))) {
          KernelFiles.unpack(loaded);
        }
        engine = started;
      } catch (IOException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
    return engine;
  }

  /** Points DJL at a folder, unless DJL unpacked it itself. */
  private static void redirect(TorchLibrary chosen) throws IOException {
    if (chosen.isBundled()) {
      return;
    }
    String path = chosen.folder().toString();
    System.setProperty(TorchSearch.PYTORCH_LIBRARY_PATH, path);
    String effective = Utils.getEnvOrSystemProperty(TorchSearch.PYTORCH_LIBRARY_PATH);
    if (!chosen.origin().equals(TorchSearch.PYTORCH_LIBRARY_PATH) && !effective.equals(path)) {
      throw new IOException(
          "the variable PYTORCH_LIBRARY_PATH is "
              + effective
              + " and DJL would load that, expected it unset or "
              + path);
    }
    // Otherwise DJL assumes the old C++ ABI, for which it has no JNI library any more.
    setUnlessGiven(FLAVOR, chosen.flavor().jni);
    setUnlessGiven(EXCLUSION, String.join(",", TorchLibrary.PYTHON_ONLY));
  }

  private static void setUnlessGiven(String name, String value) {
    String given = Utils.getEnvOrSystemProperty(name);
    if (given == null || given.isEmpty()) {
      System.setProperty(name, value);
    }
  }
}
