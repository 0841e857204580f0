package ai.fresnel.cvs.train.config;

import ai.fresnel.cvs.block.LoraConfig;
import java.util.Optional;

/**
 * The size of a student that is a low-rank adapter of its teacher.
 *
 * @param rank the rank of every delta, 1 to 1024; 0 for a student that is a whole network
 * @param alpha deltas are scaled by {@code alpha / rank}, more than 0
 */
public record AdapterConfig(int rank, double alpha) {

  /**
   * Checks the settings.
   *
   * @param rank as above
   * @param alpha as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public AdapterConfig {
    Checks.require("rank", rank, rank >= 0 && rank <= 1024, "0 to 1024");
    Checks.require("alpha", alpha, alpha > 0 && alpha <= 1e6, "more than 0, at most 1e6");
  }

  /**
   * Returns the adapter's size.
   *
   * @return the size; empty for a whole network
   */
  public Optional<LoraConfig> lora() {
    return rank == 0 ? Optional.empty() : Optional.of(new LoraConfig(rank, alpha));
  }
}
