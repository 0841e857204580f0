package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.procedural.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws cameras around an object as in Zero123's renderings of Objaverse: they look at the origin,
 * with radius 1.5 to 2.2 and field of view 49.13° (Liu et al. 2023, "Zero-1-to-3", section 3.3 and
 * its code).
 */
public final class ViewCameras {
  /** The least radius, in object lengths. */
  public static final double MIN_RADIUS = 1.5;

  /** The largest radius, in object lengths. */
  public static final double MAX_RADIUS = 2.2;

  /** The lowest elevation, radians. */
  public static final double MIN_ELEVATION = Math.toRadians(-10);

  /** The highest elevation, radians. */
  public static final double MAX_ELEVATION = Math.toRadians(80);

  private ViewCameras() {}

  /**
   * Returns Zero123's lens.
   *
   * @param size width and height in pixels
   * @return the intrinsics, centred
   */
  public static Intrinsics intrinsics(int size) {
    return Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
  }

  /**
   * Draws cameras evenly over the sphere between the elevations, with uniform radius.
   *
   * @param count the number of cameras, at least 0
   * @param seed the same seed gives the same cameras; a larger count continues a smaller one
   * @return the poses
   */
  public static List<CameraPose> random(int count, long seed) {
    Random random = Seeds.random(seed, "cameras");
    double low = Math.sin(MIN_ELEVATION);
    double high = Math.sin(MAX_ELEVATION);
    List<CameraPose> poses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      double azimuth = 2 * Math.PI * random.nextDouble();
      // Uniform in the sine of the elevation is uniform on the sphere.
      double elevation = Math.asin(low + (high - low) * random.nextDouble());
      double radius = MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * random.nextDouble();
      poses.add(CameraPose.orbit(azimuth, elevation, radius));
    }
    return poses;
  }

  /**
   * Returns cameras evenly spaced on a circle, anticlockwise seen from above, the first at azimuth
   * 0.
   *
   * @param count the number of cameras, at least 0
   * @param elevation radians
   * @param radius in object lengths, above 0
   * @return the poses
   */
  public static List<CameraPose> orbit(int count, double elevation, double radius) {
    List<CameraPose> poses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      poses.add(CameraPose.orbit(2 * Math.PI * i / count, elevation, radius));
    }
    return poses;
  }
}
