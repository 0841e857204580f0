package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class TorchSearchTest {

  @TempDir Path root;

  private final Map<String, String> environment = new HashMap<>();

  private static final Optional<TorchLibrary> CPU_JAR =
      Optional.of(
          new TorchLibrary(
              Path.of("/cache/cpu"), "2.7.1-1", TorchLibrary.Flavor.CPU, TorchSearch.BUNDLED));

  private Optional<TorchLibrary> find(Path explicit, String path, Optional<TorchLibrary> bundled)
      throws IOException {
    return new TorchSearch(environment, root, "2.7.1").find(explicit, path, bundled);
  }

  private void assertFails(String expected, Path explicit) {
    IOException error =
        assertThrows(IOException.class, () -> find(explicit, null, Optional.empty()));
    assertEquals(expected, error.getMessage());
  }

  @Test
  void theMostExplicitChoiceWins() throws IOException {
    Path a = RocmStandIn.torch(root.resolve("a"), "2.7.1+rocm6.3");
    Path b = RocmStandIn.torch(root.resolve("b"), "2.7.1+rocm6.3");
    Path c = RocmStandIn.torch(root.resolve("c"), "2.7.1+rocm6.3");
    assertEquals(CPU_JAR, find(null, null, CPU_JAR));
    String paths = root.resolve("none") + ":" + c.resolve("libtorch.so");
    TorchLibrary inPath = find(null, paths, CPU_JAR).orElseThrow();
    assertEquals(c, inPath.folder());
    assertEquals("PYTORCH_LIBRARY_PATH", inPath.origin());
    environment.put("CVS_LIBTORCH", b.toString());
    assertEquals(b, find(null, paths, CPU_JAR).orElseThrow().folder());
    TorchLibrary named = find(a.getParent(), paths, CPU_JAR).orElseThrow();
    assertEquals(a, named.folder());
    assertEquals("2.7.1+rocm6.3", named.version());
    assertEquals(TorchLibrary.Flavor.ROCM, named.flavor());
  }

  @Test
  void aWrongNamedLibraryIsRefused() throws IOException {
    assertFails(
        "TorchRuntime.useLibrary: "
            + root
            + ": no libtorch, expected a folder with libtorch.so, as torch/lib",
        root);
    Path other = RocmStandIn.torch(root, "2.8.0+rocm6.4");
    assertFails(
        "TorchRuntime.useLibrary: " + other + " is PyTorch 2.8.0+rocm6.4, expected 2.7.1", other);
    environment.put("CVS_LIBTORCH", root.resolve("gone").toString());
    assertFails(
        "CVS_LIBTORCH: "
            + root.resolve("gone")
            + ": no libtorch, expected a folder with libtorch.so, as torch/lib",
        null);
  }

  /** Python's packages are used only with an AMD GPU, and then before a jar for CPUs. */
  @Test
  void aRocmPythonIsFoundWhereThereIsAnAmdGpu() throws IOException {
    Path packages = root.resolve("opt/venv/lib/python3.12/site-packages");
    Path torch = RocmStandIn.torch(packages, "2.7.1+rocm6.3");
    environment.put("PATH", "/usr/bin:/opt/venv/bin");
    assertEquals(CPU_JAR, find(null, null, CPU_JAR));
    RocmStandIn.gpu(root, 1, 128, 110000, 10, 1);
    assertEquals(torch, find(null, null, CPU_JAR).orElseThrow().folder());
    assertEquals(torch, find(null, null, Optional.empty()).orElseThrow().folder());
    Optional<TorchLibrary> rocmJar =
        Optional.of(
            new TorchLibrary(
                Path.of("/cache/rocm"), "2.7.1-1", TorchLibrary.Flavor.ROCM, TorchSearch.BUNDLED));
    assertEquals(rocmJar, find(null, null, rocmJar));
    environment.put("PATH", "/usr/bin");
    assertEquals(CPU_JAR, find(null, null, CPU_JAR));
    for (String variable : new String[] {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
      environment.put(variable, "/opt/venv");
      assertEquals(torch, find(null, null, CPU_JAR).orElseThrow().folder());
      environment.remove(variable);
    }
  }

  @Test
  void otherPythonsAreLeftAlone() throws IOException {
    RocmStandIn.gpu(root, 1, 128, 110000, 10, 1);
    environment.put("HOME", "/home/u");
    Path user = root.resolve("home/u/.local/lib");
    RocmStandIn.torch(user.resolve("python3.10/site-packages"), "2.8.0+rocm6.4");
    Path cuda = RocmStandIn.torch(user.resolve("python3.11/site-packages"), "2.7.1+cu126");
    Files.move(cuda.resolve("libtorch_hip.so"), cuda.resolve("libtorch_cuda.so"));
    assertEquals(CPU_JAR, find(null, null, CPU_JAR));
    assertEquals(TorchLibrary.Flavor.CUDA, TorchLibrary.open(cuda, "test").flavor());
    Path right = RocmStandIn.torch(user.resolve("python3.12/site-packages"), "2.7.1+rocm6.3");
    assertEquals(right, find(null, null, CPU_JAR).orElseThrow().folder());
  }

  @Test
  void aLibraryTellsItsVersionAndKernels() throws IOException {
    Path lib = RocmStandIn.torch(root, "2.7.1+rocm6.3");
    TorchLibrary library = TorchLibrary.open(lib, "test");
    assertEquals(Set.of("gfx1100", "gfx90a"), library.kernelTargets());
    assertFalse(library.lacksKernels());
    Files.move(lib.resolve("rocblas"), root.resolve("rocblas"));
    library = TorchLibrary.open(lib, "test");
    assertEquals(Set.of(), library.kernelTargets());
    assertTrue(library.lacksKernels());
    // The version file of the C++ archive.
    Files.delete(lib.resolveSibling("version.py"));
    assertEquals("", TorchLibrary.open(lib, "test").version());
    Files.writeString(lib.resolveSibling("build-version"), "2.7.1+rocm6.3\n");
    assertEquals("2.7.1+rocm6.3", TorchLibrary.open(lib, "test").version());
  }
}
