package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import java.util.Locale;

/**
 * Prepares images as the reference does: resizes them (bicubic, antialiased) and normalises by
 * ImageNet's mean and deviation. Without parameters.
 *
 * <p>Input: (N, 3, S, S) in [-1, 1]. Output: (N, 3, size, size).
 */
final class VitPixels extends FusedBlock {

  private final int size;

  /**
   * @param size side of the result, pixels
   */
  VitPixels(int size) {
    this.size = size;
    define(
        "x",
        String.join(
            "\n",
            // A cubic overshoots at edges; the reference resizes 8-bit images, which clip.
            String.format(
                Locale.ROOT,
                "r = torch.clamp(torch._upsample_bicubic2d_aa(x, [%d, %d], False, None), -1., 1.)",
                size,
                size),
            "mean = " + constant("[0.485, 0.456, 0.406]"),
            "deviation = " + constant("[0.229, 0.224, 0.225]"),
            "return (r * 0.5 + 0.5 - mean) / deviation"));
  }

  private static String constant(String values) {
    return "torch.reshape(torch.tensor("
        + values
        + ", dtype=ops.prim.dtype(x), device=ops.prim.device(x)), [1, 3, 1, 1])";
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), 3, size, size)};
  }
}
