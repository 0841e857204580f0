package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.ParallelLoop;

/**
 * Adam (Kingma and Ba 2015) on plain arrays, with a rate for each group of parameters and the small
 * epsilon of Gaussian splatting, whose gradients are small.
 */
final class Adam {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-15f;

  /** Gaussians of one piece of parallel work. */
  private static final int CHUNK = 4096;

  /** The corrections of the moments for their start at 0. */
  private final float first;

  private final float second;

  /**
   * @param step the number of updates, this one included
   */
  Adam(long step) {
    first = (float) (1 / (1 - Math.pow(BETA1, (double) step)));
    second = (float) (1 / (1 - Math.pow(BETA2, (double) step)));
  }

  /** Updates all parameters of a model. */
  void update(
      SplatModel model, GaussianArrays gradients, SplatRates rates, double means, int threads) {
    float[] byGroup = {
      (float) means, (float) rates.rotations(), (float) rates.scales(), (float) rates.opacities()
    };
    int count = model.size();
    ParallelLoop.run(
        threads,
        (count + CHUNK - 1) / CHUNK,
        chunk -> {
          int from = chunk * CHUNK;
          int to = Math.min(count, from + CHUNK);
          for (int group = 0; group < byGroup.length; group++) {
            int each = gradients.groups().get(group).length / count;
            update(
                model.parameters.groups().get(group),
                gradients.groups().get(group),
                model.firstMoments.groups().get(group),
                model.secondMoments.groups().get(group),
                byGroup[group],
                each * from,
                each * to);
          }
          updateHarmonics(model, gradients, rates, from, to);
        });
  }

  private void updateHarmonics(
      SplatModel model, GaussianArrays gradients, SplatRates rates, int from, int to) {
    float[] sh = model.parameters.sh();
    int each = sh.length / model.size();
    for (int i = from; i < to; i++) {
      int at = each * i;
      update(
          sh,
          gradients.sh(),
          model.firstMoments.sh(),
          model.secondMoments.sh(),
          (float) rates.sh0(),
          at,
          at + 3);
      update(
          sh,
          gradients.sh(),
          model.firstMoments.sh(),
          model.secondMoments.sh(),
          (float) rates.shRest(),
          at + 3,
          at + each);
    }
  }

  /** Updates the values from one index to before another. */
  void update(
      float[] values, float[] gradients, float[] m, float[] v, float rate, int from, int to) {
    float scaledRate = rate * first;
    for (int i = from; i < to; i++) {
      float gradient = gradients[i];
      float mean = BETA1 * m[i] + (1 - BETA1) * gradient;
      float square = BETA2 * v[i] + (1 - BETA2) * gradient * gradient;
      m[i] = mean;
      v[i] = square;
      values[i] -= scaledRate * mean / ((float) Math.sqrt(second * square) + EPSILON);
    }
  }
}
