package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.util.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class RocmJarTest {

  private static final String FOLDER = "pytorch/cpu-rocm/linux-x86_64/";

  private static final List<String> LIBRARIES =
      List.of(
          "libc10.so",
          "libc10_hip.so",
          "libgomp-a34b3233.so.1",
          "librocblas.so",
          "libtorch.so",
          "libtorch_cpu.so",
          "libtorch_hip.so",
          "0.35.1-libdjl_torch.so");

  @TempDir Path folder;

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @AfterEach
  void restoreClassPath() {
    Thread.currentThread().setContextClassLoader(before);
  }

  private Path pack(Path lib) throws IOException {
    Path jar = folder.resolve("rocm.jar");
    RocmJar.of(lib).write(jar, done -> {});
    return jar;
  }

  /** Puts a jar on the class path that DJL looks at, beside the native library for CPUs. */
  private void addToClassPath(Path jar) throws IOException {
    Thread.currentThread()
        .setContextClassLoader(new URLClassLoader(new URL[] {jar.toUri().toURL()}, before));
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return contents;
  }

  @Test
  void djlTakesTheJarAndFindsWhatItSays() throws IOException {
    Path lib = RocmStandIn.torch(folder, "2.7.1+rocm6.3");
    List<Long> progress = new ArrayList<>();
    RocmJar packed = RocmJar.of(lib);
    Path jar = folder.resolve("rocm.jar");
    packed.write(jar, progress::add);
    assertEquals(7, packed.libraryCount());
    assertEquals(4, packed.kernelCount());
    assertEquals(packed.size(), progress.get(progress.size() - 1));

    addToClassPath(jar);
    // The CPU's library is on the class path as well.
    Platform platform = Platform.detectPlatform("pytorch");
    assertEquals("cpu-rocm", platform.getFlavor());
    assertEquals("linux-x86_64", platform.getClassifier());
    assertTrue(platform.getVersion().matches("2\\.7\\.1-[0-9]+"), platform.getVersion());
    assertEquals(LIBRARIES, List.of(platform.getLibraries()));
    assertEquals(TorchLibrary.Flavor.ROCM, TorchSearch.bundled().orElseThrow().flavor());

    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (String library : LIBRARIES.subList(0, 7)) {
        assertEquals("library " + library, text(zip, FOLDER + library));
      }
      try (InputStream jni =
          before.getResourceAsStream("jnilib/linux-x86_64/cpu/libdjl_torch.so")) {
        ZipEntry entry = zip.getEntry(FOLDER + "0.35.1-libdjl_torch.so");
        assertArrayEquals(jni.readAllBytes(), zip.getInputStream(entry).readAllBytes());
      }
      for (String left : List.of("libtorch_python.so", "libshm.so", "libstdc++.so.6")) {
        assertEquals(null, zip.getEntry(FOLDER + left));
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".writing")));
    }
  }

  private static String text(ZipFile zip, String name) throws IOException {
    try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void theSameFolderGivesTheSameJarAndAnotherOneAnotherVersion() throws IOException {
    Path lib = RocmStandIn.torch(folder, "2.7.1+rocm6.3");
    byte[] first = Files.readAllBytes(pack(lib));
    assertArrayEquals(first, Files.readAllBytes(pack(lib)));
    addToClassPath(pack(lib));
    String version = Platform.detectPlatform("pytorch").getVersion();
    Files.writeString(lib.resolve("hipblaslt/library/extop_gfx942.co"), "other operations");
    Path other = folder.resolve("other.jar");
    RocmJar.of(lib).write(other, done -> {});
    Thread.currentThread().setContextClassLoader(before);
    addToClassPath(other);
    assertFalse(version.equals(Platform.detectPlatform("pytorch").getVersion()));
  }

  @Test
  void kernelsComeBackInTheirFolders() throws IOException {
    Path lib = RocmStandIn.torch(folder, "2.7.1+rocm6.3");
    addToClassPath(pack(lib));
    Path target = Files.createDirectories(folder.resolve("cache/2.7.1-cpu-rocm"));
    KernelFiles.unpack(target);
    Map<String, String> expected = contents(lib);
    expected.keySet().removeIf(name -> name.indexOf('/') < 0);
    assertEquals(4, expected.size());
    assertEquals(expected, contents(target));
    // Complete folders are not written again; missing ones are.
    Path kernel = target.resolve("hipblaslt/library/extop_gfx942.co");
    Files.writeString(kernel, "touched");
    Files.delete(target.resolve("rocblas/library/TensileLibrary_lazy_gfx1100.dat"));
    Files.delete(target.resolve("rocblas/library/Kernels.so-000-gfx90a-xnack+.hsaco"));
    Files.delete(target.resolve("rocblas/library"));
    Files.delete(target.resolve("rocblas"));
    KernelFiles.unpack(target);
    assertEquals("touched", Files.readString(kernel));
    assertEquals(2, contents(target.resolve("rocblas")).size());
    try (Stream<Path> files = Files.list(target.getParent())) {
      assertEquals(List.of(target), files.toList());
    }
  }

  @Test
  void namesThatLeaveTheFolderAreRefused() throws IOException {
    for (String line :
        List.of("5 ../evil/x", "5 /tmp/x", "5 a/../../x", "5 flat", "x a/b", "5 a//b", "5")) {
      Path jar = folder.resolve("evil.jar");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
        zip.putNextEntry(new ZipEntry(FOLDER + "kernels.txt"));
        zip.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
      Path copy = Files.copy(jar, folder.resolve("evil" + line.hashCode() + ".jar"));
      addToClassPath(copy);
      Path target = Files.createDirectories(folder.resolve("cache/t"));
      IOException error = assertThrows(IOException.class, () -> KernelFiles.unpack(target), line);
      assertTrue(error.getMessage().endsWith("line 1 is no size and relative name of a kernel"));
      assertEquals(Map.of(), contents(folder.resolve("cache")));
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  @Test
  void aKernelOfAnotherSizeIsRefused() throws IOException {
    for (int size : new int[] {4, 6, 0}) {
      Path jar = folder.resolve("size" + size + ".jar");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
        zip.putNextEntry(new ZipEntry(FOLDER + "kernels.txt"));
        zip.write((size + " a/b\n").getBytes(StandardCharsets.UTF_8));
        zip.putNextEntry(new ZipEntry(FOLDER + "a/b"));
        zip.write(new byte[5]);
      }
      addToClassPath(jar);
      Path target = Files.createDirectories(folder.resolve("cache/t"));
      assertThrows(IOException.class, () -> KernelFiles.unpack(target));
      assertEquals(Map.of(), contents(folder.resolve("cache")));
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  private void assertRefused(String expected, Path from) {
    IOException error = assertThrows(IOException.class, () -> RocmJar.of(from));
    assertEquals(expected, error.getMessage());
  }

  @Test
  void foldersWithoutARocmLibtorchAreRefused() throws IOException {
    assertRefused(
        folder + ": no libtorch, expected a folder with libtorch.so, as torch/lib", folder);
    Path lib = RocmStandIn.torch(folder, "2.7.0+rocm6.3");
    Path torch = lib.getParent();
    assertRefused(torch + ": PyTorch 2.7.0+rocm6.3, expected 2.7.1", lib);
    Files.delete(torch.resolve("version.py"));
    assertRefused(
        torch + ": neither version.py nor build-version says which PyTorch this is, expected 2.7.1",
        lib);
    Files.writeString(torch.resolve("build-version"), "2.7.1+rocm6.3");
    RocmJar.of(torch);
    Files.createSymbolicLink(lib.resolve("librocblas.so.4"), Path.of("librocblas.so"));
    assertRefused(
        lib.resolve("librocblas.so.4") + ": a link to librocblas.so, which would be loaded twice",
        lib);
    Files.delete(lib.resolve("librocblas.so.4"));
    Files.move(lib.resolve("rocblas/library"), folder.resolve("away"));
    assertRefused(lib + ": librocblas.so without its kernels, expected rocblas/library", lib);
    Files.delete(lib.resolve("libtorch_cpu.so"));
    assertRefused(lib + ": no libtorch_cpu.so, expected the whole of libtorch", lib);
    Files.delete(lib.resolve("libtorch_hip.so"));
    assertRefused(lib + ": no libtorch_hip.so, expected PyTorch built for ROCm", lib);
  }
}
