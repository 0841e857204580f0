package ai.fresnel.cvs;

import java.util.Locale;

/**
 * Where the object of a photograph is, and what was left out to find it.
 *
 * @param left first column of the object's box, pixels
 * @param top first row
 * @param right column after the last
 * @param bottom row after the last
 * @param specks number of small parts outside of the box that were left out
 * @param speckPixels their pixels in all
 */
public record ObjectPlace(int left, int top, int right, int bottom, int specks, int speckPixels) {

  /**
   * Says what was left out.
   *
   * @return one line for a person; empty if nothing was
   */
  public String leftOut() {
    return specks == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "photograph: left out %d %s of %d %s in all, away from the object in columns %d to %d"
                + " and rows %d to %d; give a mask if that is part of it",
            specks,
            specks == 1 ? "speck" : "specks",
            speckPixels,
            speckPixels == 1 ? "pixel" : "pixels",
            left,
            right,
            top,
            bottom);
  }
}
