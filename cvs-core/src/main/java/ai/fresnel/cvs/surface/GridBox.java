package ai.fresnel.cvs.surface;

import ai.fresnel.cvs.splat.GaussianArrays;
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

  /** This share of the Gaussians may reach out of a box on each side. */
  private static final double OUTLIERS = 0.001;

  /** How far a Gaussian reaches, in standard deviations. */
  private static final double REACH = 2;

  /** What is added on each side, of the longest side. */
  private static final double MARGIN = 0.01;

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
   * Returns a box around a cloud: around two standard deviations of all Gaussians but one in a
   * thousand on each side, which are far away in many captures.
   *
   * @param cloud a cloud with a Gaussian or more
   * @return the box
   * @throws IllegalArgumentException if the cloud is empty
   */
  public static GridBox around(GaussianCloud cloud) {
    if (cloud.size() == 0) {
      throw new IllegalArgumentException("no Gaussians, expected 1 or more to put a box around");
    }
    GaussianArrays from = cloud.arrays();
    int size = cloud.size();
    double[][] lows = new double[3][size];
    double[][] highs = new double[3][size];
    for (int i = 0; i < size; i++) {
      double[] covariance = GaussianField.covariance(from, i);
      for (int c = 0; c < 3; c++) {
        double reach = REACH * Math.sqrt(covariance[GaussianField.DIAGONAL[c]]);
        lows[c][i] = from.means()[3 * i + c] - reach;
        highs[c][i] = from.means()[3 * i + c] + reach;
      }
    }
    int outliers = (int) (OUTLIERS * size);
    double[] low = new double[3];
    double[] high = new double[3];
    double longest = 0;
    for (int c = 0; c < 3; c++) {
      Arrays.sort(lows[c]);
      Arrays.sort(highs[c]);
      low[c] = lows[c][outliers];
      high[c] = highs[c][size - 1 - outliers];
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
