package ai.fresnel.cvs.train.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageFileTest {

  private static int first(byte[] bytes) throws IOException {
    return ImageFile.of("a", bytes).read().argb(0, 0);
  }

  private static String refusal(byte[] bytes) {
    return assertThrows(
            UnreadableImageException.class, () -> ImageFile.of("a.img", bytes).readUpright(1 << 20))
        .getMessage();
  }

  /** A photograph that does not compress to nothing. */
  private static BufferedImage noise(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, Math.floorDiv(i, width), random.nextInt(1 << 24));
    }
    return image;
  }

  @Test
  void greyKeepsItsValue() throws IOException {
    int grey = 0xFF404040;
    assertEquals(grey, first(TestImages.png(TestImages.samples(9, 9, 8, 64))));
    assertEquals(grey, first(TestImages.encoded(TestImages.samples(9, 9, 8, 64), "jpg")));
    assertEquals(grey, first(TestImages.png(TestImages.samples(9, 9, 16, 64 * 257))));
    assertEquals(0x80404040, first(TestImages.png(TestImages.samples(9, 9, 8, 64, 128))));
    assertEquals(
        0x80404040, first(TestImages.png(TestImages.samples(9, 9, 16, 64 * 257, 128 * 257))));
    // Rounded: 64.6 of 255.
    assertEquals(0xFF414141, first(TestImages.png(TestImages.samples(9, 9, 16, 16602))));
    assertEquals(
        0xFF41FF00, first(TestImages.png(TestImages.samples(9, 9, 16, 16602, 65535, 120))));
    for (int bits : new int[] {1, 2, 4}) {
      byte[] white = {(byte) 255};
      assertEquals(-1, first(TestImages.png(2, 2, bits, 0, white)), bits + " bits");
    }
  }

  @Test
  void aColourOfTransparencyIsTransparent() throws IOException {
    byte[] grey = {64, 65};
    byte[] key = TestImages.chunk("tRNS", new byte[] {0, 64});
    RgbaImage image = ImageFile.of("a", TestImages.png(2, 1, 8, 0, grey, key)).read();
    assertEquals(0x00404040, image.argb(0, 0));
    assertEquals(0xFF414141, image.argb(1, 0));
    byte[] deep = {64, 0, 64, 1};
    key = TestImages.chunk("tRNS", new byte[] {64, 1});
    image = ImageFile.of("a", TestImages.png(2, 1, 16, 0, deep, key)).read();
    assertEquals(0xFF404040, image.argb(0, 0));
    assertEquals(0x00404040, image.argb(1, 0));
    byte[] bits = {0b01_10_00_00};
    key = TestImages.chunk("tRNS", new byte[] {0, 2});
    image = ImageFile.of("a", TestImages.png(2, 1, 2, 0, bits, key)).read();
    assertEquals(0xFF555555, image.argb(0, 0));
    assertEquals(0x00AAAAAA, image.argb(1, 0));
    byte[] rgb = {1, 2, 3, 1, 2, 4};
    key = TestImages.chunk("tRNS", new byte[] {0, 1, 0, 2, 0, 3});
    image = ImageFile.of("a", TestImages.png(2, 1, 8, 2, rgb, key)).read();
    assertEquals(0x00010203, image.argb(0, 0));
    assertEquals(0xFF010204, image.argb(1, 0));
    byte[] palette = TestImages.chunk("PLTE", new byte[] {9, 8, 7, 6, 5, 4});
    key = TestImages.chunk("tRNS", new byte[] {0x30});
    image = ImageFile.of("a", TestImages.png(2, 1, 8, 3, new byte[] {0, 1}, palette, key)).read();
    assertEquals(0x30090807, image.argb(0, 0));
    assertEquals(0xFF060504, image.argb(1, 0));
  }

  @Test
  void inksBecomeTheirColour() throws IOException {
    // 190, 20, 30 as amounts of cyan, magenta, yellow and black: by Adobe inverted, else not.
    int[] expected = {190, 20, 30};
    assertColour(expected, TestImages.inks(16, 16, 0, 190, 20, 30, 255));
    assertColour(expected, TestImages.inks(16, 16, -1, 65, 235, 225, 0));
    // Half of it black.
    assertColour(new int[] {95, 10, 15}, TestImages.inks(16, 16, 0, 190, 20, 30, 128));
    // The same as luma and chroma of the inks 65, 235, 225.
    double y = 0.299 * 65 + 0.587 * 235 + 0.114 * 225;
    int cb = (int) Math.round(128 + (225 - y) / 1.772);
    int cr = (int) Math.round(128 + (65 - y) / 1.402);
    assertColour(expected, TestImages.inks(16, 16, 2, (int) Math.round(y), cb, cr, 255));
  }

  @Test
  void inksFollowTheirProfile() throws IOException {
    byte[] jpeg = TestImages.inks(16, 16, 0, 190, 20, 30, 255);
    byte[] profile = TestImages.inkProfile(50, 0, 0);
    assertColour(new int[] {119, 119, 119}, TestImages.withSegment(jpeg, 0xE2, profile));
    // A profile of something else is none.
    byte[] other = profile.clone();
    System.arraycopy("RGB ".getBytes(StandardCharsets.US_ASCII), 0, other, 14 + 16, 4);
    assertColour(new int[] {190, 20, 30}, TestImages.withSegment(jpeg, 0xE2, other));
  }

  private static void assertColour(int[] expected, byte[] jpeg) throws IOException {
    int argb = first(jpeg);
    int[] found = {argb >> 16 & 255, argb >> 8 & 255, argb & 255};
    for (int c = 0; c < 3; c++) {
      assertEquals(expected[c], found[c], 3, Arrays.toString(found));
    }
  }

  @Test
  void largeImagesAreReducedWhileTheyAreRead() throws IOException {
    BufferedImage image = noise(61, 40);
    ImageFile file = ImageFile.of("a", TestImages.png(image));
    RgbaImage third = file.readWithin(21 * 14);
    assertEquals(21, third.width());
    assertEquals(14, third.height());
    assertEquals(image.getRGB(3 * 20, 3 * 13), third.argb(20, 13));
    assertEquals(image.getRGB(60, 39), file.readWithin(61 * 40).argb(60, 39));
    // 48 megapixels of which 12 are kept, within the memory of 12.
    BufferedImage wide = new BufferedImage(8000, 6000, BufferedImage.TYPE_BYTE_GRAY);
    byte[] jpeg = TestImages.encoded(wide, "jpg");
    RgbaImage half = ImageFile.of("a", jpeg).readWithin(1 << 24);
    assertEquals(4000, half.width());
    assertEquals(3000, half.height());
  }

  @Test
  void everyFormatIsReadAsBefore() throws IOException {
    BufferedImage image = new BufferedImage(32, 24, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(200, 40, 80));
    graphics.fillRect(0, 0, 32, 24);
    graphics.dispose();
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      byte[] bytes = TestImages.encoded(image, format);
      int argb = first(bytes);
      assertEquals(200, argb >> 16 & 255, 2, format);
      assertEquals(40, argb >> 8 & 255, 2, format);
      assertEquals(80, argb & 255, 2, format);
    }
  }

  @Test
  void truncatedFilesAreErrors() throws IOException {
    BufferedImage image = noise(48, 40);
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      byte[] bytes = TestImages.encoded(image, format);
      // The last bytes of a GIF and a JPEG are their empty end.
      int empty = Map.of("gif", 1, "jpg", 4).getOrDefault(format, 0);
      int needed = bytes.length - empty;
      for (int length = 2; length < needed; length += 1 + length / 40) {
        String message = refusal(Arrays.copyOf(bytes, length));
        assertTrue(message.startsWith("a.img: "), message);
        assertEquals(1, message.lines().count(), message);
      }
    }
  }

  @Test
  void claimsBeyondTheBytesAreRefused() throws IOException {
    byte[] jpeg = TestImages.encoded(noise(16, 16), "jpg");
    int frame = 0;
    while ((jpeg[frame] & 255) != 0xFF || (jpeg[frame + 1] & 255) != 0xC0) {
      frame++;
    }
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 8192).putShort(frame + 7, (short) 8192);
    String message = assertTimeout(Duration.ofSeconds(1), () -> refusal(jpeg));
    assertTrue(message.endsWith("bytes cannot hold 8192×8192 pixels)"), message);
    byte[] png = TestImages.png(16, 16, 8, 2, new byte[48]);
    ByteBuffer.wrap(png).putInt(16, 16_000).putInt(20, 16_000);
    byte[] header = TestImages.chunk("IHDR", Arrays.copyOfRange(png, 16, 29));
    System.arraycopy(header, 0, png, 8, header.length);
    assertTrue(refusal(png).contains("cannot hold 16000×16000"), refusal(png));
    byte[] bmp = TestImages.encoded(noise(16, 16), "bmp");
    ByteBuffer.wrap(bmp).putInt(18, 0x00300000).putInt(22, 0x00300000);
    assertTrue(refusal(bmp).contains("cannot hold"), refusal(bmp));
  }

  @Test
  void compressedMetadataAreNotExpanded() throws IOException {
    byte[] png =
        TestImages.png(
            8,
            8,
            8,
            0,
            new byte[8],
            TestImages.bomb("iCCP", "p\0\0", 200),
            TestImages.bomb("zTXt", "k\0\0", 200),
            TestImages.bomb("iTXt", "k\0\1\0\0\0", 200));
    assertEquals(0xFF000000, assertTimeout(Duration.ofSeconds(1), () -> first(png)));
  }

  @Test
  void sixtyFourMegapixelsInSixtyKilobytesAreBounded() throws IOException {
    byte[] png = TestImages.png(8192, 8192, 8, 0, new byte[8192]);
    assertTrue(png.length < 70_000, png.length + " bytes");
    RgbaImage image =
        assertTimeout(Duration.ofSeconds(5), () -> ImageFile.of("a", png).readWithin(1 << 20));
    assertEquals(1024, image.width());
  }

  @Test
  void otherFilesAreNamed() {
    assertEquals("a.img: no image that can be read, expected PNG or JPEG", refusal(new byte[0]));
    assertEquals(
        "a.img: a file of WebP, expected PNG or JPEG",
        refusal("RIFF....WEBPVP8 ".getBytes(StandardCharsets.US_ASCII)));
    assertEquals(
        "a.img: a file of HEIC, expected PNG or JPEG",
        refusal("\0\0\0\0ftypheic".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void everyDamageIsOneLine() throws IOException {
    Random random = new Random(7);
    for (String format : List.of("png", "gif", "bmp", "jpg")) {
      byte[] good = TestImages.encoded(noise(24, 20), format);
      for (int i = 0; i < 300; i++) {
        byte[] bad = good.clone();
        for (int k = 0; k < 1 + i % 5; k++) {
          bad[random.nextInt(i % 2 == 0 ? 64 : bad.length)] = (byte) random.nextInt(256);
        }
        try {
          ImageFile.of("a.img", bad).readUpright(1 << 16);
        } catch (UnreadableImageException e) {
          assertTrue(e.getMessage().startsWith("a.img: "), e.getMessage());
          assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
      }
    }
  }
}
