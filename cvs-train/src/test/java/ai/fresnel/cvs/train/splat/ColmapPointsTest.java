package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ColmapPointsTest {
  private static final String TEXT =
      """
      # 3D point list
      #   POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[] as (IMAGE_ID, POINT2D_IDX)
      7 1.5 -2 0.25 255 0 51 0.4 1 2 3 4
      9 3 4 5 0 102 255 0.1
      """;

  @TempDir Path folder;

  /** The two points of the text as COLMAP writes them. */
  private static byte[] binary() {
    ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(2);
    bytes.putLong(7).putDouble(1.5).putDouble(-2).putDouble(0.25);
    bytes.put((byte) 255).put((byte) 0).put((byte) 51).putDouble(0.4);
    bytes.putLong(2).putInt(1).putInt(2).putInt(3).putInt(4);
    bytes.putLong(9).putDouble(3).putDouble(4).putDouble(5);
    bytes.put((byte) 0).put((byte) 102).put((byte) 255).putDouble(0.1).putLong(0);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private static void assertPoints(InitialPoints points) {
    assertArrayEquals(new float[] {1.5f, -2, 0.25f, 3, 4, 5}, points.positions());
    assertArrayEquals(new float[] {1, 0, 0.2f, 0, 0.4f, 1}, points.colours(), 1e-6f);
  }

  @Test
  void textAndBinaryFilesAreRead() throws IOException {
    Path text = folder.resolve("points3D.txt");
    Files.writeString(text, TEXT);
    assertPoints(ColmapPoints.read(text));
    Path binary = folder.resolve("points3D.bin");
    Files.write(binary, binary());
    assertPoints(ColmapPoints.read(binary));
  }

  @Test
  void theLargestOfACaptureIsFound() throws IOException {
    assertTrue(ColmapPoints.find(folder).isEmpty());
    Files.createDirectories(folder.resolve("sparse/0"));
    Files.createDirectories(folder.resolve("sparse/1"));
    Files.writeString(folder.resolve("sparse/0/points3D.txt"), "1 0 0 0 0 0 0 0\n");
    Files.writeString(folder.resolve("sparse/1/points3D.txt"), TEXT);
    assertPoints(ColmapPoints.find(folder).orElseThrow());
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    assertFails(
        "points3D.txt",
        "1 2 3\n".getBytes(StandardCharsets.UTF_8),
        "point 0: 3 fields, expected 8 or more");
    assertFails(
        "points3D.txt",
        "1 0 0 0 256 0 0 0\n".getBytes(StandardCharsets.UTF_8),
        "point 0: colour is 256, expected 0 to 255");
    assertFails(
        "points3D.txt",
        "1 NaN 0 0 0 0 0 0\n".getBytes(StandardCharsets.UTF_8),
        "point 0: position is not finite");
    assertFails("points3D.bin", Arrays.copyOf(binary(), 90), "ends within point 1");
    byte[] many = binary();
    many[6] = 1;
    assertFails("points3D.bin", many, "point 0: 281474976710658 points, expected 0 to 10000000");
  }

  private void assertFails(String name, byte[] content, String expected) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, content);
    IOException thrown = assertThrows(IOException.class, () -> ColmapPoints.read(file));
    assertEquals(file + ": " + expected, thrown.getMessage());
  }

  /** Any bytes are points or one line of an error. */
  @Test
  void damagedBytesDoNoHarm() throws IOException {
    Random random = new Random(1);
    for (String name : new String[] {"points3D.txt", "points3D.bin"}) {
      byte[] whole = name.endsWith("bin") ? binary() : TEXT.getBytes(StandardCharsets.UTF_8);
      Path file = folder.resolve(name);
      for (int round = 0; round < 1000; round++) {
        byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
        for (int i = random.nextInt(6); i > 0; i--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        Files.write(file, damaged);
        try {
          assertTrue(ColmapPoints.read(file).size() <= 50);
        } catch (IOException e) {
          assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        }
      }
    }
  }
}
