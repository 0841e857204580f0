package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import java.util.Locale;

/**
 * Says how far away what the U-Net draws is, from the features that its image is made of: an
 * auxiliary output, whose loss makes these features know the object's shape.
 *
 * <p>Input: the U-Net's last features (N, in, H, W). Output: (N, 2·fold², H, W), to be unfolded to
 * (N, 2, S, S): the logarithm of the depth along the camera's forward axis, in object lengths, and
 * the logit of there being an object. Before training the depth is {@value #MIDDLE} everywhere and
 * the object as likely as not.
 */
final class DepthHead extends OuterConvolution {

  /** The mean distance of the training views' cameras from the object's middle. */
  private static final double MIDDLE = 1.8;

  private final int in;

  /**
   * @param in channels of the features
   * @param fold pixels a side that one position stands for
   * @param groups groups of the norm
   */
  DepthHead(int in, int fold, int groups) {
    super(2 * fold * fold);
    this.in = in;
    norm("norm", in);
    Product conv = convolution("conv", 0, in, out, 3);
    define(
        "x",
        String.join(
            "\n",
            "h = torch.silu(" + groupNorm("x", groups, "norm") + ")",
            "h = " + conv.of("h"),
            "h = torch.chunk(h, 2, 1)",
            String.format(
                Locale.ROOT, "return torch.cat([h[0] + %s, h[1]], 1)", Math.log(MIDDLE))));
  }

  /** It reads what the output reads, outside of all segments. */
  ActivationCount activations(long side) {
    long positions = side * side;
    return ActivationCount.of(
        -1, 2L * in * positions, out * positions, false, in * positions, Weights.count(this));
  }
}
