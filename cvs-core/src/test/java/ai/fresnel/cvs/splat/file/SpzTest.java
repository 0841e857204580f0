package ai.fresnel.cvs.splat.file;

import static ai.fresnel.cvs.splat.file.Clouds.assertWithin;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpzTest {

  @TempDir Path folder;

  @Test
  void everyDegreeComesBackWithinItsSteps() throws IOException {
    for (int degree = 0; degree <= 3; degree++) {
      GaussianCloud cloud = Clouds.random(1000, degree, degree);
      Path file = folder.resolve("degree" + degree + ".spz");
      SplatFiles.write(file, cloud, SplatAxes.Z_UP);
      GaussianArrays read = SplatFiles.read(file, SplatAxes.Z_UP).arrays();
      assertNear(cloud.arrays(), read, 1.0 / 8192);
      // A second time nothing changes.
      Path again = folder.resolve("again.spz");
      SplatFiles.write(again, GaussianCloud.of(read), SplatAxes.Z_UP);
      byte[] first = unpack(file);
      byte[] second = unpack(again);
      int rotations = 16 + 16 * 1000;
      assertArrayEquals(
          Arrays.copyOf(first, rotations), Arrays.copyOf(second, rotations), "degree " + degree);
      assertArrayEquals(
          Arrays.copyOfRange(first, rotations + 3000, first.length),
          Arrays.copyOfRange(second, rotations + 3000, second.length));
    }
  }

  /** Compares with the steps of the format, for numbers within its ranges. */
  private static void assertNear(GaussianArrays expected, GaussianArrays read, double position) {
    assertEquals(expected.shDegree(), read.shDegree());
    assertWithin(position, expected.means(), read.means(), "mean");
    assertWithin(0.5001 / 16, expected.logScales(), read.logScales(), "log scale");
    assertWithin(0.5001 / 255, Clouds.opacities(expected), Clouds.opacities(read), "opacity");
    assertWithin(
        0.5001 / (0.15 * 255),
        Clouds.harmonics(expected, 0, 0),
        Clouds.harmonics(read, 0, 0),
        "colour");
    if (expected.shDegree() > 0) {
      assertWithin(
          // A published encoder rounds twice.
          4.6 / 128, Clouds.harmonics(expected, 1, 3), Clouds.harmonics(read, 1, 3), "degree 1");
    }
    if (expected.shDegree() > 1) {
      int last = GaussianArrays.harmonics(expected.shDegree()) - 1;
      assertWithin(
          8.6 / 128,
          Clouds.harmonics(expected, 4, last),
          Clouds.harmonics(read, 4, last),
          "degree 2");
    }
    float[] one = Clouds.units(expected);
    float[] other = Clouds.units(read);
    for (int i = 0; i < one.length; i++) {
      // w follows from the others: where it is near 0, a small step of theirs is a large one.
      double bound = i % 4 == 0 ? 2.1 * 0.5 * 3 / 127.5 / Math.max(0.1, one[i]) : 0.501 / 127.5;
      boolean signless = one[i - i % 4] < 0.15;
      if (!signless) {
        assertEquals(one[i], other[i], bound, "quaternion " + i);
      }
    }
    assertTrue(Clouds.largestTurn(expected, read) < 0.3, "turn");
  }

  @Test
  void readsNianticsFiles() throws IOException {
    GaussianArrays expected = inRange(Clouds.fixture().arrays());
    GaussianArrays two =
        SplatFiles.read(Clouds.resource("niantic-v2.spz"), SplatAxes.Z_UP).arrays();
    assertNear(expected, two, 1.0 / 8192);
    GaussianArrays three =
        SplatFiles.read(Clouds.resource("niantic-v3.spz"), SplatAxes.Z_UP).arrays();
    assertNear(expected, three, 1.0 / 8192);
    // Three numbers of 9 bits up to √½.
    assertTrue(Clouds.largestTurn(expected, three) < 2.0 * 2 * 0.5 * Math.sqrt(0.5) / 511);
  }

  /** Brings harmonics into the range of 8 bits. */
  private static GaussianArrays inRange(GaussianArrays arrays) {
    float[] sh = arrays.sh();
    for (int i = 0; i < sh.length; i++) {
      float most = i % 48 < 3 ? 3.33f : 127 / 128f;
      sh[i] = Math.max(-most, Math.min(most, sh[i]));
    }
    return arrays;
  }

  @Test
  void writesTheBytesThatNianticWrites() throws IOException {
    Path file = folder.resolve("a.spz");
    SplatFiles.write(file, SplatFiles.read(Clouds.resource("splat50.ply")), SplatAxes.Z_UP);
    assertArrayEquals(unpack(Clouds.resource("niantic-v2.spz")), unpack(file));
  }

  @Test
  void readsVersion1() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16 + 16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0x5053474E).putInt(1).putInt(1).put((byte) 0).put((byte) 12).putShort((short) 0);
    // Float16: 1, -2.5, 2^-24.
    bytes.putShort((short) 0x3C00).putShort((short) 0xC100).putShort((short) 1);
    bytes.put((byte) 128);
    bytes.put(new byte[] {0, 127, -1});
    bytes.put(new byte[] {(byte) 160, 0, -1});
    bytes.put(new byte[] {-1, 0, 127});
    Path file = folder.resolve("a.spz");
    Files.write(file, gzip(bytes.array()));
    GaussianArrays read = SplatFiles.read(file, SplatAxes.Z_UP).arrays();
    assertArrayEquals(new float[] {1, -2.5f, (float) Math.pow(2, -24)}, read.means());
    assertEquals(Math.log(128.0 / 127), read.opacityLogits()[0], 1e-6);
    assertArrayEquals(
        new float[] {-0.5f / 0.15f, -0.5f / 255 / 0.15f, 0.5f / 0.15f}, read.sh(), 1e-6f);
    assertArrayEquals(new float[] {0, -10, 5.9375f}, read.logScales());
    assertArrayEquals(new float[] {0, 1, -1, -0.5f / 127.5f}, read.rotations(), 1e-6f);
  }

  @Test
  void halvesAreExact() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      int fraction = bits & 1023;
      double magnitude =
          exponent == 0
              ? fraction * Math.pow(2, -24)
              : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
      if (exponent < 31) {
        assertEquals((float) (bits < 0x8000 ? magnitude : -magnitude), SpzReader.half(bits));
      }
    }
    assertEquals(Float.NEGATIVE_INFINITY, SpzReader.half(0xFC00));
    assertTrue(Float.isNaN(SpzReader.half(0x7C01)));
  }

  @Test
  void largeAndSmallScenesGetTheBitsTheyNeed() throws IOException {
    assertEquals(12, SpzWriter.fractionalBits(new float[] {0.5f, -2000}));
    assertEquals(16, SpzWriter.fractionalBits(new float[] {-0.04f}));
    assertEquals(11, SpzWriter.fractionalBits(new float[] {-2048}));
    assertEquals(0, SpzWriter.fractionalBits(new float[] {8_000_000}));
    GaussianArrays far = Clouds.random(3, 0, 1).arrays();
    far.means()[4] = -5e6f;
    Path file = folder.resolve("a.spz");
    SplatFiles.write(file, GaussianCloud.of(far), SplatAxes.Z_UP);
    assertWithin(0.5, far.means(), SplatFiles.read(file, SplatAxes.Z_UP).arrays().means(), "mean");
    far.means()[4] = 1e7f;
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> SplatFiles.write(folder.resolve("b.spz"), GaussianCloud.of(far)))
            .getMessage();
    assertTrue(message.endsWith("a position is 1.0E7 from the origin, expected less than 8388607"));
    assertTrue(Files.notExists(folder.resolve("b.spz")));
  }

  @Test
  void refusesInOneLine() throws IOException {
    byte[] good = unpack(Clouds.resource("niantic-v2.spz"));
    assertMessage("is cut off", gzip(Arrays.copyOf(good, good.length - 1)));
    assertMessage("has more bytes than its 50 Gaussians", gzip(Arrays.copyOf(good, 5000)));
    assertMessage("expected \"NGSP\" in the gzip stream", gzip(Arrays.copyOf(good, 10)));
    assertMessage("version 9 of .spz, expected 1 to 3", gzip(with(good, 4, 9)));
    assertMessage("harmonics of degree 4, expected 0 to 3", gzip(with(good, 12, 4)));
    assertMessage("positions with 25 fractional bits", gzip(with(good, 13, 25)));
    // 2^31 + 50 Gaussians.
    assertMessage("Gaussians of degree 3 need more memory than", gzip(with(good, 11, 128)));
    assertMessage("claims 65586 Gaussians, more than its", gzip(with(good, 10, 1)));
    // A megabyte of gzip, which unpacks to a gigabyte: only a part is.
    byte[] zeros = gzip(new byte[1 << 24]);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.writeBytes(gzip(good));
    for (int i = 0; i < 64; i++) {
      bomb.writeBytes(zeros);
    }
    assertMessage("has more bytes than its 50 Gaussians", bomb.toByteArray());
    byte[] packed = gzip(good);
    assertMessage("is cut off", Arrays.copyOf(packed, packed.length - 9));
    packed[packed.length - 6]++;
    assertMessage("is no intact gzip file (", packed);
    assertMessage("version 4 or later of .spz", new byte[] {'N', 'G', 'S', 'P', 4, 0, 0, 0});
  }

  private static byte[] with(byte[] content, int at, int value) {
    byte[] changed = content.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private void assertMessage(String message, byte[] content) throws IOException {
    Path file = folder.resolve("wrong.spz");
    Files.write(file, content);
    String found = assertThrows(IOException.class, () -> SplatFiles.read(file)).getMessage();
    assertTrue(found.startsWith(file + ": ") && found.contains(message), found);
  }

  private static byte[] unpack(Path file) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return in.readAllBytes();
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }
}
