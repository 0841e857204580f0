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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DotSplatTest {

  private static final double C0 = 0.28209479177387814;

  @TempDir Path folder;

  @Test
  void comesBackWithinItsSteps() throws IOException {
    GaussianCloud cloud = Clouds.random(1000, 2, 5);
    Path file = folder.resolve("a.splat");
    SplatFiles.write(file, cloud, SplatAxes.Z_UP);
    assertEquals(32_000, Files.size(file));
    GaussianArrays expected = cloud.arrays();
    GaussianArrays read = SplatFiles.read(file, SplatAxes.Z_UP).arrays();
    assertArrayEquals(expected.means(), read.means());
    assertWithin(2e-6, expected.logScales(), read.logScales(), "log scale");
    assertWithin(0.5001 / 255, Clouds.opacities(expected), Clouds.opacities(read), "opacity");
    float[] constant = Clouds.harmonics(expected, 0, 0);
    assertWithin(0.5001 / 255 / C0, constant, read.sh(), "colour");
    // Half a step of 1/128 in each of four numbers; 1 itself is a step away.
    assertTrue(Clouds.largestTurn(expected, read) < 2.0 * 2 / 128, "turn");
    // And then nothing changes any more.
    Path again = folder.resolve("b.splat");
    SplatFiles.write(again, SplatFiles.read(file, SplatAxes.Z_UP), SplatAxes.Z_UP);
    byte[] first = Files.readAllBytes(file);
    byte[] second = Files.readAllBytes(again);
    for (int i = 0; i < first.length; i++) {
      if (i % 32 < 12 || i % 32 >= 24) {
        assertEquals(first[i], second[i], i % 32 < 28 ? 0 : 1, "byte " + i);
      }
    }
  }

  @Test
  void coloursOutsideTheirRangeAreCutOff() throws IOException {
    GaussianArrays arrays = Clouds.random(1, 0, 1).arrays();
    arrays.sh()[0] = 5;
    arrays.sh()[1] = -5;
    arrays.opacityLogits()[0] = 100;
    Path file = folder.resolve("a.splat");
    SplatFiles.write(file, GaussianCloud.of(arrays));
    byte[] row = Files.readAllBytes(file);
    assertEquals(-1, row[24]);
    assertEquals(0, row[25]);
    assertEquals(-1, row[27]);
    assertTrue(SplatFiles.read(file).arrays().opacityLogits()[0] < 7);
  }

  /** The published converter sorts, and cuts bytes off where we round them. */
  @Test
  void readsThePublishedConvertersFile() throws IOException {
    GaussianArrays fixture = Clouds.fixture().arrays();
    GaussianArrays read =
        SplatFiles.read(Clouds.resource("antimatter15.splat"), SplatAxes.Z_UP).arrays();
    GaussianArrays expected = GaussianArrays.zeros(50, 0);
    for (int i = 0; i < 50; i++) {
      int from = find(fixture.means(), read.means(), 3 * i) / 3;
      System.arraycopy(fixture.means(), 3 * from, expected.means(), 3 * i, 3);
      System.arraycopy(fixture.logScales(), 3 * from, expected.logScales(), 3 * i, 3);
      System.arraycopy(fixture.rotations(), 4 * from, expected.rotations(), 4 * i, 4);
      System.arraycopy(fixture.sh(), 48 * from, expected.sh(), 3 * i, 3);
      expected.opacityLogits()[i] = fixture.opacityLogits()[from];
    }
    assertArrayEquals(expected.means(), read.means());
    assertWithin(2e-6, expected.logScales(), read.logScales(), "log scale");
    assertWithin(1.001 / 255, Clouds.opacities(expected), Clouds.opacities(read), "opacity");
    // Cut off above 1 and below 0.
    float[] colours = expected.sh().clone();
    for (int i = 0; i < colours.length; i++) {
      colours[i] = (float) Math.max(-0.5 / C0, Math.min(0.5 / C0, colours[i]));
    }
    assertWithin(1.001 / 255 / C0, colours, read.sh(), "colour");
    assertTrue(Clouds.largestTurn(expected, read) < 2.0 * 2 / 128, "turn");
  }

  /** Returns where three numbers of one array are in another. */
  private static int find(float[] in, float[] from, int at) {
    for (int i = 0; i < in.length; i += 3) {
      if (Arrays.equals(in, i, i + 3, from, at, at + 3)) {
        return i;
      }
    }
    throw new AssertionError("no Gaussian is where number " + at / 3 + " is");
  }

  @Test
  void refusesLengthsThatDoNotFit() throws IOException {
    Path file = folder.resolve("a.splat");
    Files.write(file, new byte[33]);
    assertEquals(
        file + ": 33 bytes, expected 32 for each Gaussian of a .splat file",
        assertThrows(IOException.class, () -> SplatFiles.read(file)).getMessage());
    // A quaternion of zeros, 128 in bytes, is none.
    byte[] row = new byte[32];
    Arrays.fill(row, 28, 32, (byte) 128);
    Files.write(file, row);
    assertTrue(
        assertThrows(IOException.class, () -> SplatFiles.read(file))
            .getMessage()
            .contains("none of its 1 Gaussians"));
  }
}
