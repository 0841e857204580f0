package ai.fresnel.cvs.train.image;

/** How a mask says which pixels are the object, decided by what the mask contains. */
public enum MaskRule {
  /** A pixel is not opaque: alpha says how much of each pixel is the object. */
  ALPHA("its alpha"),
  /** Only values 0 and 1: 1 is the object. */
  BINARY("0 and 1"),
  /** Numbers of a palette, as DAVIS and VOC store objects: every number but 0 is an object. */
  PALETTE("a palette, 0 is the background"),
  /** Colours on black: every pixel with a channel of 64 or more is the object. */
  COLOUR("colours on black"),
  /**
   * Grey, of any kind: 128 and more of 255 is the object. Lower values count beside it alone, as
   * its soft outline.
   */
  GREY("grey, 128 and more of 255");

  private final String words;

  MaskRule(String words) {
    this.words = words;
  }

  /**
   * Describes the rule.
   *
   * @return a few words for a person
   */
  public String words() {
    return words;
  }
}
