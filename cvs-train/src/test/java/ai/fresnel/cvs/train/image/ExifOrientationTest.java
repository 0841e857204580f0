package ai.fresnel.cvs.train.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExifOrientationTest {

  /** A JPEG with an APP1 segment put in after its first marker. */
  private static byte[] jpeg(byte[] segment) throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB), "jpg", plain);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(plain.toByteArray(), 0, 2);
    out.write(new byte[] {(byte) 0xFF, (byte) 0xE1, 0, (byte) (segment.length + 2)});
    out.write(segment);
    out.write(plain.toByteArray(), 2, plain.size() - 2);
    return out.toByteArray();
  }

  /** A TIFF of two entries, as cameras write it. */
  private static byte[] exif(ByteOrder order, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(6 + 8 + 2 + 24);
    exif.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
    exif.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
    exif.order(order).putShort((short) 42).putInt(8).putShort((short) 2);
    exif.putShort((short) 256).putShort((short) 4).putInt(1).putInt(16);
    exif.putShort((short) 274).putShort((short) 3).putInt(1).putShort((short) orientation);
    return exif.array();
  }

  private static int read(byte[] file) throws IOException {
    return ImageHeader.of(file).orientation();
  }

  @Test
  void readsBothByteOrders() throws IOException {
    for (int orientation = 1; orientation <= 8; orientation++) {
      assertEquals(orientation, read(jpeg(exif(ByteOrder.LITTLE_ENDIAN, orientation))));
      assertEquals(orientation, read(jpeg(exif(ByteOrder.BIG_ENDIAN, orientation))));
    }
  }

  @Test
  void anythingElseIsUpright() throws IOException {
    assertEquals(1, read(jpeg(new byte[] {1, 2})));
    assertEquals(1, read(jpeg(exif(ByteOrder.BIG_ENDIAN, 99))));
    byte[] whole = exif(ByteOrder.BIG_ENDIAN, 6);
    for (int length = 0; length < whole.length - 4; length++) {
      assertEquals(1, read(jpeg(Arrays.copyOf(whole, length))));
    }
    // A directory far outside.
    ByteBuffer.wrap(whole).putInt(10, Integer.MAX_VALUE);
    assertEquals(1, read(jpeg(whole)));
  }

  @Test
  void pngsHaveAChunkOfIt() throws IOException {
    byte[] png = TestImages.png(new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB));
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] exif = exif(ByteOrder.BIG_ENDIAN, orientation);
      byte[] turned = TestImages.withChunk(png, "eXIf", Arrays.copyOfRange(exif, 6, exif.length));
      assertEquals(orientation, read(turned));
      RgbaImage image = ImageFile.of("a.png", turned).readUpright(1000);
      assertEquals(orientation < 5 ? 16 : 8, image.width());
    }
  }

  /** Where EXIF's table says the stored image's first row and first column are to be seen. */
  @ParameterizedTest
  @CsvSource({
    "1, top, left", "2, top, right", "3, bottom, right", "4, bottom, left",
    "5, left, top", "6, right, top", "7, right, bottom", "8, left, bottom"
  })
  void turns(int orientation, String firstRow, String firstColumn) {
    int red = 0xFFFF0000;
    int blue = 0xFF0000FF;
    byte[] rgba = new byte[4 * 5 * 3];
    for (int x = 1; x < 5; x++) {
      rgba[4 * x] = (byte) 255;
      rgba[4 * x + 3] = (byte) 255;
    }
    for (int y = 1; y < 3; y++) {
      rgba[4 * 5 * y + 2] = (byte) 255;
      rgba[4 * 5 * y + 3] = (byte) 255;
    }
    RgbaImage stored = RgbaImage.of(5, 3, rgba);
    RgbaImage upright = ExifOrientation.upright(stored, orientation);
    assertEquals(orientation < 5 ? 5 : 3, upright.width());
    assertEquals(orientation < 5 ? 3 : 5, upright.height());
    assertEquals(red, middle(upright, firstRow));
    assertEquals(blue, middle(upright, firstColumn));
    if (orientation == 1) {
      assertSame(stored, upright);
    }
  }

  private static int middle(RgbaImage image, String side) {
    int right = image.width() - 1;
    int bottom = image.height() - 1;
    return switch (side) {
      case "top" -> image.argb(right / 2, 0);
      case "bottom" -> image.argb(right / 2, bottom);
      case "left" -> image.argb(0, bottom / 2);
      default -> image.argb(right, bottom / 2);
    };
  }
}
