package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import java.util.Locale;

/**
 * Embeds images as tokens for the first block: resizes (bicubic, antialiased, as the reference's
 * preprocessing), normalises by ImageNet's mean and deviation, maps each patch linearly, prepends
 * the class token and adds position embeddings.
 *
 * <p>Input: (N, 3, S, S) in [-1, 1]. Output: (N, 1 + grid², D).
 */
final class VitEmbedding extends FusedBlock {

  /** The reference adds this to the grid before it divides, to prevent rounding down. */
  private static final double INTERPOLATION_OFFSET = 0.1;

  private final VitConfig config;

  VitEmbedding(VitConfig config) {
    this.config = config;
    int width = config.width();
    int stored = config.storedGrid();
    zeros("cls_token", 1, 1, width);
    weight("pos_embed", 0.02, 1, 1 + (long) stored * stored, width);
    // Used in pretraining only; declared so that the published file and this block have equal
    // names.
    zeros("mask_token", 1, width);
    Product patches =
        product(Product.convolution("patch_embed.proj", 3, width, config.patch()).ofPatches());
    define("x", body(patches));
  }

  private String body(Product patches) {
    int size = config.imageSize();
    return String.join(
        "\n",
        // A cubic overshoots at edges; the reference resizes 8-bit images, which clip.
        String.format(
            Locale.ROOT,
            "r = torch.clamp(torch._upsample_bicubic2d_aa(x, [%d, %d], False, None), -1., 1.)",
            size,
            size),
        "mean = " + constant("[0.485, 0.456, 0.406]"),
        "deviation = " + constant("[0.229, 0.224, 0.225]"),
        "r = (r * 0.5 + 0.5 - mean) / deviation",
        "h = " + patches.of("r"),
        "h = torch.transpose(torch.flatten(h, 2), 1, 2)",
        "cls = torch.expand(cls_token, [torch.size(x, 0), 1, " + config.width() + "])",
        "p = torch.slice(pos_embed, 1, 1, 9223372036854775807, 1)",
        positions(),
        "p = torch.cat([torch.slice(pos_embed, 1, 0, 1, 1), p], 1)",
        "return torch.cat([cls, h], 1) + p");
  }

  private static String constant(String values) {
    return "torch.reshape(torch.tensor("
        + values
        + ", dtype=ops.prim.dtype(x), device=ops.prim.device(x)), [1, 3, 1, 1])";
  }

  /** Interpolates p, (1, stored², D) to (1, grid², D), where the grids differ. */
  private String positions() {
    int stored = config.storedGrid();
    if (config.grid() == stored) {
      return "";
    }
    double scale = (config.grid() + INTERPOLATION_OFFSET) / stored;
    return String.join(
        "\n",
        String.format(
            Locale.ROOT,
            "p = torch.permute(torch.reshape(p, [1, %d, %d, %d]), [0, 3, 1, 2])",
            stored,
            stored,
            config.width()),
        // Interpolate by scale, not by size: the offset shifts every position a little.
        "p = torch.upsample_bicubic2d(p, None, False, [" + scale + ", " + scale + "])",
        "p = torch.transpose(torch.flatten(p, 2), 1, 2)");
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long tokens = 1 + (long) config.grid() * config.grid();
    return new Shape[] {new Shape(inputShapes[0].get(0), tokens, config.width())};
  }
}
