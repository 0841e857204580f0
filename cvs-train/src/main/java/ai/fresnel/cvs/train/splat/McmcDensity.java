package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Moves Gaussians that are as good as gone onto others, and lets the nearly gone wander: Kheradmand
 * et al. 2024.
 */
final class McmcDensity implements Density {

  /** The share by which the number of Gaussians grows in a round, up to the budget. */
  private static final double GROWTH = 0.05;

  /** The most Gaussians that one becomes in a round; factors beyond lose their digits. */
  private static final int MOST_COPIES = 51;

  /** Noise falls from 1 to 0 about this opacity, within some of the inverse of the steepness. */
  private static final double NOISY_OPACITY = 0.005;

  private static final double STEEPNESS = 100;

  /** Noise that is weaker than this share is left out: none can be seen of it. */
  private static final double LEAST_NOISE = 1e-4;

  private final SplatSettings settings;

  McmcDensity(SplatSettings settings) {
    this.settings = settings;
  }

  /** Moves means by noise in their own covariance, the more the less can be seen of it. */
  @Override
  public void afterStep(SplatModel model, long step, double meansRate) {
    double strength = settings.density().noise() * meansRate / settings.rates().means();
    if (!(strength > 0)) {
      return;
    }
    SplittableRandom random = SplatRandom.NOISE.at(settings.seed(), step);
    GaussianArrays arrays = model.parameters;
    for (int i = 0; i < model.size(); i++) {
      double share = 1 / (1 + Math.exp(STEEPNESS * (model.opacity(i) - NOISY_OPACITY)));
      if (share < LEAST_NOISE) {
        continue;
      }
      double[] noise = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      Turn turn = Turn.of(arrays.rotations(), i);
      double[] own = turn.undo(noise);
      for (int k = 0; k < 3; k++) {
        own[k] *= strength * share * Math.exp(2 * arrays.logScales()[3 * i + k]);
      }
      double[] moved = turn.apply(own);
      for (int k = 0; k < 3; k++) {
        arrays.means()[3 * i + k] += (float) moved[k];
      }
    }
  }

  @Override
  public void round(SplatModel model, long step) {
    SplittableRandom random = SplatRandom.DENSITY.at(settings.seed(), step);
    int count = model.size();
    int[] gone = new int[count];
    int missing = 0;
    double[] sums = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      float opacity = model.opacity(i);
      if (opacity < LEAST_OPACITY) {
        gone[missing++] = i;
      } else {
        sum += opacity;
      }
      sums[i] = sum;
    }
    if (!(sum > 0)) {
      return;
    }
    int grown = (int) Math.min(settings.gaussians(), Math.ceil((1 + GROWTH) * count));
    int added = Math.max(0, grown - count);
    // Drawn by opacity, so that the gone, of no share, are never drawn.
    int[] copied = new int[missing + added];
    int[] times = new int[count];
    for (int k = 0; k < copied.length; k++) {
      copied[k] = drawn(sums, sum * random.nextDouble());
      times[copied[k]]++;
    }
    for (int i = 0; i < count; i++) {
      if (times[i] > 0) {
        divide(model.parameters, i, Math.min(MOST_COPIES, times[i] + 1));
        model.clearMoments(i);
      }
    }
    for (int k = 0; k < missing; k++) {
      Rows.copy(model.parameters, copied[k], gone[k]);
      model.clearMoments(gone[k]);
    }
    model.append(Arrays.copyOfRange(copied, missing, copied.length));
  }

  private static int drawn(double[] sums, double at) {
    int found = Arrays.binarySearch(sums, at);
    int i = found < 0 ? -found - 1 : found + 1;
    return Math.min(i, sums.length - 1);
  }

  /**
   * Gives a Gaussian the opacity and the size with which n of it look as one did: equation 9 of the
   * paper.
   */
  static void divide(GaussianArrays arrays, int i, int n) {
    double opacity = 1 / (1 + Math.exp(-arrays.opacityLogits()[i]));
    double each = 1 - Math.pow(1 - opacity, 1.0 / n);
    double sum = 0;
    for (int l = 1; l <= n; l++) {
      double binomial = 1;
      for (int k = 0; k < l; k++) {
        sum += binomial * (k % 2 == 0 ? 1 : -1) * Math.pow(each, k + 1) / Math.sqrt(k + 1);
        binomial = binomial * (l - 1 - k) / (k + 1);
      }
    }
    double bounded = Math.max(LEAST_OPACITY, Math.min(1 - 1e-6, each));
    arrays.opacityLogits()[i] = (float) Math.log(bounded / (1 - bounded));
    for (int k = 0; k < 3; k++) {
      arrays.logScales()[3 * i + k] += (float) Math.log(opacity / sum);
    }
  }
}
