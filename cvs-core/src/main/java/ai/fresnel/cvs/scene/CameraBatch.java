package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * N camera moves as the network reads them, with names for their numbers. {@link
 * RelativePose#features} defines the numbers; only this class knows their positions.
 *
 * <p>In TorchScript, functions of {@link SceneScript} read them from the array {@code pose} by the
 * same names, written {@code self.rotation(pose)} and so on: see {@link #METHODS}.
 *
 * @param features (N, 16), one row per move, float32 or float64
 */
public record CameraBatch(NDArray features) {

  /**
   * TorchScript methods that read a pose (N, 16):
   *
   * <ul>
   *   <li>{@code rotation}: (N, 3, 3), source to target; its columns are the source camera's axes
   *       in the target camera's
   *   <li>{@code translation}: (N, 3), the source camera's position in target axes, world units
   *   <li>{@code source_focal}: (N, 2), fx and fy of the source over its width
   *   <li>{@code target_focal}: (N, 2), fx and fy of the target over its width
   *   <li>{@code world_up}: (N, 3), world up in source axes
   * </ul>
   */
  public static final String METHODS =
      method(
              "rotation",
              """
              a = torch.slice(pose, 1, 0, 3)
              b = torch.slice(pose, 1, 3, 6)
              return torch.stack([a, b, torch.linalg_cross(a, b)], 2)
              """)
          + method("translation", "return torch.slice(pose, 1, 6, 9)")
          + method("source_focal", "return torch.slice(pose, 1, 9, 11)")
          + method("target_focal", "return torch.slice(pose, 1, 11, 13)")
          + method("world_up", "return torch.slice(pose, 1, 13, 16)");

  private static final TorchFunction ROTATION = reader("rotation");
  private static final TorchFunction TRANSLATION = reader("translation");
  private static final TorchFunction SOURCE_FOCAL = reader("source_focal");
  private static final TorchFunction TARGET_FOCAL = reader("target_focal");
  private static final TorchFunction WORLD_UP = reader("world_up");

  /**
   * Checks the shape.
   *
   * @param features as above
   * @throws IllegalArgumentException if the shape is not (N, 16)
   */
  public CameraBatch {
    Shape shape = features.getShape();
    if (shape.dimension() != 2 || shape.get(1) != RelativePose.FEATURES) {
      throw new IllegalArgumentException(
          "cameras have shape " + shape + ", expected (N, " + RelativePose.FEATURES + ")");
    }
  }

  private static String method(String name, String body) {
    return TorchFunction.helper(name, "pose: Tensor", "Tensor", body);
  }

  private static TorchFunction reader(String name) {
    return TorchFunction.withHelpers(METHODS, "pose: Tensor", "return self." + name + "(pose)");
  }

  /**
   * Returns the number of moves.
   *
   * @return N
   */
  public long size() {
    return features.getShape().get(0);
  }

  /**
   * Returns the rotations from source to target.
   *
   * @return (N, 3, 3), whose columns are the source camera's axes in the target camera's; on the
   *     manager of the features, like all results of this class
   */
  public NDArray rotation() {
    return ROTATION.call(features);
  }

  /**
   * Returns the translations from source to target.
   *
   * @return (N, 3), the source camera's position in target axes, world units
   */
  public NDArray translation() {
    return TRANSLATION.call(features);
  }

  /**
   * Returns the focal lengths of the source cameras.
   *
   * @return (N, 2), fx and fy over the image's width
   */
  public NDArray sourceFocal() {
    return SOURCE_FOCAL.call(features);
  }

  /**
   * Returns the focal lengths of the target cameras.
   *
   * @return (N, 2), fx and fy over the image's width
   */
  public NDArray targetFocal() {
    return TARGET_FOCAL.call(features);
  }

  /**
   * Returns the world's up direction.
   *
   * @return (N, 3), world up in source axes, of length 1
   */
  public NDArray worldUp() {
    return WORLD_UP.call(features);
  }
}
