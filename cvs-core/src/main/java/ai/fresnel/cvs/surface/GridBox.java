package ai.fresnel.cvs.surface;

import ai.fresnel.cvs.splat.GaussianCloud;
import java.util.Arrays;

/**
 * A box in the world, along its axes.
 *
 * @param low (3), the corner of the least coordinates
 * @param high (3), the opposite corner, above it in each coordinate
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares boxes.
public record GridBox(double[] low, double[] high) {

  /** Of the means along an axis this share may lie outside of a box on each side. */
  private static final double OUTLIERS = 0.001;

  /** What is added on each side, of the longest side. */
  private static final double MARGIN = 0.05;

  /**
   * Checks the box.
   *
   * @param low as above
   * @param high as above
   * @throws IllegalArgumentException if a side is not above 0 or not finite
   */
  public GridBox {
    for (int c = 0; c < 3; c++) {
      double side = high[c] - low[c];
      if (!(side > 0) || !Double.isFinite(side)) {
        throw new IllegalArgumentException(
            "a box is from " + low[c] + " to " + high[c] + ", expected a finite side above 0");
      }
    }
  }

  /**
   * Returns a box around a cloud: around the means of all Gaussians but one in a thousand on each
   * side, which are far away in many captures, and a margin.
   *
   * @param cloud a cloud with a Gaussian or more
   * @return the box
   * @throws IllegalArgumentException if the cloud is empty
   */
  public static GridBox around(GaussianCloud cloud) {
    if (cloud.size() == 0) {
      throw new IllegalArgumentException("no Gaussians, expected 1 or more to put a box around");
    }
    float[] means = cloud.arrays().means();
    double[] low = new double[3];
    double[] high = new double[3];
    double longest = 0;
    for (int c = 0; c < 3; c++) {
      float[] sorted = new float[cloud.size()];
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] = means[3 * i + c];
      }
      Arrays.sort(sorted);
      int outliers = (int) (OUTLIERS * sorted.length);
      low[c] = sorted[outliers];
      high[c] = sorted[sorted.length - 1 - outliers];
      longest = Math.max(longest, high[c] - low[c]);
    }
    double margin = longest > 0 ? MARGIN * longest : 0.5;
    for (int c = 0; c < 3; c++) {
      low[c] -= margin;
      high[c] += margin;
    }
    return new GridBox(low, high);
  }
}
