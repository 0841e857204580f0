package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Several encoded photographs of one object, with known cameras.
 *
 * @param photographs K photographs, at least 2
 * @param places the moves from the first photograph to each, itself first, (K, 16)
 */
public record FusedCode(PhotographCode photographs, CameraBatch places) {

  /** Which photograph looks most nearly the way a target does. */
  private static final TorchFunction NEAREST =
      SceneScript.function(
          "pose: Tensor, places: Tensor",
          """
          turn = self.rotation(self.onward(pose, places))
          facing = torch.select(torch.select(turn, 2, 2), 1, 2)
          facing = torch.reshape(facing, [torch.size(places, 0), torch.size(pose, 0)])
          return torch.argmax(facing, 0)
          """);

  private static final TorchFunction MOVES =
      SceneScript.function(
          "pose: Tensor, places: Tensor, nearest: Tensor",
          """
          n = torch.size(pose, 0)
          rows = torch.arange(n, dtype=ops.prim.dtype(nearest), device=ops.prim.device(nearest))
          return torch.index_select(self.onward(pose, places), 0, nearest * n + rows)
          """);

  private static final TorchFunction ROWS =
      TorchFunction.of("x: Tensor, i: Tensor", "return torch.index_select(x, 0, i)");

  /**
   * For each of N targets the photograph whose camera looks most nearly the same way.
   *
   * @param code N photographs
   * @param cameras the moves from each to its target, (N, 16)
   */
  record Nearest(PhotographCode code, CameraBatch cameras) {}

  /**
   * Checks the counts.
   *
   * @param photographs as above
   * @param places as above
   * @throws IllegalArgumentException if there are fewer than 2 photographs, or other places
   */
  public FusedCode {
    if (photographs.size() < 2 || photographs.size() != places.size()) {
      throw new IllegalArgumentException(
          photographs.size()
              + " photographs with "
              + places.size()
              + " cameras, expected as many, at least 2");
    }
  }

  /** Finds the nearest photograph of each target. */
  Nearest nearest(NDManager manager, CameraBatch targets) {
    NDArray pose = targets.features();
    NDArray nearest = NEAREST.call(manager, new NDList(pose, places.features()));
    NDArray moves = MOVES.call(manager, new NDList(pose, places.features(), nearest));
    return new Nearest(
        photographs.map(part -> ROWS.call(manager, new NDList(part, nearest))),
        new CameraBatch(moves));
  }
}
