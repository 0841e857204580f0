package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * The move from a source to a target camera: x_target = R·x_source + t for one point in the axes of
 * either camera. Immutable.
 */
public final class RelativePose {

  /** Number of values that {@link #features} returns. */
  public static final int FEATURES = 16;

  private final double[] rotation;
  private final double[] translation;

  private RelativePose(double[] rotation, double[] translation) {
    this.rotation = rotation;
    this.translation = translation;
  }

  /**
   * Returns the move between two cameras.
   *
   * @param source the camera of the known view
   * @param target the camera of the view to make
   * @return R = R_target·R_sourceᵀ, t = t_target − R·t_source
   */
  public static RelativePose between(CameraPose source, CameraPose target) {
    Objects.requireNonNull(source, "source is null");
    Objects.requireNonNull(target, "target is null");
    double[] rotation = Vectors.multiplyByTransposed(target.rotation(), source.rotation());
    double[] moved = Vectors.multiply(rotation, source.translation());
    return new RelativePose(rotation, Vectors.subtract(target.translation(), moved));
  }

  /**
   * Returns the input of the pose encoder, in this order: the 6D rotation source → target (6), the
   * translation source → target in world units (3), fx and fy of the source over its width (2), the
   * same of the target (2), world up in source camera axes (3).
   *
   * @param source the camera of the known view
   * @param sourceIntrinsics its lens
   * @param target the camera of the view to make
   * @param targetIntrinsics its lens
   * @return {@value #FEATURES} values
   */
  public static float[] features(
      CameraPose source,
      Intrinsics sourceIntrinsics,
      CameraPose target,
      Intrinsics targetIntrinsics) {
    RelativePose move = between(source, target);
    double[] six = Rotation6d.encode(move.rotation);
    double[] up = source.worldUpInCamera();
    float[] features = new float[FEATURES];
    for (int i = 0; i < 6; i++) {
      features[i] = (float) six[i];
    }
    for (int i = 0; i < 3; i++) {
      features[6 + i] = (float) move.translation[i];
      features[13 + i] = (float) up[i];
    }
    features[9] = (float) sourceIntrinsics.normalisedFx();
    features[10] = (float) sourceIntrinsics.normalisedFy();
    features[11] = (float) targetIntrinsics.normalisedFx();
    features[12] = (float) targetIntrinsics.normalisedFy();
    return features;
  }

  /**
   * Returns R, source to target.
   *
   * @return a copy of its 9 values, row by row
   */
  public double[] rotation() {
    return rotation.clone();
  }

  /**
   * Returns t, the source camera's position in target camera axes.
   *
   * @return a copy of its 3 values in world units
   */
  public double[] translation() {
    return translation.clone();
  }

  /**
   * Returns the angle of the rotation.
   *
   * @return radians in [0, π]
   */
  public double angle() {
    double trace = rotation[0] + rotation[4] + rotation[8];
    double[] axis = {
      rotation[7] - rotation[5], rotation[2] - rotation[6], rotation[3] - rotation[1]
    };
    // atan2 keeps its precision near 0 and near π.
    return Math.atan2(Vectors.length(axis), trace - 1);
  }
}
