package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * A Gaussian with its own variance on each axis: every object of diffusion has a closed form. For
 * any floating type, so that orders of convergence can be measured in double precision.
 */
public final class GaussianToy {

  private final double[] mean;
  private final double[] variance;

  /** Makes a Gaussian of as many axes as there are means. */
  public GaussianToy(double[] mean, double[] variance) {
    this.mean = mean.clone();
    this.variance = variance.clone();
  }

  /** A wide and a narrow axis, off the origin. */
  public static GaussianToy anisotropic() {
    return new GaussianToy(new double[] {1, -0.5}, new double[] {1, 0.04});
  }

  public int dimensions() {
    return mean.length;
  }

  public double mean(int axis) {
    return mean[axis];
  }

  public double variance(int axis) {
    return variance[axis];
  }

  /** Clean samples: noise (N, axes) standard normal to (N, axes). */
  public NDArray sample(NDArray noise) {
    NDManager m = noise.getManager();
    return noise.mul(row(m, noise, variance).sqrt()).add(row(m, noise, mean));
  }

  /** The posterior mean: D = mean + variance / (variance + sigma^2) * (x - mean). */
  public Denoiser denoiser() {
    return (x, sigma, conditioning) -> {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray mu = row(scope.manager(), x, mean);
        NDArray lambda = row(scope.manager(), x, variance);
        NDArray noise = Broadcast.expand(scope.view(sigma), x).square();
        NDArray share = lambda.div(lambda.add(noise));
        return scope.ret(mu.add(share.mul(scope.view(x).sub(mu))));
      }
    };
  }

  /** The consistency function: the ODE's solution at sigmaMin. */
  public Denoiser consistency(double sigmaMin) {
    return (x, sigma, conditioning) -> {
      try (ArrayScope scope = new ArrayScope(x)) {
        NDArray end = scope.view(sigma).onesLike().mul(sigmaMin);
        return scope.ret(flow(scope.view(x), scope.view(sigma), end));
      }
    };
  }

  /** The ODE's solution: x' = mean + sqrt((variance + to^2) / (variance + from^2)) * (x - mean). */
  public NDArray flow(NDArray x, NDArray from, NDArray to) {
    try (ArrayScope scope = new ArrayScope(x)) {
      NDArray mu = row(scope.manager(), x, mean);
      NDArray lambda = row(scope.manager(), x, variance);
      NDArray above = lambda.add(Broadcast.expand(scope.view(to), x).square());
      NDArray below = lambda.add(Broadcast.expand(scope.view(from), x).square());
      return scope.ret(mu.add(above.div(below).sqrt().mul(scope.view(x).sub(mu))));
    }
  }

  private static NDArray row(NDManager manager, NDArray like, double[] values) {
    return manager.create(values).reshape(1, values.length).toType(like.getDataType(), false);
  }
}
