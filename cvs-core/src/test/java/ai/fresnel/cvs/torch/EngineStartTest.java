package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.LibUtils;
import ai.djl.util.Ec2Utils;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What the engine does as it starts, in a process of its own. */
@EnabledOnOs(OS.LINUX)
class EngineStartTest {

  @TempDir Path folder;

  /** Starts the engine, and says what became of it. */
  public static void main(String[] args) throws Exception {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      System.out.println("sum " + manager.ones(new Shape(3)).sum().getFloat());
    }
    Field time = Ec2Utils.class.getDeclaredField("lastCheckIn");
    time.setAccessible(true);
    System.out.println(time.getLong(null) == 0 ? "not reported" : "reported");
    System.out.println(System.getProperty("OPT_OUT_TRACKING"));
    System.out.println(System.getProperty("ai.djl.offline"));
  }

  /** Makes a cache that shares its files with the user's. */
  private Path cache() throws IOException {
    TorchRuntime.engine();
    Path whole = Path.of(LibUtils.getLibtorchPath());
    Path copy = Files.createDirectories(folder.resolve("pytorch").resolve(whole.getFileName()));
    try (Stream<Path> files = Files.list(whole)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.createSymbolicLink(copy.resolve(file.getFileName()), file);
      }
    }
    return copy;
  }

  /** Replaces a link by the first bytes of its file, as a full disk or a killed process leaves. */
  private static void cutOff(Path file, int size) throws IOException {
    byte[] start = new byte[size];
    try (RandomAccessFile whole = new RandomAccessFile(file.toRealPath().toFile(), "r")) {
      whole.readFully(start);
    }
    Files.delete(file);
    Files.write(file, start);
  }

  private List<String> start(String... options) throws Exception {
    return new ChildJava(EngineStartTest.class)
        .options("-DENGINE_CACHE_DIR=" + folder)
        .options(options)
        .run();
  }

  @AfterEach
  void deleteLinks() throws IOException {
    TestLinks.delete(folder);
  }

  @Test
  void aDamagedLibraryIsUnpackedAgain() throws Exception {
    Path libraries = cache();
    Path core = libraries.resolve("libc10.so");
    byte[] expected = Files.readAllBytes(core);
    cutOff(core, 700_000);
    Path jni = libraries.resolve("0.35.1-libdjl_torch.so");
    byte[] expectedJni = Files.readAllBytes(jni);
    cutOff(jni, 2_000_000);
    assertEquals("sum 3.0", start().get(0));
    assertArrayEquals(expected, Files.readAllBytes(core));
    assertArrayEquals(expectedJni, Files.readAllBytes(jni));
    assertTrue(Files.isSymbolicLink(libraries.resolve("libtorch_cpu.so")), "only what is damaged");
  }

  /** Neither to DJL's servers nor to a cloud's metadata server; DJL may fetch other models. */
  @Test
  void nothingIsReportedUnlessTheUserWantsIt() throws Exception {
    cache();
    assertEquals(List.of("sum 3.0", "not reported", "true", "null"), start());
    assertEquals(
        List.of("sum 3.0", "not reported", "false", "true"),
        start("-DOPT_OUT_TRACKING=false", "-Dai.djl.offline=true"));
    assertFalse(Files.exists(folder.resolve("pytorch").resolve(".cvs.lock")), "nothing to unpack");
  }
}
