package ai.fresnel.cvs.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A libtorch on this machine: the folder that holds {@code libtorch.so}, as in the {@code lib}
 * folder of PyTorch's Python package, of its C++ archive, or where DJL unpacks a native jar.
 *
 * @param folder the folder with the libraries, absolute
 * @param version PyTorch's version according to the folder, such as {@code 2.7.1+rocm6.3}; empty if
 *     unknown
 * @param flavor the GPUs that it supports
 * @param origin how it was found, in words
 */
public record TorchLibrary(Path folder, String version, Flavor flavor, String origin) {

  /** The GPUs that a libtorch supports. */
  public enum Flavor {
    /** No GPUs. */
    CPU("cpu"),
    /** NVIDIA's GPUs. */
    CUDA("cu128"),
    /** AMD's GPUs, under the device names of CUDA. */
    ROCM("cpu");

    /**
     * Returns the build of DJL's JNI library for it. There is none for ROCm. The one for CPUs calls
     * only libtorch, which is enough.
     */
    final String jni;

    Flavor(String jni) {
      this.jni = jni;
    }
  }

  /** Libraries of the Python package that Java does not need, or that need Python. */
  static final Set<String> PYTHON_ONLY =
      Set.of(
          "libtorch_python.so",
          "libtorch_global_deps.so",
          "libshm.so",
          "libbackend_with_compiler.so",
          "libjitbackend_test.so",
          "libtorchbind_test.so",
          "libaoti_custom_ops.so");

  /** Where rocBLAS looks for its kernels, from the folder that holds it. */
  static final String ROCBLAS_KERNELS = "rocblas/library";

  private static final String MAIN = System.mapLibraryName("torch");
  private static final int MAX_TEXT = 1 << 16;
  private static final int MAX_KERNEL_FILES = 100_000;
  private static final Pattern PYTHON_VERSION =
      Pattern.compile("(?m)^__version__\\s*=\\s*['\"]([0-9A-Za-z.+_-]{1,64})['\"]");
  private static final Pattern PLAIN_VERSION = Pattern.compile("[0-9A-Za-z.+_-]{1,64}");
  private static final Pattern TARGET = Pattern.compile("gfx[0-9a-f]{3,6}(?![0-9a-f])");

  /**
   * Recognises the libtorch in a folder.
   *
   * @param path the folder with {@code libtorch.so}, or the one whose {@code lib} folder has it
   * @param origin how it was found, in words
   * @return the library
   * @throws IOException if there is no libtorch, or it cannot be read
   */
  public static TorchLibrary open(Path path, String origin) throws IOException {
    Path folder = path.toAbsolutePath().normalize();
    if (!isLibtorch(folder)) {
      folder = folder.resolve("lib");
      if (!isLibtorch(folder)) {
        throw new IOException(
            path + ": no libtorch, expected a folder with " + MAIN + ", as torch/lib");
      }
    }
    return new TorchLibrary(folder, versionOf(folder), flavorOf(folder), origin);
  }

  /** Returns whether a folder holds libtorch's main library. */
  static boolean isLibtorch(Path folder) {
    return Files.isRegularFile(folder.resolve(MAIN));
  }

  /**
   * Returns whether it is a native jar of the class path, which DJL finds and unpacks by itself.
   *
   * @return false for a folder that DJL did not unpack
   */
  public boolean isBundled() {
    return origin.equals(TorchSearch.BUNDLED);
  }

  /** Returns PyTorch's version without its build, {@code 2.7.1}; empty if unknown. */
  String release() {
    int plus = version.indexOf('+');
    return plus < 0 ? version : version.substring(0, plus);
  }

  /**
   * Returns the GPU architectures that rocBLAS has kernels for.
   *
   * @return names such as {@code gfx1100}; empty for libraries without ROCm, and where the kernels
   *     are elsewhere, such as those of a system-wide ROCm
   * @throws IOException if the folder cannot be listed
   */
  public Set<String> kernelTargets() throws IOException {
    Set<String> targets = new TreeSet<>();
    Path kernels = folder.resolve(ROCBLAS_KERNELS);
    if (flavor != Flavor.ROCM || !Files.isDirectory(kernels)) {
      return targets;
    }
    try (Stream<Path> files = Files.list(kernels)) {
      files
          .limit(MAX_KERNEL_FILES)
          .forEach(
              file -> {
                Matcher matcher = TARGET.matcher(file.getFileName().toString());
                if (matcher.find()) {
                  targets.add(matcher.group());
                }
              });
    }
    return targets;
  }

  /**
   * Returns whether rocBLAS lies beside libtorch but its kernels do not, so that the first matrix
   * product on a GPU would end the process.
   *
   * @return true if they are missing
   */
  public boolean lacksKernels() {
    return Files.exists(folder.resolve("librocblas.so"))
        && !Files.isDirectory(folder.resolve(ROCBLAS_KERNELS));
  }

  private static Flavor flavorOf(Path folder) {
    if (Files.exists(folder.resolve(System.mapLibraryName("torch_hip")))) {
      return Flavor.ROCM;
    }
    return Files.exists(folder.resolve(System.mapLibraryName("torch_cuda")))
        ? Flavor.CUDA
        : Flavor.CPU;
  }

  /**
   * Reads, without running it, {@code version.py} of the Python package or {@code build-version} of
   * the C++ archive.
   */
  private static String versionOf(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (parent == null) {
      return "";
    }
    Path python = parent.resolve("version.py");
    if (Files.isRegularFile(python)) {
      Matcher matcher = PYTHON_VERSION.matcher(head(python));
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    for (String name : new String[] {"build-version", "build_version"}) {
      Path plain = parent.resolve(name);
      if (Files.isRegularFile(plain)) {
        String text = head(plain).strip();
        if (PLAIN_VERSION.matcher(text).matches()) {
          return text;
        }
      }
    }
    return "";
  }

  private static String head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_TEXT), StandardCharsets.UTF_8);
    }
  }
}
