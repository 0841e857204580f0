package ai.fresnel.cvs.train.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContactSheetTest {

  @TempDir Path folder;

  private static float[] plain(int size, float red, float green, float blue) {
    float[] chw = new float[3 * size * size];
    Arrays.fill(chw, 0, size * size, red);
    Arrays.fill(chw, size * size, 2 * size * size, green);
    Arrays.fill(chw, 2 * size * size, chw.length, blue);
    return chw;
  }

  @Test
  void imagesStandInRowsAndColumns() throws IOException {
    Path file = folder.resolve("sub/sheet.png");
    byte[] green = new byte[3 * 64 * 64];
    Arrays.fill(green, 64 * 64, 2 * 64 * 64, (byte) 200);
    ContactSheet.of(2)
        .add(plain(64, 1, -1, -1), "source")
        .add(plain(64, -1, -1, 7), "")
        .add(green, "")
        .write(file);
    BufferedImage sheet = ImageIO.read(file.toFile());
    // Two columns of 128 with gaps of 4; two rows with 16 for the label.
    assertEquals(4 + 2 * 132, sheet.getWidth());
    assertEquals(4 + 2 * 148, sheet.getHeight());
    assertEquals(0xFFFF0000, sheet.getRGB(4, 4));
    assertEquals(0xFFFF0000, sheet.getRGB(131, 131));
    assertEquals(0xFF0000FF, sheet.getRGB(136, 4));
    assertEquals(0xFF00C800, sheet.getRGB(4, 152));
    assertEquals(0xFFE0E0E0, sheet.getRGB(140, 160));
    assertTrue(hasInk(sheet, 4, 132));
    assertFalse(hasInk(sheet, 136, 132));
  }

  @Test
  void everyCharacterOfTheFontIsDrawnDifferently() {
    String characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-+/=%()#_<>*";
    java.util.Set<String> seen = new java.util.HashSet<>();
    for (int i = 0; i < characters.length(); i++) {
      char character = characters.charAt(i);
      StringBuilder glyph = new StringBuilder();
      for (int y = 0; y < PixelFont.HEIGHT; y++) {
        for (int x = 0; x < PixelFont.WIDTH; x++) {
          glyph.append(PixelFont.isInk(character, x, y) ? '#' : '.');
        }
      }
      assertTrue(glyph.indexOf("#") >= 0, "" + character);
      assertTrue(seen.add(glyph.toString()), character + " looks like another");
    }
    assertFalse(PixelFont.isInk(' ', 0, 0));
  }

  @Test
  void wrongInputIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ContactSheet.of(0));
    ContactSheet sheet = ContactSheet.of(1);
    assertThrows(IllegalArgumentException.class, () -> sheet.add(new float[10], ""));
    assertThrows(IllegalStateException.class, () -> sheet.write(folder.resolve("a.png")));
  }

  private static boolean hasInk(BufferedImage sheet, int left, int top) {
    for (int y = top; y < top + 16; y++) {
      for (int x = left; x < left + 128; x++) {
        if (sheet.getRGB(x, y) == 0xFF000000) {
          return true;
        }
      }
    }
    return false;
  }
}
