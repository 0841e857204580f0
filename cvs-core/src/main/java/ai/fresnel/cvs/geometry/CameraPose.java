package ai.fresnel.cvs.geometry;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A camera's position and rotation: x_camera = R·x_world + t.
 *
 * <p>Immutable. Axes are OpenCV's (x right, y down, z forward); the world has +z up; lengths are
 * world units, angles radians.
 */
public final class CameraPose {

  /** Tolerance of R·Rᵀ around the identity per entry; float32 files are off by about 1e-7. */
  private static final double ORTHONORMAL_TOLERANCE = 1e-4;

  /** Below this sine of the angle to the vertical a view direction counts as vertical. */
  private static final double POLE_SINE = 1e-6;

  private final double[] rotation;
  private final double[] translation;

  private CameraPose(double[] rotation, double[] translation) {
    this.rotation = rotation;
    this.translation = translation;
  }

  /**
   * Makes a pose from a world-to-camera transform. Errors of rotation up to 1e-4 are removed.
   *
   * @param rotationRowMajor9 R, 9 values row by row
   * @param translation3 t, 3 values in world units
   * @return the pose
   * @throws IllegalArgumentException if a value is not finite, R is not orthonormal within 1e-4 or
   *     its determinant is -1
   */
  public static CameraPose of(double[] rotationRowMajor9, double[] translation3) {
    Vectors.requireFinite(rotationRowMajor9, 9, "rotation");
    Vectors.requireFinite(translation3, 3, "translation");
    double[] gram = Vectors.multiplyByTransposed(rotationRowMajor9, rotationRowMajor9);
    for (int i = 0; i < 9; i++) {
      double expected = i % 4 == 0 ? 1 : 0;
      if (Math.abs(gram[i] - expected) > ORTHONORMAL_TOLERANCE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "rotation is not orthonormal: product of rows %d and %d is %.6g, expected %.0f",
                i / 3,
                i % 3,
                gram[i],
                expected));
      }
    }
    if (Vectors.determinant(rotationRowMajor9) < 0) {
      throw new IllegalArgumentException("rotation has determinant -1, expected 1");
    }
    return new CameraPose(nearestRotation(rotationRowMajor9), translation3.clone());
  }

  /**
   * Makes a camera at {@code eye} that looks at {@code target} with world +z up in its image. For a
   * camera that looks straight up or down, +x is up instead.
   *
   * @param eye the camera's position, 3 values in world units
   * @param target the point in the middle of the image, 3 values in world units
   * @return the pose
   * @throws IllegalArgumentException if a value is not finite or the two points are the same
   */
  public static CameraPose lookAt(double[] eye, double[] target) {
    Vectors.requireFinite(eye, 3, "eye");
    Vectors.requireFinite(target, 3, "target");
    double[] forward = Vectors.subtract(target, eye);
    double distance = Vectors.length(forward);
    if (!(distance > 0) || !Double.isFinite(distance)) {
      throw new IllegalArgumentException(
          "eye " + Arrays.toString(eye) + " is where the camera looks, expected another point");
    }
    forward = Vectors.scale(forward, 1 / distance);
    boolean vertical = Math.hypot(forward[0], forward[1]) < POLE_SINE;
    double[] up = vertical ? new double[] {1, 0, 0} : new double[] {0, 0, 1};
    double[] right = Vectors.cross(forward, up);
    right = Vectors.scale(right, 1 / Vectors.length(right));
    double[] down = Vectors.cross(forward, right);
    double[] rotation = new double[9];
    System.arraycopy(right, 0, rotation, 0, 3);
    System.arraycopy(down, 0, rotation, 3, 3);
    System.arraycopy(forward, 0, rotation, 6, 3);
    return new CameraPose(rotation, Vectors.scale(Vectors.multiply(rotation, eye), -1));
  }

  /**
   * Makes a camera on a sphere around the origin, looking at the origin.
   *
   * @param azimuth radians, anticlockwise seen from above, zero on +x
   * @param elevation radians above the horizon, -π/2 to π/2
   * @param radius distance from the origin in world units, above 0
   * @return the pose at radius·(cos e·cos a, cos e·sin a, sin e)
   * @throws IllegalArgumentException if a value is not finite or out of its range
   */
  public static CameraPose orbit(double azimuth, double elevation, double radius) {
    if (!Double.isFinite(azimuth)) {
      throw new IllegalArgumentException("azimuth is " + azimuth + ", expected a finite number");
    }
    // Tolerance, so that 90 degrees summed from floating-point steps is still the pole.
    if (!(Math.abs(elevation) <= Math.PI / 2 + 1e-9)) {
      throw new IllegalArgumentException(
          "elevation is " + elevation + " radians, expected -π/2 to π/2");
    }
    if (!(radius > 0) || !Double.isFinite(radius)) {
      throw new IllegalArgumentException("radius is " + radius + ", expected above 0");
    }
    double horizontal = radius * Math.cos(elevation);
    double[] eye = {
      horizontal * Math.cos(azimuth), horizontal * Math.sin(azimuth), radius * Math.sin(elevation)
    };
    return lookAt(eye, new double[3]);
  }

  /**
   * Returns R, world to camera.
   *
   * @return a copy of its 9 values, row by row
   */
  public double[] rotation() {
    return rotation.clone();
  }

  /**
   * Returns t, the world's origin in camera axes.
   *
   * @return a copy of its 3 values in world units
   */
  public double[] translation() {
    return translation.clone();
  }

  /**
   * Returns the camera that sees the world mirrored at the plane x = 0 as this one sees the world,
   * with left and right of the image exchanged.
   *
   * @return F·R·M and F·t, where F and M change the sign of x
   */
  public CameraPose mirrored() {
    double[] mirrored = rotation.clone();
    for (int i : new int[] {1, 2, 3, 6}) {
      // F or M changes the sign of an entry; both change that of the first entry, which keeps it.
      mirrored[i] = 0 - mirrored[i];
    }
    return new CameraPose(
        mirrored, new double[] {0 - translation[0], translation[1], translation[2]});
  }

  /**
   * Transforms a point from world to camera axes.
   *
   * @param worldPoint 3 values in world units
   * @return R·x + t: right, down, forward
   */
  public double[] toCamera(double[] worldPoint) {
    Objects.requireNonNull(worldPoint, "worldPoint is null");
    double[] turned = Vectors.multiply(rotation, worldPoint);
    return new double[] {
      turned[0] + translation[0], turned[1] + translation[1], turned[2] + translation[2]
    };
  }

  /**
   * Returns the camera's position, -Rᵀ·t.
   *
   * @return 3 values in world units
   */
  public double[] position() {
    return Vectors.scale(Vectors.multiplyTransposed(rotation, translation), -1);
  }

  /**
   * Returns the position's azimuth: anticlockwise seen from above, zero on +x, and zero above or
   * below the origin, where it has none.
   *
   * @return radians in (-π, π]
   */
  public double azimuth() {
    double[] position = position();
    boolean vertical = Math.hypot(position[0], position[1]) <= POLE_SINE * radius();
    double angle = vertical ? 0 : Math.atan2(position[1], position[0]);
    return angle == -Math.PI ? Math.PI : angle;
  }

  /**
   * Returns the position's elevation above the horizon of the origin.
   *
   * @return radians in [-π/2, π/2]
   */
  public double elevation() {
    double[] position = position();
    return Math.atan2(position[2], Math.hypot(position[0], position[1]));
  }

  /**
   * Returns the distance from the origin.
   *
   * @return world units, 0 or more
   */
  public double radius() {
    return Vectors.length(translation);
  }

  /**
   * Returns the world's up direction, +z, in camera axes.
   *
   * @return 3 values, of length 1
   */
  public double[] worldUpInCamera() {
    return new double[] {rotation[2], rotation[5], rotation[8]};
  }

  /**
   * Returns the direction the camera looks in.
   *
   * @return 3 values in world axes, of length 1
   */
  public double[] forward() {
    return new double[] {rotation[6], rotation[7], rotation[8]};
  }

  /**
   * Transforms a point from world to camera axes.
   *
   * @param worldPoint 3 values in world units
   * @return R·worldPoint + t, 3 values: right, down and forward of the camera
   */
  public double[] transform(double[] worldPoint) {
    Objects.requireNonNull(worldPoint, "worldPoint is null");
    double[] point = Vectors.multiply(rotation, worldPoint);
    point[0] += translation[0];
    point[1] += translation[1];
    point[2] += translation[2];
    return point;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CameraPose that
        && Arrays.equals(rotation, that.rotation)
        && Arrays.equals(translation, that.translation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(rotation) + Arrays.hashCode(translation);
  }

  @Override
  public String toString() {
    return "CameraPose[rotation="
        + Arrays.toString(rotation)
        + ", translation="
        + Arrays.toString(translation)
        + "]";
  }

  /**
   * Projects onto the rotations by Newton's iteration for the polar factor. It treats all axes
   * equally and converges quadratically.
   */
  private static double[] nearestRotation(double[] almost) {
    double[] r = almost.clone();
    for (int turn = 0; turn < 3; turn++) {
      double[] gram = Vectors.multiplyByTransposed(r, r);
      double[] next = new double[9];
      for (int row = 0; row < 3; row++) {
        for (int column = 0; column < 3; column++) {
          double product = 0;
          for (int k = 0; k < 3; k++) {
            product += gram[3 * row + k] * r[3 * k + column];
          }
          next[3 * row + column] = 1.5 * r[3 * row + column] - 0.5 * product;
        }
      }
      r = next;
    }
    return r;
  }
}
