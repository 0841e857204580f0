package ai.fresnel.cvs.train.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A square of 10 pixels on a ground of 20, in every kind of mask. */
class MaskTest {

  private static final int SIZE = 20;

  private static void assertSquare(MaskRule rule, byte[] file) throws IOException {
    assertSquare(rule, Mask.read(ImageFile.of("mask", file), 1 << 20));
  }

  private static void assertSquare(MaskRule rule, Mask mask) {
    assertEquals(rule, mask.rule());
    for (int i = 0; i < SIZE * SIZE; i++) {
      int x = i % SIZE;
      int y = Math.floorDiv(i, SIZE);
      assertEquals(isInside(x, y) ? 255 : 0, mask.coverage(x, y), x + ", " + y);
    }
  }

  private static boolean isInside(int x, int y) {
    return x >= 5 && x < 15 && y >= 5 && y < 15;
  }

  /** An image of two values a channel. */
  private static byte[] png(int bits, int[] off, int[] on) throws IOException {
    BufferedImage image = TestImages.samples(SIZE, SIZE, bits, off);
    for (int y = 5; y < 15; y++) {
      for (int x = 5; x < 15; x++) {
        image.getRaster().setPixel(x, y, on);
      }
    }
    return TestImages.png(image);
  }

  private static byte[] png(int off, int on) throws IOException {
    return png(8, new int[] {off}, new int[] {on});
  }

  private static byte[] palette(int object, int... colours) throws IOException {
    byte[] entries = new byte[3 * colours.length];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = (byte) (colours[Math.floorDiv(i, 3)] >> (16 - 8 * (i % 3)));
    }
    byte[][] rows = new byte[SIZE][SIZE];
    for (int i = 0; i < SIZE * SIZE; i++) {
      boolean inside = isInside(i % SIZE, Math.floorDiv(i, SIZE));
      int other = object == 0 ? 1 : 0;
      rows[Math.floorDiv(i, SIZE)][i % SIZE] = (byte) (inside ? object : other);
    }
    return TestImages.png(SIZE, 8, 3, rows, TestImages.chunk("PLTE", entries));
  }

  @Test
  void greyIsOnFromHalf() throws IOException {
    assertSquare(MaskRule.GREY, png(0, 255));
    Mask low = Mask.read(ImageFile.of("m", png(0, 90)), 1 << 20);
    assertEquals(MaskRule.GREY, low.rule());
    assertEquals(0, low.coverage(10, 10));
    assertEquals(128, Mask.read(ImageFile.of("m", png(0, 128)), 1 << 20).coverage(10, 10));
    // A ground of 60 is off; beside the object it may be its outline.
    Mask ground = Mask.read(ImageFile.of("m", png(60, 255)), 1 << 20);
    assertEquals(0, ground.coverage(2, 10));
    assertEquals(60, ground.coverage(3, 10));
    assertEquals(255, ground.coverage(5, 10));
    assertSquare(MaskRule.GREY, png(16, new int[] {0}, new int[] {65535}));
    assertSquare(MaskRule.GREY, png(8, new int[] {0, 0, 0}, new int[] {255, 255, 255}));
  }

  @Test
  void zeroAndOneAreOffAndOn() throws IOException {
    assertSquare(MaskRule.BINARY, png(0, 1));
    assertSquare(MaskRule.BINARY, png(8, new int[] {0, 0, 0}, new int[] {1, 1, 1}));
    assertSquare(MaskRule.BINARY, png(16, new int[] {0}, new int[] {1}));
    byte[] row = {0b0110_0000};
    byte[] bits = TestImages.png(4, 1, 1, 0, row);
    Mask mask = Mask.read(ImageFile.of("m", bits), 1 << 20);
    assertEquals(0, mask.coverage(0, 0));
    assertEquals(255, mask.coverage(1, 0));
    assertEquals(0, mask.coverage(3, 0));
  }

  @Test
  void alphaGoesFirst() throws IOException {
    assertSquare(MaskRule.ALPHA, png(8, new int[] {9, 9, 9, 0}, new int[] {9, 9, 9, 255}));
    // Opaque alpha says nothing.
    assertSquare(MaskRule.GREY, png(8, new int[] {0, 0, 0, 255}, new int[] {255, 255, 255, 255}));
  }

  @Test
  void redOnBlackIsOn() throws IOException {
    assertSquare(MaskRule.COLOUR, png(8, new int[] {0, 0, 0}, new int[] {255, 0, 0}));
    assertSquare(MaskRule.COLOUR, png(8, new int[] {0, 0, 0}, new int[] {0, 64, 0}));
  }

  @Test
  void palettesNumberObjects() throws IOException {
    // DAVIS: the second object's colour is a dark green.
    assertSquare(MaskRule.PALETTE, palette(2, 0, 0x800000, 0x008000));
    assertSquare(MaskRule.PALETTE, palette(1, 0x202020, 0x101010));
    // A grey ramp, as tools write that set no palette.
    assertSquare(MaskRule.PALETTE, palette(3, 0, 0x010101, 0x020202, 0x030303));
    // Shorter ways to store white on black and red on black, in any order.
    assertSquare(MaskRule.GREY, palette(1, 0, 0xFFFFFF));
    assertSquare(MaskRule.GREY, palette(0, 0xFFFFFF, 0));
    assertSquare(MaskRule.COLOUR, palette(0, 0xFF0000, 0));
  }
}
