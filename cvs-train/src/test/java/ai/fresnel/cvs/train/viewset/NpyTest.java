package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {

  @TempDir Path folder;

  @Test
  void bytesAreNumPys() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.write(file, new double[] {1.5}, 1);
    byte[] bytes = Files.readAllBytes(file);
    // What numpy.save(numpy.array([1.5])) writes.
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";
    byte[] expected = new byte[136];
    System.arraycopy(HexFormat.of().parseHex("934e554d505901007600"), 0, expected, 0, 10);
    System.arraycopy(
        (header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.US_ASCII),
        0,
        expected,
        10,
        118);
    System.arraycopy(HexFormat.of().parseHex("000000000000f83f"), 0, expected, 128, 8);
    assertArrayEquals(expected, bytes);
  }

  @Test
  void bothWidthsComeBack() throws IOException {
    Path file = folder.resolve("a.npy");
    double[] doubles = {1, -2, 1e-300, 4, 5, 6};
    Npy.write(file, doubles, 2, 3);
    assertArrayEquals(doubles, Npy.read(file, 2, 3).values());
    assertArrayEquals(new int[] {2, 3}, Npy.read(file, 2, 3).shape());
    Npy.write(file, new float[] {0.1f, 7}, 1, 2);
    assertArrayEquals(new double[] {0.1f, 7}, Npy.read(file, 1, 2).values());
  }

  @Test
  void readsBigEndianAndFortranOrder() throws IOException {
    Path file = folder.resolve("a.npy");
    String header = "{'descr': '>f4', 'fortran_order': True, 'shape': (2, 2), }\n";
    String values = "3f80000040000000404000004080000" + "0"; // 1 2 3 4
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] start = HexFormat.of().parseHex("934e554d50590200" + "3b000000");
    assertEquals(0x3b, text.length);
    Files.write(file, start);
    Files.write(file, text, java.nio.file.StandardOpenOption.APPEND);
    Files.write(file, HexFormat.of().parseHex(values), java.nio.file.StandardOpenOption.APPEND);
    assertArrayEquals(new double[] {1, 3, 2, 4}, Npy.read(file, 2, 2).values());
  }

  @Test
  void damagedFilesAreRefusedInOneLine() throws IOException {
    Path file = folder.resolve("a.npy");
    Npy.write(file, new double[12], 3, 4);
    byte[] good = Files.readAllBytes(file);

    Npy.write(file, new double[16], 4, 4);
    assertRefused(file, "shape (4, 4), expected (3, 4)");
    Files.write(file, java.util.Arrays.copyOf(good, good.length - 8));
    assertRefused(file, "88 bytes of values, expected 96");
    Files.write(file, new byte[5]);
    assertRefused(file, "5 bytes, expected a .npy file");
    Files.write(file, "not an array at all".getBytes(StandardCharsets.US_ASCII));
    assertRefused(file, "no NumPy signature, expected a .npy file");
    Files.write(file, new byte[100_000]);
    assertRefused(file, "100000 bytes, expected at most");
    byte[] longHeader = good.clone();
    longHeader[9] = 0x7f;
    Files.write(file, longHeader);
    assertRefused(file, "header of ");
    String objects = new String(good, StandardCharsets.ISO_8859_1).replace("<f8", "|O8");
    Files.write(file, objects.getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(file, "expected 'descr' of '<f4' or '<f8'");
  }

  private static void assertRefused(Path file, String expected) {
    String message = assertThrows(IOException.class, () -> Npy.read(file, 3, 4)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count());
  }
}
