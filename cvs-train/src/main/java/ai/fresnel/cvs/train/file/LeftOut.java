package ai.fresnel.cvs.train.file;

import ai.fresnel.cvs.json.Json;

/**
 * Items of a file or a folder that were left out, and the reason for the first.
 *
 * @param count the number of items, 0 or more
 * @param first the name of the first, empty if there is none
 * @param reason the reason for the first, empty if there is none
 */
public record LeftOut(int count, String first, String reason) {

  /** No item. */
  public static final LeftOut NONE = new LeftOut(0, "", "");

  /**
   * Adds an item.
   *
   * @param item its name
   * @param why the reason, usually the message of an error; a leading name is dropped
   * @return these items and the new one
   */
  public LeftOut and(String item, String why) {
    if (count > 0) {
      return new LeftOut(count + 1, first, reason);
    }
    String about = why.startsWith(item + ": ") ? why.substring(item.length() + 2) : why;
    return new LeftOut(1, Json.printable(item), Json.printable(about));
  }

  /**
   * Adds others.
   *
   * @param others the other items
   * @return these items and the others
   */
  public LeftOut and(LeftOut others) {
    return count == 0
        ? others
        : others.count == 0 ? this : new LeftOut(count + others.count, first, reason);
  }

  /**
   * Says whether there is no item.
   *
   * @return true if nothing was left out
   */
  public boolean isEmpty() {
    return count == 0;
  }

  /**
   * Returns one line for people.
   *
   * @param noun what the items are, in the singular, such as {@code frame}
   * @return for example {@code 17 frames left out, the first images/0051.jpg: is missing}
   */
  public String describe(String noun) {
    return switch (count) {
      case 0 -> "no " + noun + " left out";
      case 1 -> "1 " + noun + " left out, " + first + ": " + reason;
      default -> count + " " + noun + "s left out, the first " + first + ": " + reason;
    };
  }
}
