package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.cutout.Box;

/**
 * A box around the object of a photograph, as shares of its width and height from the top left.
 *
 * @param x of the left edge
 * @param y of the upper edge
 * @param width above 0
 * @param height above 0
 */
public record BoxOrder(double x, double y, double width, double height) {

  /** Cuts out what is inside the box. */
  Photograph cut(Photograph photograph) {
    double across = photograph.width();
    double down = photograph.height();
    return photograph.cutOutInside(new Box(x * across, y * down, width * across, height * down));
  }
}
