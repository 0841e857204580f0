package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The negative log likelihood of the photograph's depth in its volume, averaged over pixels. A
 * volume says where the ray of a pixel ends: in cell k with the probability exp(−τ₁ − … − τₖ₋₁)·(1
 * − exp(−τₖ)), where τ are the densities along the ray times the distance between slices, and
 * behind all cells with exp(−Σ τ) (Deng et al. 2022 supervise radiance fields in this way). So
 * cells before the surface become empty, the cell at it full, and those behind it learn nothing. A
 * depth between two slices is shared by them.
 *
 * <p>Output: raw densities (M, K, G, G). Label: {@link FrustumLabel} with the depth of the M
 * photographs as target.
 */
public final class SourceDepthLoss implements SampleLoss<FrustumLabel> {

  private static final TorchFunction LOSS =
      SceneScript.function(
          "target: Tensor, meeting: Tensor, weight: Tensor, raw: Tensor",
          """
          slices = torch.size(raw, 1)
          fold = torch.floordiv(torch.size(target, 2), torch.size(raw, 2))
          thick = self.thickness(raw, weight)
          before = torch.cumsum(thick, 1) - thick
          ends = before - torch.log(torch.clamp(torch.neg(torch.expm1(torch.neg(thick))), 1.0000000000000001e-09))
          passes = torch.sum(thick, [1], True)
          depth = torch.pixel_unshuffle(target, fold)
          first = torch.select(self.slice_line(thick, slices), 0, 0)
          at = torch.div(depth - torch.reshape(meeting, [-1, 1, 1, 1]) - first, torch.neg(first))
          at = torch.clamp(at * 0.5 * (slices - 1), 0., float(slices - 1))
          near = torch.to(torch.floor(at), 4)
          far = torch.clamp(near + 1, 0, slices - 1)
          share = at - near
          e = torch.rsub(share, 1.) * torch.gather(ends, 1, near) + share * torch.gather(ends, 1, far)
          e = torch.where(torch.gt(depth, 0.), e, torch.expand_as(passes, e))
          each = torch.mean(torch.flatten(e, 1), [1])
          views = torch.floordiv(torch.size(weight, 0), torch.size(each, 0))
          return torch.repeat_interleave(each, views) * weight
          """);

  /** Creates the loss. */
  public SourceDepthLoss() {}

  /** {@inheritDoc} */
  @Override
  public NDArray perSample(NDArray output, FrustumLabel label) {
    return LOSS.call(label.target(), label.meeting(), label.weight(), output);
  }
}
