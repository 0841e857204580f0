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
   *   <li>{@code onward(pose, places)}: (K·N, 16), the moves from K other cameras to the targets,
   *       camera by camera; {@code places} (K, 16) are the moves from the source to these cameras
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
          + method("world_up", "return torch.slice(pose, 1, 13, 16)")
          + TorchFunction.helper(
              "onward",
              "pose: Tensor, places: Tensor",
              "Tensor",
              """
              k = torch.size(places, 0)
              n = torch.size(pose, 0)
              there = torch.unsqueeze(self.rotation(places), 1)
              turn = torch.matmul(torch.unsqueeze(self.rotation(pose), 0), torch.transpose(there, 2, 3))
              at = torch.reshape(self.translation(places), [k, 1, 3, 1])
              move = torch.unsqueeze(self.translation(pose), 0) - torch.squeeze(torch.matmul(turn, at), 3)
              up = torch.reshape(self.world_up(pose), [1, n, 3, 1])
              up = torch.squeeze(torch.matmul(there, up), 3)
              lens = torch.expand(torch.unsqueeze(self.target_focal(places), 1), [k, n, 2])
              own = torch.expand(torch.unsqueeze(self.target_focal(pose), 0), [k, n, 2])
              parts = [torch.select(turn, 3, 0), torch.select(turn, 3, 1), move, lens, own, up]
              return torch.reshape(torch.cat(parts, 2), [k * n, 16])
              """);

  private static final TorchFunction ROTATION = reader("rotation");
  private static final TorchFunction TRANSLATION = reader("translation");
  private static final TorchFunction SOURCE_FOCAL = reader("source_focal");
  private static final TorchFunction TARGET_FOCAL = reader("target_focal");
  private static final TorchFunction WORLD_UP = reader("world_up");
  private static final TorchFunction ONWARD =
      TorchFunction.withHelpers(
          METHODS, "pose: Tensor, places: Tensor", "return self.onward(pose, places)");

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

  /**
   * Returns the moves from other cameras to the same targets.
   *
   * @param places K moves, from the source of these moves to the other cameras
   * @return K·N moves, camera by camera; on the manager of the features
   */
  public CameraBatch from(CameraBatch places) {
    return new CameraBatch(ONWARD.call(features, places.features()));
  }
}
