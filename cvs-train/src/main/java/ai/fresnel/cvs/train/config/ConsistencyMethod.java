package ai.fresnel.cvs.train.config;

/** Where stage 2 takes the lower partner of a noisy state from. */
public enum ConsistencyMethod {
  /** One step of the teacher's ODE (Song et al. 2023, algorithm 2). */
  DISTILLATION,

  /**
   * The truth with less of the same noise (Song et al. 2023, algorithm 3): no teacher; weights
   * start at random or from a diffusion model's (Geng et al. 2024).
   */
  TRAINING,

  /**
   * Two steps of the teacher, which the student learns to make in one; phase by phase the student
   * becomes the teacher and the grid half as fine (Salimans and Ho 2022).
   */
  PROGRESSIVE
}
