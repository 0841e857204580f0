package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import java.util.Arrays;

/**
 * Gaussians in the making: parameters, Adam's moments, and what the control of density counts.
 * Mutable; all have the same number of rows.
 */
final class SplatModel {
  GaussianArrays parameters;
  GaussianArrays firstMoments;
  GaussianArrays secondMoments;

  /** (N), sums of the norms of gradients by places in images, since the last round. */
  float[] pull;

  /** (N), the number of images in them. */
  float[] seen;

  SplatModel(GaussianArrays parameters) {
    this.parameters = parameters;
    int count = parameters.size();
    int degree = parameters.shDegree();
    firstMoments = GaussianArrays.zeros(count, degree);
    secondMoments = GaussianArrays.zeros(count, degree);
    startCounting();
  }

  int size() {
    return parameters.size();
  }

  /** Forgets what was counted. */
  void startCounting() {
    pull = new float[size()];
    seen = new float[size()];
  }

  /** Keeps the given Gaussians, with all that is known of them. */
  void keep(int[] rows) {
    parameters = Rows.pick(parameters, rows);
    firstMoments = Rows.pick(firstMoments, rows);
    secondMoments = Rows.pick(secondMoments, rows);
    startCounting();
  }

  /** Adds copies of the given Gaussians after the last, without moments. */
  void append(int[] rows) {
    int before = size();
    int[] all = Arrays.copyOf(range(before), before + rows.length);
    System.arraycopy(rows, 0, all, before, rows.length);
    keep(all);
    for (int i = before; i < all.length; i++) {
      clearMoments(i);
    }
  }

  void clearMoments(int i) {
    Rows.clear(firstMoments, i);
    Rows.clear(secondMoments, i);
  }

  float opacity(int i) {
    return (float) (1 / (1 + Math.exp(-parameters.opacityLogits()[i])));
  }

  /** The largest standard deviation of Gaussian i. */
  double largestScale(int i) {
    float[] logs = parameters.logScales();
    return Math.exp(Math.max(logs[3 * i], Math.max(logs[3 * i + 1], logs[3 * i + 2])));
  }

  private static int[] range(int count) {
    int[] range = new int[count];
    for (int i = 0; i < count; i++) {
      range[i] = i;
    }
    return range;
  }
}
