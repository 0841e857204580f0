package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class RocmPackVerbTest extends CommandTest {

  private Path torch() throws IOException {
    Path lib = Files.createDirectories(folder.resolve("torch/lib"));
    Files.writeString(lib.resolveSibling("version.py"), "__version__ = '2.7.1+rocm6.3'\n");
    for (String name :
        new String[] {
          "libtorch.so", "libtorch_cpu.so", "libtorch_hip.so", "libc10.so", "librocblas.so"
        }) {
      Files.writeString(lib.resolve(name), name);
    }
    Path kernels = Files.createDirectories(lib.resolve("rocblas/library"));
    Files.writeString(kernels.resolve("TensileLibrary_lazy_gfx1100.dat"), "kernels");
    return lib;
  }

  @Test
  void theArtifactLiesWhereMavenLooksForIt() throws IOException {
    Path lib = torch();
    Path repository = folder.resolve("repository");
    String[] args = {"rocm-pack", "--from", lib.toString(), "--repository", repository.toString()};
    assertEquals(0, run(args), err);
    Path version = repository.resolve("ai/djl/pytorch/pytorch-native-rocm/2.7.1");
    String jar = "pytorch-native-rocm-2.7.1-linux-x86_64.jar";
    String pom = "pytorch-native-rocm-2.7.1.pom";
    // Twice gives the same.
    assertEquals(0, run(args), err);
    try (Stream<Path> files = Files.list(version)) {
      assertEquals(
          List.of("_remote.repositories", jar, pom),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
    assertTrue(Files.readString(version.resolve(pom)).startsWith("<?xml"));
    assertTrue(
        Files.readString(version.resolve(pom))
            .contains("<artifactId>pytorch-native-rocm</artifactId>"));
    Properties properties = new Properties();
    try (ZipFile zip = new ZipFile(version.resolve(jar).toFile())) {
      properties.load(zip.getInputStream(zip.getEntry("native/lib/pytorch.properties")));
      assertTrue(
          zip.getEntry(
                  "pytorch/cpu-rocm/linux-x86_64/rocblas/library/TensileLibrary_lazy_gfx1100.dat")
              != null);
    }
    assertEquals("cpu-rocm", properties.getProperty("flavor"));
    assertTrue(out.contains("libraries   5, and 1 files of kernels"), out);
    assertTrue(
        out.contains("artifact    ai.djl.pytorch:pytorch-native-rocm:2.7.1:linux-x86_64"), out);
  }

  @Test
  void whatIsNoRocmLibtorchIsOneLine() throws IOException {
    Path lib = torch();
    Files.delete(lib.resolve("libtorch_hip.so"));
    Path repository = folder.resolve("repository");
    assertEquals(
        1, run("rocm-pack", "--from", lib.toString(), "--repository", repository.toString()));
    assertEquals(
        "cvs rocm-pack: " + lib + ": no libtorch_hip.so, expected PyTorch built for ROCm\n", err);
    Path gone = folder.resolve("gone");
    assertEquals(1, run("rocm-pack", "--from", gone.toString()));
    assertEquals("cvs rocm-pack: " + gone + ": no such file or folder\n", err);
    assertFalse(Files.exists(repository));
    assertEquals(2, run("rocm-pack"));
  }
}
