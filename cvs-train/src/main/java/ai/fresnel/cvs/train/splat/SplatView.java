package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.train.viewset.View;
import java.util.Objects;

/**
 * A view that Gaussians are made to look like.
 *
 * @param view image and camera; where its alpha is below 1 there is background of any colour. A
 *     depth map, if it has one, is used where it is above 0
 * @param weight how much the view counts, above 0; 1 is usual
 */
public record SplatView(View view, double weight) {

  /**
   * Checks the weight.
   *
   * @param view any
   * @param weight above 0, up to 1000
   * @throws IllegalArgumentException if the weight is out of its range
   */
  public SplatView {
    Objects.requireNonNull(view, "view is null");
    SplatRates.require("weight", weight, Double.MIN_VALUE, 1000);
  }

  /**
   * Makes a view that counts once.
   *
   * @param view image and camera
   * @return the view
   */
  public static SplatView of(View view) {
    return new SplatView(view, 1);
  }

  /** Returns whether any pixel is not opaque. */
  boolean hasBackground() {
    byte[] rgba = view.rgba();
    for (int i = 3; i < rgba.length; i += 4) {
      if (rgba[i] != -1) {
        return true;
      }
    }
    return false;
  }
}
