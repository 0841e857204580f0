package ai.fresnel.cvs.train.monitor;

import java.util.Locale;

/**
 * A font of capitals, digits and signs, 3 pixels wide and 5 high. System fonts differ between
 * machines, and bare servers have none.
 */
final class PixelFont {

  static final int WIDTH = 3;
  static final int HEIGHT = 5;

  private static final String CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-+/=%()#_<>*";

  /** Five rows of three bits for each character, one octal digit for each row, from the top. */
  private static final String[] GLYPHS = {
    "75557", "26227", "71747", "71717", "55711", "74717", "74757", "71122", "75757", "75717",
    "75755", "65656", "34443", "65556", "74647", "74644", "34553", "55755", "72227", "11152",
    "55655", "44447", "57755", "65555", "25552", "75744", "25563", "75655", "34216", "72222",
    "55557", "55552", "55775", "55255", "55222", "71247", "00002", "00024", "02020", "00700",
    "02720", "11244", "07070", "51245", "12221", "42224", "57575", "00007", "12421", "42124",
    "52725"
  };

  private PixelFont() {}

  /** Says whether the pixel (x, y) of a character is ink; unknown characters are blank. */
  static boolean isInk(char character, int x, int y) {
    int index = CHARACTERS.indexOf(character);
    if (index < 0) {
      return false;
    }
    int row = GLYPHS[index].charAt(y) - '0';
    return (row >> (WIDTH - 1 - x) & 1) == 1;
  }

  static String supported(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
