package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import java.util.Locale;

/**
 * Embeds normalised images as tokens for the first block: maps each patch linearly, prepends the
 * class token, adds position embeddings and puts the registers behind the class token.
 *
 * <p>Input: (N, 3, S, S), S the configuration's size. Output: (N, 1 + registers + grid², D).
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
    if (config.registers() > 0) {
      weight("register_tokens", 0.02, 1, config.registers(), width);
    }
    // Used in pretraining only; declared so that the published file and this block have equal
    // names.
    zeros("mask_token", 1, width);
    Product patches =
        product(Product.convolution("patch_embed.proj", 3, width, config.patch()).ofPatches());
    define("x", body(patches));
  }

  private String body(Product patches) {
    return String.join(
        "\n",
        "h = " + patches.of("x"),
        "h = torch.transpose(torch.flatten(h, 2), 1, 2)",
        "cls = " + forEachImage("cls_token"),
        "p = torch.slice(pos_embed, 1, 1, 9223372036854775807, 1)",
        positions(),
        "p = torch.cat([torch.slice(pos_embed, 1, 0, 1, 1), p], 1)",
        "h = torch.cat([cls, h], 1) + p",
        registers(),
        "return h");
  }

  private String forEachImage(String tokens) {
    return "torch.expand(" + tokens + ", [torch.size(x, 0), -1, " + config.width() + "])";
  }

  /** Puts the registers behind the class token. They have no positions. */
  private String registers() {
    if (config.registers() == 0) {
      return "";
    }
    return String.join(
        ", ",
        "h = torch.cat([torch.slice(h, 1, 0, 1, 1)",
        forEachImage("register_tokens"),
        "torch.slice(h, 1, 1, 9223372036854775807, 1)], 1)");
  }

  /** Interpolates p, (1, stored², D) to (1, grid², D), where the grids differ. */
  private String positions() {
    int stored = config.storedGrid();
    int grid = config.grid();
    if (grid == stored) {
      return "";
    }
    double scale = (grid + INTERPOLATION_OFFSET) / stored;
    String resized =
        config.registers() == 0
            // Interpolate by scale, not by size: the offset shifts every position a little.
            ? "torch.upsample_bicubic2d(p, None, False, [" + scale + ", " + scale + "])"
            // The networks with registers were published with antialiasing and no offset.
            : "torch._upsample_bicubic2d_aa(p, [" + grid + ", " + grid + "], False, None)";
    return String.join(
        "\n",
        String.format(
            Locale.ROOT,
            "p = torch.permute(torch.reshape(p, [1, %d, %d, %d]), [0, 3, 1, 2])",
            stored,
            stored,
            config.width()),
        "p = " + resized,
        "p = torch.transpose(torch.flatten(p, 2), 1, 2)");
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.tokens(), config.width())};
  }
}
