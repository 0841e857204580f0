package ai.fresnel.cvs.diffusion;

/**
 * DDIM in plain Java, in the terms of its paper (Song et al. 2021, equations 12 and 16): states of
 * preserved variance, a network that predicts the noise, one number at a time.
 */
final class SlowDdim {

  private final double[] alphaBar;

  /** With aBar of each timestep. */
  SlowDdim(double[] alphaBar) {
    this.alphaBar = alphaBar.clone();
  }

  /** aBar by the recursion, betas' roots linear. */
  static SlowDdim scaledLinear(double start, double end, int timesteps) {
    double[] alphaBar = new double[timesteps];
    double product = 1;
    for (int t = 0; t < timesteps; t++) {
      double root = Math.sqrt(start) + t * (Math.sqrt(end) - Math.sqrt(start)) / (timesteps - 1.0);
      product *= 1 - root * root;
      alphaBar[t] = product;
    }
    return new SlowDdim(alphaBar);
  }

  double alphaBar(int timestep) {
    return alphaBar[timestep];
  }

  /** One step from timestep t; aBarNext is that of the timestep it goes to. */
  double[] step(double[] x, double[] eps, double[] noise, int t, double aBarNext, double eta) {
    double aBar = alphaBar[t];
    double variance = (1 - aBarNext) / (1 - aBar) * (1 - aBar / aBarNext);
    double deviation = eta * Math.sqrt(variance);
    double[] next = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double x0 = (x[i] - Math.sqrt(1 - aBar) * eps[i]) / Math.sqrt(aBar);
      double direction = Math.sqrt(1 - aBarNext - deviation * deviation) * eps[i];
      next[i] = Math.sqrt(aBarNext) * x0 + direction + deviation * noise[i];
    }
    return next;
  }

  /** All steps; the last goes to aBar of timestep 0 ({@code set_alpha_to_one} false). */
  double[] sample(
      int[] timesteps, double[] first, double[][] noises, double eta, EpsNetwork network) {
    double[] x = first.clone();
    for (int i = 0; i < timesteps.length; i++) {
      int t = timesteps[i];
      double next = i + 1 < timesteps.length ? alphaBar[timesteps[i + 1]] : alphaBar[0];
      x = step(x, network.eps(x, t), noises[i], t, next, eta);
    }
    return x;
  }

  /** A network that predicts the noise in states of preserved variance. */
  @FunctionalInterface
  interface EpsNetwork {
    double[] eps(double[] xVp, int timestep);
  }
}
