package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;

/**
 * The two changes of resolution of a U-Net, each with a 3×3 convolution of the same width: down by
 * a stride of two, up by nearest neighbour first.
 */
public final class Resample extends FusedBlock {

  private final int channels;
  private final boolean up;

  private Resample(int channels, boolean up) {
    this.channels = channels;
    this.up = up;
    Product conv = Product.convolution("conv", channels, channels, 3);
    define(
        "x",
        "return "
            + (up
                ? product(conv).of("torch.upsample_nearest2d(x, None, [2., 2.])")
                : product(conv.halving()).of("x")));
  }

  /**
   * Makes the change to half the resolution, without values.
   *
   * @param channels C
   * @return (N, C, H, W) to (N, C, H/2, W/2)
   */
  public static Resample down(int channels) {
    return new Resample(channels, false);
  }

  /**
   * Makes the change to twice the resolution, without values.
   *
   * @param channels C
   * @return (N, C, H, W) to (N, C, 2H, 2W)
   */
  public static Resample up(int channels) {
    return new Resample(channels, true);
  }

  /** Multiply-adds of one sample whose input is a grid of {@code side}² positions. */
  long multiplyAddsFrom(long side) {
    long outSide = up ? 2 * side : side / 2;
    return multiplyAddsAt(outSide * outSide);
  }

  /** Counts what one sample keeps on a grid of {@code side}² positions. */
  ActivationCount activations(int level, long side) {
    long outSide = up ? 2 * side : side / 2;
    long result = channels * outSide * outSide;
    long largest = channels * Math.max(side, outSide) * Math.max(side, outSide);
    // Upsampled first; what follows is a norm, or, on the way up, a concatenation.
    return ActivationCount.of(level, up ? result : 0, result, !up, largest, Weights.count(this));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    long h = up ? 2 * x.get(2) : (x.get(2) + 1) / 2;
    long w = up ? 2 * x.get(3) : (x.get(3) + 1) / 2;
    return new Shape[] {new Shape(x.get(0), channels, h, w)};
  }
}
