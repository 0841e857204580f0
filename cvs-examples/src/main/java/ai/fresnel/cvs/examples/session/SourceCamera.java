package ai.fresnel.cvs.examples.session;

import ai.fresnel.cvs.geometry.CameraPose;

/**
 * What is assumed of the camera that took a photograph.
 *
 * @param elevation degrees above the object's horizon, -90 to 90
 * @param radius object lengths from its middle, above 0; it sets how large the object is framed
 * @param whole whether the photograph is framed like the rendered views already
 */
public record SourceCamera(double elevation, double radius, boolean whole) {

  /** The greatest distance, object lengths. */
  private static final double FARTHEST = 100;

  /**
   * Checks the values.
   *
   * @param elevation as above
   * @param radius as above
   * @param whole as above
   * @throws IllegalArgumentException if one is out of range
   */
  public SourceCamera {
    if (!(Math.abs(elevation) <= 90)) {
      throw new IllegalArgumentException(
          "elevation is " + elevation + ", expected -90 to 90 degrees");
    }
    if (!(radius > 0 && radius <= FARTHEST)) {
      throw new IllegalArgumentException("radius is " + radius + ", expected above 0, up to 100");
    }
  }

  /**
   * Returns what is assumed where nothing is said.
   *
   * @return 20 degrees above the object, 1.7 object lengths away
   */
  public static SourceCamera assumed() {
    return new SourceCamera(20, 1.7, false);
  }

  /**
   * Returns the camera.
   *
   * @return at azimuth 0
   */
  public CameraPose pose() {
    return CameraPose.orbit(0, Math.toRadians(elevation), radius);
  }
}
