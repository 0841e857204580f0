package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * A mixture of round Gaussians of one width: the denoiser and the moments are closed-form, the
 * ODE's solution is not. States are (N, axes).
 */
public final class MixtureToy {

  private final double[] weights;
  private final double[][] means;
  private final double deviation;

  /** Makes a mixture; the weights add to 1. */
  public MixtureToy(double[] weights, double[][] means, double deviation) {
    this.weights = weights.clone();
    this.means = means.clone();
    this.deviation = deviation;
  }

  /** Two well-parted modes, the right one three times as likely. */
  public static MixtureToy twoModes() {
    return new MixtureToy(new double[] {0.25, 0.75}, new double[][] {{-1, 0.5}, {1, 0}}, 0.2);
  }

  public double mean(int axis) {
    double mean = 0;
    for (int k = 0; k < weights.length; k++) {
      mean += weights[k] * means[k][axis];
    }
    return mean;
  }

  public double variance(int axis) {
    double second = 0;
    for (int k = 0; k < weights.length; k++) {
      second += weights[k] * (means[k][axis] * means[k][axis] + deviation * deviation);
    }
    return second - mean(axis) * mean(axis);
  }

  /** Clean samples: uniforms (N) pick the mode, noise (N, axes) is the place in it. */
  public NDArray sample(NDManager manager, float[] uniforms, float[][] noise) {
    float[][] out = new float[uniforms.length][];
    for (int i = 0; i < out.length; i++) {
      int k = 0;
      double left = uniforms[i];
      while (k < weights.length - 1 && left >= weights[k]) {
        left -= weights[k++];
      }
      out[i] = noise[i].clone();
      for (int d = 0; d < out[i].length; d++) {
        out[i][d] = (float) (means[k][d] + deviation * noise[i][d]);
      }
    }
    return manager.create(out);
  }

  /** The posterior mean: of each mode, weighted by how likely x came from it. */
  public Denoiser denoiser() {
    return (x, sigma, conditioning) -> {
      float[] xs = x.toFloatArray();
      float[] sigmas = sigma.toFloatArray();
      int axes = means[0].length;
      for (int i = 0; i < sigmas.length; i++) {
        double[] state = new double[axes];
        for (int d = 0; d < axes; d++) {
          state[d] = xs[i * axes + d];
        }
        double[] x0 = denoise(state, sigmas[i]);
        for (int d = 0; d < axes; d++) {
          xs[i * axes + d] = (float) x0[d];
        }
      }
      return x.getManager().create(xs, x.getShape());
    };
  }

  private double[] denoise(double[] x, double sigma) {
    double variance = deviation * deviation + sigma * sigma;
    double[] logs = new double[weights.length];
    double top = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < weights.length; k++) {
      double distance = 0;
      for (int d = 0; d < x.length; d++) {
        distance += (x[d] - means[k][d]) * (x[d] - means[k][d]);
      }
      logs[k] = Math.log(weights[k]) - distance / (2 * variance);
      top = Math.max(top, logs[k]);
    }
    double sum = 0;
    double[] x0 = new double[x.length];
    for (int k = 0; k < weights.length; k++) {
      double likely = Math.exp(logs[k] - top);
      sum += likely;
      for (int d = 0; d < x.length; d++) {
        double pulled = means[k][d] + deviation * deviation / variance * (x[d] - means[k][d]);
        x0[d] += likely * pulled;
      }
    }
    for (int d = 0; d < x.length; d++) {
      x0[d] /= sum;
    }
    return x0;
  }
}
