package ai.fresnel.cvs.splat.file;

import static ai.fresnel.cvs.splat.file.Clouds.assertWithin;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplatFilesTest {

  @TempDir Path folder;

  /** All formats hold the same object the same way up, whatever their axes are. */
  @Test
  void formatsAgree() throws IOException {
    GaussianCloud cloud = Clouds.random(200, 3, 9);
    GaussianArrays expected = cloud.arrays();
    for (String name : List.of("a.ply", "a.splat", "a.spz")) {
      Path file = folder.resolve(name);
      SplatFiles.write(file, cloud);
      GaussianArrays read = SplatFiles.read(file).arrays();
      assertWithin(1.0 / 8192, expected.means(), read.means(), name);
      assertWithin(0.5001 / 16, expected.logScales(), read.logScales(), name);
      assertWithin(0.5001 / 255, Clouds.opacities(expected), Clouds.opacities(read), name);
      assertTrue(Clouds.largestTurn(expected, read) < 0.3, name);
    }
  }

  @Test
  void theContentDecidesTheFormat() throws IOException {
    Path ply = folder.resolve("a.ply");
    SplatFiles.write(ply, Clouds.random(2, 1, 1));
    Path renamed = Files.move(ply, folder.resolve("a.splat"));
    assertEquals(1, SplatFiles.read(renamed).shDegree());
    Path spz = folder.resolve("B.SPZ");
    SplatFiles.write(spz, Clouds.random(2, 1, 1));
    assertEquals(1, SplatFiles.read(Files.move(spz, folder.resolve("b"))).shDegree());
  }

  @Test
  void askedAxesAreWritten() throws IOException {
    GaussianCloud cloud = Clouds.random(5, 0, 1);
    Path file = folder.resolve("a.ply");
    SplatFiles.write(file, cloud, SplatAxes.Y_DOWN);
    assertArrayEquals(
        SplatAxes.Y_DOWN.fromWorld(cloud).arrays().means(), SplatFiles.read(file).arrays().means());
    assertArrayEquals(
        cloud.arrays().means(), SplatFiles.read(file, SplatAxes.Y_DOWN).arrays().means());
  }

  @Test
  void writesCompletelyOrNotAtAll() throws IOException {
    GaussianCloud cloud = Clouds.random(2, 0, 1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SplatFiles.write(folder.resolve("a.obj"), cloud))
            .getMessage();
    assertEquals(
        folder.resolve("a.obj") + ": expected a name that ends in .ply, .splat, .spz, .glb",
        message);
    GaussianCloud none = GaussianCloud.of(GaussianArrays.zeros(0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> SplatFiles.write(folder.resolve("a.glb"), none));
    Path missing = folder.resolve("missing").resolve("a.ply");
    assertThrows(IOException.class, () -> SplatFiles.write(missing, cloud));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void everyFileThatIsCutOffIsRefused() throws IOException {
    GaussianCloud cloud = Clouds.random(3, 1, 1);
    for (String name : List.of("a.ply", "a.splat", "a.spz")) {
      Path whole = folder.resolve(name);
      SplatFiles.write(whole, cloud);
      byte[] content = Files.readAllBytes(whole);
      Path file = folder.resolve("cut-" + name);
      for (int length = 0; length < content.length; length++) {
        Files.write(file, Arrays.copyOf(content, length));
        if (name.equals("a.splat") && length % 32 == 0) {
          // It has no header, and so no end of its own.
          assertEquals(length / 32, SplatFiles.read(file).size());
        } else {
          String message =
              assertThrows(IOException.class, () -> SplatFiles.read(file)).getMessage();
          assertTrue(message.startsWith(file + ": ") && message.indexOf('\n') < 0, message);
        }
      }
    }
  }

  @Test
  void saysWhatIsNoFile() throws IOException {
    Path missing = folder.resolve("none.ply");
    assertMessage(missing, "is missing");
    assertMessage(folder, "is no file");
    Path other = Files.writeString(folder.resolve("a.txt"), "text");
    assertMessage(other, "expected a .ply, .splat or .spz file of Gaussians");
    Path glb = folder.resolve("a.glb");
    SplatFiles.write(glb, Clouds.random(2, 0, 1));
    assertMessage(glb, "expected a .ply, .splat or .spz file of Gaussians");
  }

  private static void assertMessage(Path file, String message) {
    assertEquals(
        file + ": " + message,
        assertThrows(IOException.class, () -> SplatFiles.read(file)).getMessage());
  }
}
