package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.SplatFrame;
import ai.fresnel.cvs.splat.SplatGradient;

/** A strategy that adds, moves and removes Gaussians: see {@link SplatDensity.Method}. */
interface Density {

  /** Below this opacity a Gaussian is as good as gone. */
  double LEAST_OPACITY = 0.005;

  /** Looks at the gradient of a step. */
  default void observe(SplatModel model, SplatFrame frame, SplatGradient gradient) {}

  /** Acts after a step's update, apart from rounds. */
  default void afterStep(SplatModel model, long step, double meansRate) {}

  /** Adds, moves and removes Gaussians. */
  void round(SplatModel model, long step);

  /** Makes the strategy of some settings. */
  static Density of(SplatSettings settings) {
    return switch (settings.density().method()) {
      case NONE -> (model, step) -> {};
      case PUBLISHED -> new PublishedDensity(settings);
      case MCMC -> new McmcDensity(settings);
    };
  }

  /** Removes the Gaussians that are as good as gone. */
  static void prune(SplatModel model) {
    int[] kept = new int[model.size()];
    int count = 0;
    for (int i = 0; i < kept.length; i++) {
      if (model.opacity(i) >= LEAST_OPACITY) {
        kept[count++] = i;
      }
    }
    if (count < kept.length) {
      model.keep(java.util.Arrays.copyOf(kept, count));
    }
  }
}
