package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.block.Product;
import java.util.Locale;

/**
 * Embeds one number of each sample, the transformed sigma, as a vector: sines and cosines of it,
 * then a two-layer MLP with SiLU.
 *
 * <p>The angular frequencies run geometrically from 1/4 to 16 a unit. ln(sigma)/4 spans 2.65 units
 * from 0.002 to 80, so the slowest tells the two ends apart and the fastest still turns slowly from
 * one sigma to the next: a consistency model must be smooth in sigma (Song and Dhariwal 2023,
 * section 3.3, measure that quick embeddings harm it).
 *
 * <p>Input: (N). Output: (N, D).
 */
final class NoiseEmbedding extends EmbeddingBlock {

  private static final int FREQUENCIES = 64;

  /**
   * @param width D
   * @param gain of the last layer's first weights: 0 for a number that says nothing before training
   */
  NoiseEmbedding(int width, double gain) {
    super(width);
    Product in = linear("in", 1, 2L * FREQUENCIES, width);
    Product out = linear("out", gain, width, width);
    define(
        "level",
        String.join(
            "\n",
            String.format(
                Locale.ROOT,
                "f = torch.exp2(torch.type_as(torch.linspace(-2., 4., %d), level))",
                FREQUENCIES),
            "a = torch.unsqueeze(level, 1) * torch.unsqueeze(f, 0)",
            "h = torch.cat([torch.cos(a), torch.sin(a)], 1)",
            "h = torch.silu(" + in.of("h") + ")",
            "return " + out.of("h")));
  }
}
