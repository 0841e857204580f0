package ai.fresnel.cvs.torch;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.ClassLoaderUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Starts the engine once per process. DJL reads the library to load from environment variables, or
 * else from system properties of the same names. This class sets the properties before DJL reads
 * them.
 */
final class TorchSetup {

  private static final String FLAVOR = "PYTORCH_FLAVOR";
  private static final String EXCLUSION = "PYTORCH_LIBRARY_EXCLUSION";

  private static final String NO_REPORT = "OPT_OUT_TRACKING";
  private static final String OFFLINE = "ai.djl.offline";

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
      // An interrupt would close the files that are unpacked; it is for later.
      boolean interrupted = Thread.interrupted();
      try {
        Optional<TorchLibrary> chosen = library();
        if (chosen.isPresent()) {
          redirect(chosen.get());
        }
        repair(chosen);
        Engine started = quietEngine(chosen.isPresent());
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
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
    return engine;
  }

  /**
   * Starts the engine. DJL reports that it is used to its makers' servers, for which it asks the
   * cloud's metadata server where it runs, and fetches libraries that are missing. Both are off
   * unless the program or the environment says otherwise.
   */
  private static Engine quietEngine(boolean library) {
    setUnlessGiven(NO_REPORT, "true");
    boolean decided =
        System.getenv("DJL_OFFLINE") != null
            || System.getProperty(OFFLINE) != null
            || System.getProperty("offline") != null;
    if (!decided) {
      System.setProperty(OFFLINE, "true");
    }
    try {
      return Engine.getEngine("PyTorch");
    } catch (EngineException e) {
      if (library || !Utils.isOfflineMode()) {
        throw e;
      }
      throw new EngineException(
          "no native library of PyTorch is on the class path, expected pytorch-native-cpu and"
              + " pytorch-jni, or -D"
              + OFFLINE
              + "=false to let DJL fetch them",
          e);
    } finally {
      if (!decided) {
        // Other models of the program may be fetched.
        System.clearProperty(OFFLINE);
      }
    }
  }

  /** Unpacks what is missing or damaged of the libraries that DJL takes from its cache. */
  private static void repair(Optional<TorchLibrary> chosen) throws IOException {
    Platform platform = Platform.detectPlatform("pytorch");
    String flavor = platform.getFlavor();
    if (chosen.isPresent() && chosen.get().isBundled()) {
      String jar = "pytorch/" + flavor + '/' + platform.getClassifier() + '/';
      Map<String, URL> sources = new LinkedHashMap<>();
      for (String name : platform.getLibraries()) {
        URL source = ClassLoaderUtils.getResource(jar + name);
        if (source != null) {
          sources.put(name, source);
        }
      }
      // DJL takes this one as the sign that all are there.
      String main = System.mapLibraryName("torch");
      if (sources.containsKey(main)) {
        sources.put(main, sources.remove(main));
      }
      new UnpackedLibraries(chosen.get().folder(), sources).ensure();
    } else if (Utils.getEnvOrSystemProperty(FLAVOR) != null) {
      flavor = Utils.getEnvOrSystemProperty(FLAVOR);
    }
    String jni = System.mapLibraryName("djl_torch");
    URL source =
        ClassLoaderUtils.getResource(
            "jnilib/" + platform.getClassifier() + '/' + flavor + '/' + jni);
    if (source != null) {
      String name = platform.getVersion() + '-' + flavor + '-' + platform.getClassifier();
      Path folder = Utils.getEngineCacheDir("pytorch").resolve(name).toAbsolutePath();
      UnpackedLibraries.deleteDamaged(folder.resolve(platform.getApiVersion() + '-' + jni), source);
    }
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
