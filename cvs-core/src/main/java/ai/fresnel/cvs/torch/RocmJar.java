package ai.fresnel.cvs.torch;

import ai.djl.util.Platform;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipOutputStream;

/**
 * A ROCm libtorch as a native jar in the layout that DJL 0.35 loads. No public repository has one.
 *
 * <pre>
 * native/lib/pytorch.properties                         version, flavor, classifier, libraries
 * pytorch/cpu-rocm/linux-x86_64/libtorch.so             the libraries, all in one folder,
 * pytorch/cpu-rocm/linux-x86_64/0.35.1-libdjl_torch.so  DJL's JNI library among them
 * pytorch/cpu-rocm/linux-x86_64/rocblas/library/...     kernels, which DJL leaves in the jar
 * pytorch/cpu-rocm/linux-x86_64/kernels.txt             their sizes and names
 * </pre>
 *
 * <p>The flavor starts with "cpu", so that DJL accepts it on a machine without CUDA. It sorts after
 * "cpu", so that DJL prefers it to a CPU library on the class path.
 */
public final class RocmJar {

  /** DJL's name of the build. */
  static final String FLAVOR = "cpu-rocm";

  /** The platform, as Maven's classifier. PyTorch is built with ROCm for no other. */
  public static final String CLASSIFIER = "linux-x86_64";

  static final String FOLDER = "pytorch/" + FLAVOR + "/" + CLASSIFIER + "/";
  static final String KERNEL_LIST = FOLDER + "kernels.txt";

  private static final int MAX_FILES = 100_000;
  private static final int MAX_DEPTH = 8;
  private static final Pattern LIBRARY = Pattern.compile("lib[^,\\s]+\\.so(\\.[0-9]+)*");
  private static final Pattern KERNEL = Pattern.compile("[^\\s\\\\]+( [^\\s\\\\]+)*");

  private final TorchLibrary library;
  private final List<Path> libraries;
  private final List<Path> kernels;
  private final long size;

  private RocmJar(TorchLibrary library, List<Path> libraries, List<Path> kernels)
      throws IOException {
    this.library = library;
    this.libraries = libraries;
    this.kernels = kernels;
    long bytes = 0;
    for (Path file : libraries) {
      bytes += Files.size(file);
    }
    for (Path file : kernels) {
      bytes += Files.size(file);
    }
    size = bytes;
  }

  /**
   * Checks the libraries to pack.
   *
   * @param from the folder with a ROCm libtorch, or the one above it
   * @return the jar, which is not written yet
   * @throws IOException if the folder holds no libtorch, none for ROCm, one of another version than
   *     DJL's JNI library was built for, or not all of it
   */
  public static RocmJar of(Path from) throws IOException {
    TorchLibrary library = TorchLibrary.open(from, "the folder to pack");
    Path folder = library.folder();
    if (library.flavor() != TorchLibrary.Flavor.ROCM) {
      throw new IOException(folder + ": no libtorch_hip.so, expected PyTorch built for ROCm");
    }
    String expected = Platform.fromSystem("pytorch").getVersion();
    if (!library.release().equals(expected)) {
      throw new IOException(
          folder.getParent()
              + ": "
              + (library.version().isEmpty()
                  ? "neither version.py nor build-version says which PyTorch this is"
                  : "PyTorch " + library.version())
              + ", expected "
              + expected);
    }
    for (String name : List.of("libc10.so", "libtorch_cpu.so")) {
      if (!Files.isRegularFile(folder.resolve(name))) {
        throw new IOException(folder + ": no " + name + ", expected the whole of libtorch");
      }
    }
    if (library.lacksKernels()) {
      throw new IOException(
          folder + ": librocblas.so without its kernels, expected " + TorchLibrary.ROCBLAS_KERNELS);
    }
    return new RocmJar(library, librariesOf(folder), kernelsOf(folder));
  }

  /**
   * Returns the packed library.
   *
   * @return the library
   */
  public TorchLibrary library() {
    return library;
  }

  /**
   * Returns the artifact's version: PyTorch's without its build.
   *
   * @return such as {@code 2.7.1}
   */
  public String release() {
    return library.release();
  }

  /**
   * Returns the number of packed libraries.
   *
   * @return a number, 3 or more
   */
  public int libraryCount() {
    return libraries.size();
  }

  /**
   * Returns the number of packed files with kernels, which lie in subfolders.
   *
   * @return a number, 0 or more
   */
  public int kernelCount() {
    return kernels.size();
  }

  /**
   * Returns the packed size.
   *
   * @return bytes before compression
   */
  public long size() {
    return size;
  }

  /**
   * Writes the jar, under a temporary name that is then renamed. Files are streamed; neither they
   * nor the jar are limited to 4 GB.
   *
   * @param jar the file, in a folder that exists; an older one is replaced
   * @param progress gets the bytes written so far, of {@link #size}
   * @throws IOException naming the file if it cannot be written; an older one stays
   */
  public void write(Path jar, LongConsumer progress) throws IOException {
    Path temporary = jar.resolveSibling("." + jar.getFileName() + ".writing");
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // The file has gigabytes: overwrite a leftover of a killed process instead of keeping it.
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IOException(jar + ": is being written by another process");
      }
      try {
        channel.truncate(0);
        try (ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel))) {
          new RocmJarWriter(zip, library.folder(), progress).write(libraries, kernels);
          zip.finish();
          channel.force(true);
          Files.move(temporary, jar, StandardCopyOption.ATOMIC_MOVE);
        }
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(temporary);
        // The error of a full disk does not name the file.
        throw new IOException(jar + ": " + e.getMessage(), e);
      }
    }
  }

  private static List<Path> librariesOf(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(Files::isRegularFile).limit(MAX_FILES).sorted().toList();
    }
    List<Path> libraries = new ArrayList<>();
    for (Path file : files) {
      String name = file.getFileName().toString();
      // DJL takes libstdc++ as a sign of the old C++ ABI, and unpacks a JNI library itself.
      if (!LIBRARY.matcher(name).matches()
          || TorchLibrary.PYTHON_ONLY.contains(name)
          || name.startsWith("libstdc++")
          || name.endsWith("libdjl_torch.so")) {
        continue;
      }
      Path real = file.toRealPath();
      if (!real.getFileName().equals(file.getFileName())
          && folder.toRealPath().equals(real.getParent())) {
        throw new IOException(
            file + ": a link to " + real.getFileName() + ", which would be loaded twice");
      }
      libraries.add(file);
    }
    return libraries;
  }

  private static List<Path> kernelsOf(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder, MAX_DEPTH)) {
      files =
          walk.filter(file -> !folder.equals(file.getParent()) && Files.isRegularFile(file))
              .limit(MAX_FILES)
              .sorted()
              .toList();
    }
    if (files.size() == MAX_FILES) {
      throw new IOException(folder + ": " + MAX_FILES + " files or more, no libtorch has as many");
    }
    for (Path file : files) {
      if (!KERNEL.matcher(folder.relativize(file).toString()).matches()) {
        throw new IOException(file + ": a name with white space or a backslash");
      }
    }
    return files;
  }
}
