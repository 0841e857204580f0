package ai.fresnel.cvs.train.fuzz;

/** What holds of everything that is read from a damaged file. */
final class Checks {

  private Checks() {}

  /** A name that becomes a folder must be no path, no hidden file and no option. */
  static void name(String id) {
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}")) {
      throw new AssertionError("the name \"" + id + "\", expected a plain one");
    }
  }

  /** A text that is printed must be one line, without control characters. */
  static void line(String text) {
    if (text.chars().anyMatch(Character::isISOControl)) {
      throw new AssertionError("a control character in \"" + text + "\"");
    }
  }
}
