package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Images that are small and want much, wherever an image is read. */
@Tag("fuzz")
class HostileImageTest {

  @TempDir Path folder;

  /** Makes a PNG of zeros. */
  static byte[] blank(int width, int height, int bits, int colourType) {
    return png(width, height, bits, colourType, "", new byte[0]);
  }

  /** Makes a PNG of zeros with one more chunk before the pixels. */
  private static byte[] png(
      int width, int height, int bits, int colourType, String type, byte[] content) {
    int samples = new int[] {1, 0, 3, 1, 2, 0, 4}[colourType];
    long row = 1 + ((long) width * samples * bits + 7) / 8;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n'});
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) bits)
            .put((byte) colourType)
            .array();
    chunk(out, "IHDR", header);
    if (!type.isEmpty()) {
      chunk(out, type, content);
    }
    chunk(out, "IDAT", deflated(new byte[0], row * height));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] content) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(name);
    out.writeBytes(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }

  /** Returns a prefix, then zeros, compressed a thousandfold. */
  private static byte[] deflated(byte[] prefix, long zeros) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(prefix);
    Deflater deflater = new Deflater(9);
    byte[] block = new byte[1 << 20];
    byte[] buffer = new byte[1 << 16];
    for (long left = zeros; left > 0; left -= block.length) {
      deflater.setInput(block, 0, (int) Math.min(left, block.length));
      for (int n = deflater.deflate(buffer); n > 0; n = deflater.deflate(buffer)) {
        out.write(buffer, 0, n);
      }
    }
    deflater.finish();
    for (int n = deflater.deflate(buffer); n > 0; n = deflater.deflate(buffer)) {
      out.write(buffer, 0, n);
    }
    deflater.end();
    return out.toByteArray();
  }

  private static byte[] jpegThatClaims(int width, int height) {
    byte[] jpeg = Packing.image("jpg", BufferedImage.TYPE_INT_RGB, 16, 16);
    for (int at = 2; at < jpeg.length - 9; ) {
      int length = ((jpeg[at + 2] & 255) << 8) | (jpeg[at + 3] & 255);
      if ((jpeg[at + 1] & 255) == 0xC0) {
        ByteBuffer.wrap(jpeg).putShort(at + 5, (short) height).putShort(at + 7, (short) width);
        return jpeg;
      }
      at += 2 + length;
    }
    throw new AssertionError("no frame in a JPEG");
  }

  private static Map<String, byte[]> bombs() {
    Map<String, byte[]> bombs = new LinkedHashMap<>();
    bombs.put("64 megapixels of grey", blank(8192, 8192, 8, 0));
    bombs.put("64 megapixels of one bit", blank(8192, 8192, 1, 0));
    bombs.put("64 megapixels of colour", blank(8192, 8192, 8, 6));
    bombs.put("one row", blank(1 << 26, 1, 1, 0));
    bombs.put("one column", blank(1, 1 << 26, 1, 0));
    byte[] claim = Packing.image("png", BufferedImage.TYPE_INT_RGB, 8, 8);
    ByteBuffer.wrap(claim).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
    bombs.put("2^62 pixels claimed", Packing.png(claim));
    bombs.put("JPEG of 67 megapixels claimed", jpegThatClaims(8191, 8191));
    bombs.put("JPEG of 4 gigapixels claimed", jpegThatClaims(65_535, 65_535));
    byte[] keyword = "Comment\0\0".getBytes(StandardCharsets.US_ASCII);
    byte[] international = "Comment\0\1\0\0\0".getBytes(StandardCharsets.US_ASCII);
    long much = 1L << 29;
    bombs.put("zTXt", png(24, 18, 8, 2, "zTXt", deflated(keyword, much)));
    bombs.put("iTXt", png(24, 18, 8, 2, "iTXt", deflated(international, much)));
    bombs.put("iCCP", png(24, 18, 8, 2, "iCCP", deflated(keyword, much)));
    return bombs;
  }

  @TestFactory
  Stream<DynamicTest> imagesThatWantMuch() {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, byte[]> bombs = bombs();
    for (String name : List.of("texture", "image", "view", "png")) {
      Parser parser = Parsers.named(name);
      for (Seed seed : parser.seeds()) {
        if (List.of("raw", "mask", "type 2 raw").contains(seed.name())) {
          bombs.forEach(
              (bomb, content) -> {
                assertTrue(content.length < 1_000_000, bomb);
                Path work = folder.resolve(Integer.toString(tests.size()));
                tests.add(
                    DynamicTest.dynamicTest(
                        name + ", " + seed.name() + ", " + bomb,
                        () -> Hostile.read(parser, seed.packed(b -> b), content, work)));
              });
        }
      }
    }
    return tests.stream();
  }
}
