package ai.fresnel.cvs.train.config;

/** How parameters are moved from their gradients. */
public enum OptimizerKind {
  /** AdamW for all (Loshchilov and Hutter 2019). */
  ADAMW,

  /** RAdam for all (Liu et al. 2020): needs no warm-up. */
  RADAM,

  /**
   * Muon (Jordan et al. 2024) for the products between hidden states, AdamW for the rest: learns
   * from fewer samples, and costs about as much a step as 10 samples.
   */
  MUON
}
