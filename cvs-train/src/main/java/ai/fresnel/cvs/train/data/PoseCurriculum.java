package ai.fresnel.cvs.train.data;

/**
 * Limits the angle between the two cameras of a pair. The limit grows over the run: small moves
 * come first, as they are mostly copying.
 *
 * @param firstMaxAngle the largest angle between the viewing directions of the first sample's
 *     cameras, radians, above 0
 * @param maxAngle the largest angle after the growth, radians, at least the first; π for any
 * @param samples the number of samples over which it grows linearly; 0 for a constant
 */
public record PoseCurriculum(double firstMaxAngle, double maxAngle, long samples) {

  /** No limit. */
  public static final PoseCurriculum NONE = new PoseCurriculum(Math.PI, Math.PI, 0);

  /**
   * Checks the values.
   *
   * @param firstMaxAngle above 0
   * @param maxAngle at least the first
   * @param samples 0 or more
   * @throws IllegalArgumentException if a value is out of its range
   */
  public PoseCurriculum {
    if (!(firstMaxAngle > 0) || !(maxAngle >= firstMaxAngle) || samples < 0) {
      throw new IllegalArgumentException(
          "angles from "
              + firstMaxAngle
              + " to "
              + maxAngle
              + " radians over "
              + samples
              + " samples, expected above 0, not falling, 0 or more");
    }
  }

  /**
   * Returns the largest angle of a sample.
   *
   * @param sample its number, 0 or more
   * @return radians
   */
  public double maxAngle(long sample) {
    if (sample >= samples) {
      return maxAngle;
    }
    return firstMaxAngle + (maxAngle - firstMaxAngle) * ((double) sample / samples);
  }
}
