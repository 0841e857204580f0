package ai.fresnel.cvs.condition;

/** Where a condition enters a denoising network. */
public enum Slot {
  /** Concatenated to the noisy state by channel, (N, C, H, W). */
  CONCAT,
  /** Read by cross-attention, (N, L, D). */
  TOKENS,
  /** Added to the embedding of sigma and joined at the bottleneck, (N, D). */
  VECTOR
}
