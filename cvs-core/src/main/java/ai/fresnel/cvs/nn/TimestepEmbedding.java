package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Product;
import java.util.Locale;

/**
 * Embeds the time step of a discrete noise schedule as DDPM does (Ho et al. 2020, after Vaswani et
 * al. 2017): cosines, then sines of the step times frequencies that fall geometrically from 1
 * towards 1/10000, then a two-layer MLP with SiLU.
 *
 * <p>Input: steps (N), 0 to 999 in the published networks, not necessarily whole. Output: (N, D).
 */
final class TimestepEmbedding extends EmbeddingBlock {

  private static final double SLOWEST = 10_000;

  /**
   * @param waves number of cosines and sines together, even: the width of the U-Net's first level
   * @param width D
   */
  TimestepEmbedding(int waves, int width) {
    super(width);
    Product in = linear("in", 1, waves, width);
    Product out = linear("out", 1, width, width);
    int half = waves / 2;
    define(
        "step",
        String.join(
            "\n",
            // Frequency i is 10000^(-i / half): exact in float32 as the reference computes it.
            String.format(
                Locale.ROOT,
                "i = torch.type_as(torch.arange(%d, device=ops.prim.device(step)), step)",
                half),
            String.format(Locale.ROOT, "f = torch.exp(i * %s / %d)", -Math.log(SLOWEST), half),
            "a = torch.unsqueeze(step, 1) * torch.unsqueeze(f, 0)",
            "h = torch.cat([torch.cos(a), torch.sin(a)], 1)",
            "h = torch.silu(" + in.of("h") + ")",
            "return " + out.of("h")));
  }
}
