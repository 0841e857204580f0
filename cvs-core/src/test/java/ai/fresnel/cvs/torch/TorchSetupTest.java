package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.LibUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** DJL loads the named folder. This needs a process of its own. */
@EnabledOnOs(OS.LINUX)
class TorchSetupTest {

  @TempDir Path folder;

  /** Loads the engine and computes. */
  public static void main(String[] args) throws IOException {
    if (args.length > 0) {
      TorchRuntime.useLibrary(Path.of(args[0]));
    }
    TorchLibrary before = TorchRuntime.library().orElseThrow();
    try (NDManager manager = TorchRuntime.newManager(TorchRuntime.defaultDevice())) {
      NDArray x = TorchOps.fold(manager.arange(16f).reshape(new Shape(1, 1, 4, 4)), 4);
      System.out.println("sum " + x.sum().getFloat() + " on " + x.getDevice());
    }
    System.out.println("loaded " + LibUtils.getLibtorchPath());
    System.out.println(before.equals(TorchRuntime.library().orElseThrow()) + " " + before.origin());
    System.out.println(before.flavor() + " " + before.version());
  }

  private List<String> run(Map<String, String> environment, String... args) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(
                    Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dai.djl.offline=true",
                        "-DOPT_OUT_TRACKING=true",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-DENGINE_CACHE_DIR=" + folder.resolve("cache"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TorchSetupTest.class.getName()),
                    Stream.of(args))
                .toList());
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    return text.lines().toList();
  }

  /** Makes a ROCm folder that holds the real libraries for CPUs. */
  private Path standIn(String version) throws IOException {
    Path lib = RocmStandIn.torch(folder.resolve("a b"), version);
    TorchRuntime.engine();
    try (Stream<Path> files = Files.list(lib)) {
      for (Path file : files.filter(f -> f.toString().contains(".so")).toList()) {
        if (!file.endsWith("libtorch_hip.so") && !file.endsWith("libshm.so")) {
          Files.delete(file);
        }
      }
    }
    try (Stream<Path> files = Files.list(Path.of(LibUtils.getLibtorchPath()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().contains("djl_torch")) {
          Files.createSymbolicLink(lib.resolve(file.getFileName()), file);
        }
      }
    }
    return lib;
  }

  @AfterEach
  void deleteLinks() throws IOException {
    TestLinks.delete(folder);
  }

  @Test
  void djlLoadsTheFolderThatIsNamed() throws Exception {
    Path lib = standIn("2.7.1+rocm6.3");
    List<String> expected =
        List.of("sum 120.0 on cpu()", "loaded " + lib, "true CVS_LIBTORCH", "ROCM 2.7.1+rocm6.3");
    assertEquals(expected, run(Map.of("CVS_LIBTORCH", lib.toString())));
    // Nothing was unpacked but DJL's JNI library, and nothing written to a folder that is not ours.
    try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
      List<Path> unpacked = files.filter(Files::isRegularFile).toList();
      assertEquals(1, unpacked.size(), unpacked.toString());
      assertTrue(unpacked.get(0).endsWith("0.35.1-libdjl_torch.so"));
    }
    assertFalse(Files.exists(lib.resolve("0.35.1-libdjl_torch.so")));

    List<String> explicit =
        run(Map.of("CVS_LIBTORCH", folder.toString()), lib.getParent().toString());
    assertEquals(expected.subList(0, 2), explicit.subList(0, 2));
    assertEquals("true TorchRuntime.useLibrary", explicit.get(2));
  }

  @Test
  void aVariableThatDjlWouldFollowElsewhereIsNamed() throws Exception {
    Path lib = standIn("2.7.1+rocm6.3");
    List<String> lines =
        run(Map.of("CVS_LIBTORCH", lib.toString(), "PYTORCH_LIBRARY_PATH", "/elsewhere"));
    assertTrue(
        lines
            .get(0)
            .endsWith(
                "the variable PYTORCH_LIBRARY_PATH is /elsewhere and DJL would load that,"
                    + " expected it unset or "
                    + lib),
        lines.toString());
  }

  @Test
  void itIsTooLateWhenTheEngineRuns() throws IOException {
    TorchRuntime.engine();
    Path lib = RocmStandIn.torch(folder, "2.7.1+rocm6.3");
    assertThrows(IllegalStateException.class, () -> TorchRuntime.useLibrary(lib));
    assertEquals(Device.cpu().isGpu(), TorchRuntime.memory(Device.cpu()).isPresent());
  }
}
