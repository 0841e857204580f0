package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.UNetConfig.Norm;

/**
 * The last convolution with its norm, and beside it, if wanted, a linear path from the network's
 * input with a gain a channel that depends on sigma. At low noise the target of F is minus the
 * noise itself, pixel for pixel: fold² times the image's channels of it would otherwise have to
 * pass unharmed through a width of hardly twice as many, and what does not is left in the image as
 * pixel noise. The path starts as the identity with gains of zero.
 *
 * <p>Inputs: x (N, in, H, W); then, if there is the path, the network's own input (N, state, H, W)
 * and the embedding (N, D) after its SiLU. Output: (N, out, H, W), zero before training.
 */
public final class OutputHead extends OuterConvolution {

  private final int in;
  private final int state;

  /**
   * Makes a head of norm, SiLU and convolution alone.
   *
   * @param in channels of x
   * @param out channels of the result
   * @param norm the norm
   */
  public OutputHead(int in, int out, Norm norm) {
    super(out);
    this.in = in;
    state = 0;
    String features = features(norm);
    define("x", features + "return " + convolution("conv", 0, in, out, 3).of("h"));
  }

  /**
   * Makes a head with a linear path beside it.
   *
   * @param in channels of x
   * @param out channels of the result
   * @param norm the norm
   * @param state channels of the network's input
   * @param embedding width D of the embedding
   */
  OutputHead(int in, int out, Norm norm, int state, int embedding) {
    super(out);
    this.in = in;
    this.state = state;
    String features = features(norm);
    Product conv = convolution("conv", 0, in, out, 3);
    Product gain = product(Product.linear("gain", embedding, state).withGain(0).ofVector());
    Product path =
        product(Product.convolution("linear", state, out, 3).withoutBias().startingAsIdentity());
    define(
        "x, state, embedding",
        String.join(
            "\n",
            features + "g = torch.unsqueeze(torch.unsqueeze(" + gain.of("embedding") + ", 2), 3)",
            "s = " + path.of("state * g"),
            "return s + " + conv.of("h")));
  }

  private String features(Norm norm) {
    norm("norm", in);
    return "h = torch.silu(" + groupNorm("x", norm.groups(), "norm", norm.epsilon()) + ")\n";
  }

  /** Counts what one sample keeps: norm, SiLU, the state with its gain. */
  ActivationCount activations(long side) {
    long positions = side * side;
    return ActivationCount.of(
        0,
        (2L * in + state) * positions,
        out * positions,
        false,
        Math.max(in, state) * positions,
        Weights.count(this));
  }
}
