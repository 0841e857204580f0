package ai.fresnel.cvs.torch;

import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chooses the libtorch to load, the most explicit choice first:
 *
 * <ol>
 *   <li>the folder that the program sets, {@link TorchRuntime#useLibrary};
 *   <li>the environment variable {@code CVS_LIBTORCH};
 *   <li>{@code PYTORCH_LIBRARY_PATH}, a variable or system property of DJL's;
 *   <li>a native library for GPUs on the class path;
 *   <li>where there is an AMD GPU, a ROCm build of the right version among the Python packages;
 *   <li>a native library for CPUs on the class path.
 * </ol>
 */
final class TorchSearch {

  static final String CVS_LIBTORCH = "CVS_LIBTORCH";
  static final String PYTORCH_LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";

  /** The origin of a library that DJL finds and unpacks itself. */
  static final String BUNDLED = "the class path";

  private static final int MAX_PYTHONS = 200;

  private final Map<String, String> environment;
  private final Path root;
  private final String expected;

  /**
   * Makes a search.
   *
   * @param environment the environment's variables
   * @param root the file system's root, {@code /} except in tests
   * @param expected the release that DJL's JNI library was built for
   */
  TorchSearch(Map<String, String> environment, Path root, String expected) {
    this.environment = environment;
    this.root = root;
    this.expected = expected;
  }

  /**
   * Searches for a library.
   *
   * @param explicit the folder that the program sets, or null
   * @param libraryPath the value of {@link #PYTORCH_LIBRARY_PATH}, or null
   * @param bundled the native libraries on the class path
   * @throws IOException if a named folder holds no libtorch, or one of another version
   */
  Optional<TorchLibrary> find(Path explicit, String libraryPath, Optional<TorchLibrary> bundled)
      throws IOException {
    if (explicit != null) {
      return Optional.of(named(explicit, "TorchRuntime.useLibrary"));
    }
    String variable = environment.get(CVS_LIBTORCH);
    if (variable != null && !variable.isEmpty()) {
      return Optional.of(named(path(variable), CVS_LIBTORCH));
    }
    if (libraryPath != null) {
      Optional<TorchLibrary> library = inLibraryPath(libraryPath);
      if (library.isPresent()) {
        return library;
      }
    }
    if (bundled.isPresent() && bundled.get().flavor() != TorchLibrary.Flavor.CPU) {
      return bundled;
    }
    if (!AmdGpu.all(root).isEmpty()) {
      Optional<TorchLibrary> python = inPython();
      if (python.isPresent()) {
        return python;
      }
    }
    return bundled;
  }

  /** Returns the native library of the class path, in the folder to which DJL unpacks it. */
  static Optional<TorchLibrary> bundled() {
    Platform platform = Platform.detectPlatform("pytorch");
    if (platform.isPlaceholder()) {
      return Optional.empty();
    }
    String flavor = platform.getFlavor();
    String name = platform.getVersion() + '-' + flavor + '-' + platform.getClassifier();
    return Optional.of(
        new TorchLibrary(
            Utils.getEngineCacheDir("pytorch").resolve(name).toAbsolutePath(),
            platform.getVersion(),
            flavor.equals(RocmJar.FLAVOR)
                ? TorchLibrary.Flavor.ROCM
                : flavor.startsWith("cu") ? TorchLibrary.Flavor.CUDA : TorchLibrary.Flavor.CPU,
            BUNDLED));
  }

  private TorchLibrary named(Path path, String origin) throws IOException {
    TorchLibrary library;
    try {
      library = TorchLibrary.open(path, origin);
    } catch (IOException e) {
      throw new IOException(origin + ": " + e.getMessage(), e);
    }
    if (!library.release().isEmpty() && !library.release().equals(expected)) {
      throw new IOException(
          origin
              + ": "
              + library.folder()
              + " is PyTorch "
              + library.version()
              + ", expected "
              + expected);
    }
    return library;
  }

  /** Returns the first of several paths that has a libtorch, as DJL does; none is not an error. */
  private Optional<TorchLibrary> inLibraryPath(String paths) throws IOException {
    for (String part : paths.split(File.pathSeparator, -1)) {
      Path path = path(part);
      if (Files.isRegularFile(path) && path.getParent() != null) {
        path = path.getParent();
      }
      if (!part.isEmpty() && TorchLibrary.isLibtorch(path)) {
        return Optional.of(TorchLibrary.open(path, PYTORCH_LIBRARY_PATH));
      }
    }
    return Optional.empty();
  }

  /** Finds a ROCm libtorch of the right release in the packages of a Python on this machine. */
  private Optional<TorchLibrary> inPython() {
    return pythonPackages().stream()
        .map(packages -> packages.resolve("torch").resolve("lib"))
        .filter(TorchLibrary::isLibtorch)
        .flatMap(folder -> readable(folder).stream())
        .filter(library -> library.flavor() == TorchLibrary.Flavor.ROCM)
        .filter(library -> library.release().equals(expected))
        .findFirst();
  }

  /** Reads a folder that the user did not name: an unreadable folder counts as absent. */
  private static Optional<TorchLibrary> readable(Path folder) {
    try {
      return Optional.of(TorchLibrary.open(folder, "the Python packages"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Lists folders with Python packages in their usual locations, without running Python: of the
   * active environment, then of each {@code bin} on the path, then of the user.
   */
  private List<Path> pythonPackages() {
    Set<Path> prefixes = new LinkedHashSet<>();
    for (String variable : new String[] {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
      String value = environment.getOrDefault(variable, "");
      if (!value.isEmpty()) {
        prefixes.add(path(value));
      }
    }
    for (String bin : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      Path folder = path(bin);
      if (folder.endsWith("bin") && folder.getParent() != null) {
        prefixes.add(folder.getParent());
      }
    }
    String home = environment.getOrDefault("HOME", "");
    if (!home.isEmpty()) {
      prefixes.add(path(home).resolve(".local"));
    }
    List<Path> packages = new ArrayList<>();
    for (Path prefix : prefixes) {
      for (String lib : new String[] {"lib", "lib64"}) {
        for (Path python : pythons(prefix.resolve(lib))) {
          packages.add(python.resolve("site-packages"));
          packages.add(python.resolve("dist-packages"));
        }
      }
    }
    return packages.stream().limit(MAX_PYTHONS).toList();
  }

  private static List<Path> pythons(Path lib) {
    try (Stream<Path> entries = Files.list(lib)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("python3"))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Resolves a path of the environment; under the root in tests. */
  private Path path(String text) {
    try {
      Path path = Path.of(text);
      return path.isAbsolute() && !path.startsWith(root)
          ? root.resolve(path.getRoot().relativize(path))
          : path;
    } catch (InvalidPathException e) {
      return Path.of("");
    }
  }
}
