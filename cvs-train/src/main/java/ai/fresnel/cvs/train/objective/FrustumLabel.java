package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The target of photographs' volumes.
 *
 * @param target of the M photographs, (M, ...)
 * @param meeting the depths of the objects, which the slices are placed around, (M)
 * @param weight the weight of each sample, (N), N a multiple of M
 */
public record FrustumLabel(NDArray target, NDArray meeting, NDArray weight) {

  private static final TorchFunction MEETING =
      SceneScript.function(
          "pose: Tensor, like: Tensor",
          """
          views = torch.floordiv(torch.size(pose, 0), torch.size(like, 0))
          return self.meeting(pose, views)
          """);

  /**
   * Makes the label of photographs with some target views each.
   *
   * @param target (M, ...)
   * @param cameras the moves to the N target views
   * @param weight (N)
   * @return the label, whose depths are where the cameras' axes meet
   */
  public static FrustumLabel of(NDArray target, CameraBatch cameras, NDArray weight) {
    return new FrustumLabel(target, MEETING.call(cameras.features(), target), weight);
  }
}
