package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.Frustum;
import ai.fresnel.cvs.scene.Rays;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Compares the cells of photographs' volumes with what other views say about them. A cell with
 * density times distance τ is occupied with probability 1 − exp(−τ); the loss is the cross-entropy,
 * averaged over the cells that are known.
 *
 * <p>Output: raw densities (M, K, G, G). Label: target (M, K, G, G), 1 for occupied cells, 0 for
 * empty ones, −1 for unknown ones, as {@link #carved} makes it.
 */
public final class OccupancyLoss implements SampleLoss<FrustumLabel> {

  private static final TorchFunction LOSS =
      SceneScript.function(
          "target: Tensor, weight: Tensor, raw: Tensor",
          """
          thick = self.thickness(raw, weight)
          full = torch.neg(torch.log(torch.clamp(torch.neg(torch.expm1(torch.neg(thick))), 1.0000000000000001e-09)))
          known = torch.type_as(torch.ge(target, 0.), thick)
          e = torch.where(torch.gt(target, 0.5), full, thick) * known
          count = torch.clamp(torch.sum(torch.flatten(known, 1), [1]), 1.)
          each = torch.div(torch.sum(torch.flatten(e, 1), [1]), count)
          views = torch.floordiv(torch.size(weight, 0), torch.size(each, 0))
          return torch.repeat_interleave(each, views) * weight
          """);

  private final TorchFunction carve;

  /**
   * Creates the loss.
   *
   * @param slices K
   * @param side G
   */
  public OccupancyLoss(int slices, int side) {
    carve =
        SceneScript.function(
            "pose: Tensor, depth: Tensor, like: Tensor",
            """
            n = torch.size(pose, 0)
            views = torch.floordiv(n, torch.size(like, 0))
            meeting = torch.repeat_interleave(self.meeting(pose, views), views)
            points = self.to_target(pose, self.cells(pose, meeting, %1$d, %2$d))
            uv = self.project(points, self.target_focal(pose))
            z = torch.select(points, 2, 2)
            inside = torch.lt(torch.amax(torch.abs(uv), [2]), 1.)
            inside = torch.logical_and(inside, torch.gt(z, %3$.17g))
            # Behind everything where there is nothing.
            deep = torch.where(torch.gt(depth, 0.), depth, torch.full_like(depth, 1000000.))
            near = torch.neg(torch.max_pool2d(torch.neg(deep), [3, 3], [1, 1], [1, 1]))
            uv = torch.reshape(uv, [n, -1, 1, 2])
            seen = torch.grid_sampler(torch.cat([deep, near], 1), uv, 1, 1, False)
            seen = torch.reshape(seen, [n, 2, -1])
            gap = %4$.17g
            empty = torch.lt(z, torch.select(seen, 1, 1) - gap)
            surface = torch.lt(torch.abs(z - torch.select(seen, 1, 0)), gap)
            empty = torch.type_as(torch.logical_and(empty, inside), z)
            surface = torch.type_as(torch.logical_and(surface, inside), z)
            empty = torch.amax(torch.reshape(empty, [-1, views, %1$d, %2$d, %2$d]), [1])
            surface = torch.amax(torch.reshape(surface, [-1, views, %1$d, %2$d, %2$d]), [1])
            return torch.where(torch.gt(empty, 0.), torch.zeros_like(empty), surface * 2. - 1.)
            """
                .replaceAll("(?m)^#.*\n", "")
                .formatted(slices, side, Rays.CLOSEST, Frustum.REACH / slices));
  }

  /**
   * Finds what target views say about the cells of photographs. A cell is empty if a view sees
   * through it: it lies before what is seen there and around there, by half of the distance between
   * slices at least. It is occupied if it is at the surface that a view sees and no view sees
   * through it. Of all others, inside the object or outside the images, nothing is known.
   *
   * @param cameras N moves, from M source cameras to some target cameras each
   * @param depth the depth of the target views, (N, 1, S, S), 0 where there is nothing
   * @param photographs any array (M, ...), which says how many photographs there are
   * @param weight the weight of each sample, (N)
   * @return the label
   */
  public FrustumLabel carved(
      CameraBatch cameras, NDArray depth, NDArray photographs, NDArray weight) {
    NDArray target = carve.call(cameras.features(), depth, photographs);
    return FrustumLabel.of(target, cameras, weight);
  }

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, FrustumLabel label) {
    return LOSS.call(label.target(), label.weight(), output);
  }
}
