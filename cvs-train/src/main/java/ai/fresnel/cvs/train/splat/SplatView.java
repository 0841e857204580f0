package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.train.viewset.View;
import java.util.Objects;

/**
 * A view that Gaussians are made to look like.
 *
 * @param view image and camera. A depth map, if it has one, is used where it is above 0
 * @param weight how much the view counts, above 0; 1 is usual
 * @param surroundings what is where the image's alpha is below 1
 */
public record SplatView(View view, double weight, Surroundings surroundings) {

  /** What is where an image is transparent. */
  public enum Surroundings {
    /** Nothing: Gaussians are to let any background through. */
    EMPTY,

    /** Anything: the image does not tell. */
    UNKNOWN
  }

  /**
   * Checks the weight.
   *
   * @param view any
   * @param weight above 0, up to 1000
   * @param surroundings any
   * @throws IllegalArgumentException if the weight is out of its range
   */
  public SplatView {
    Objects.requireNonNull(view, "view is null");
    Objects.requireNonNull(surroundings, "surroundings is null");
    SplatRates.require("weight", weight, Double.MIN_VALUE, 1000);
  }

  /**
   * Makes a view of an object in front of nothing, which counts once.
   *
   * @param view image and camera
   * @return the view
   */
  public static SplatView of(View view) {
    return new SplatView(view, 1, Surroundings.EMPTY);
  }

  /**
   * Makes a view of a scene, which counts once.
   *
   * @param view image and camera; what is transparent is not known
   * @return the view
   */
  public static SplatView ofScene(View view) {
    return new SplatView(view, 1, Surroundings.UNKNOWN);
  }

  /**
   * Sets how much the view counts.
   *
   * @param value above 0; 1 is usual
   * @return a new view
   */
  public SplatView withWeight(double value) {
    return new SplatView(view, value, surroundings);
  }

  /** Returns whether nothing is behind any pixel. */
  boolean hasBackground() {
    if (surroundings == Surroundings.UNKNOWN) {
      return false;
    }
    byte[] rgba = view.rgba();
    for (int i = 3; i < rgba.length; i += 4) {
      if (rgba[i] != -1) {
        return true;
      }
    }
    return false;
  }

  /** Returns the share of a pixel that the image tells of, 0 to 1. */
  float known(int pixel) {
    return surroundings == Surroundings.EMPTY ? 1 : (view.rgba()[4 * pixel + 3] & 0xff) / 255f;
  }
}
