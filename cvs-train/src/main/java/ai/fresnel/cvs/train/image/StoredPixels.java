package ai.fresnel.cvs.train.image;

import java.util.List;

/** How a file stores its pixels, as far as they are not simply grey or red, green and blue. */
sealed interface StoredPixels {

  /** Grey or colours, with or without alpha. */
  record Plain() implements StoredPixels {}

  /** Numbers of a palette's colours. */
  record Palette() implements StoredPixels {}

  /**
   * Grey or colours of which one stands for transparency.
   *
   * @param key its samples, as stored: one or three
   */
  record Keyed(List<Integer> key) implements StoredPixels {}

  /**
   * Amounts of four inks.
   *
   * @param inverted whether 255 stands for no ink, as Adobe writes
   * @param ycck whether the first three are stored as luma and chroma
   * @param profile whether the file has a colour profile
   */
  record Inks(boolean inverted, boolean ycck, boolean profile) implements StoredPixels {}
}
