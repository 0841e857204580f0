package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.Arrays;

/**
 * Samples from a consistency model in a few steps (Song et al. 2023, algorithm 1): one pass from
 * pure noise, then for each further sigma a return to that sigma with fresh noise and a pass from
 * there.
 *
 * <pre>
 *   x = f(sigmaMax * noise_0, sigmaMax)
 *   x = f(x + sqrt(sigma_k^2 - sigmaMin^2) * noise_k, sigma_k)     for k = 1, 2, ...
 * </pre>
 *
 * <p>Noise is around {@link Conditioning#mean} where there is one. None is added after the last
 * pass. noise_k of a sample is stream k of its own seed, so a sample does not depend on its batch,
 * but for rounding. Immutable.
 */
public final class ConsistencySampler {

  private final NoiseSchedule schedule;
  private final double[] sigmas;
  private final double temperature;

  /**
   * Makes a sampler.
   *
   * @param schedule gives sigmaMin and sigmaMax
   * @param sigmas the sigma of each pass after the first, strictly descending between sigmaMax and
   *     sigmaMin, both excluded; none for one pass
   * @throws IllegalArgumentException if a sigma is out of that range or order
   */
  public ConsistencySampler(NoiseSchedule schedule, double... sigmas) {
    this.schedule = schedule;
    this.temperature = 1;
    this.sigmas = new double[sigmas.length + 1];
    this.sigmas[0] = schedule.sigmaMax();
    System.arraycopy(sigmas, 0, this.sigmas, 1, sigmas.length);
    for (int k = 1; k < this.sigmas.length; k++) {
      double sigma = this.sigmas[k];
      if (!(sigma < this.sigmas[k - 1] && sigma > schedule.sigmaMin())) {
        throw new IllegalArgumentException(
            "sigma of pass "
                + (k + 1)
                + " is "
                + sigma
                + ", expected falling sigmas between "
                + schedule.sigmaMax()
                + " and "
                + schedule.sigmaMin());
      }
    }
  }

  private ConsistencySampler(ConsistencySampler other, double temperature) {
    this.schedule = other.schedule;
    this.sigmas = other.sigmas;
    this.temperature = temperature;
  }

  /**
   * Sets the temperature. The first pass starts from noise multiplied by it, but still reads
   * sigmaMax. At 1 samples follow the model's distribution. Towards 0 they gather where its
   * trajectories from the centre of the noise lead: smoother, and nearer to the mean of all
   * samples. Later passes add all of their noise: with less, their states would be cleaner than
   * their sigma says, and come out blurred.
   *
   * @param value 0 to 1
   * @return a copy of this sampler with that temperature
   * @throws IllegalArgumentException if the value is out of range
   */
  public ConsistencySampler withTemperature(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("temperature is " + value + ", expected 0 to 1");
    }
    return new ConsistencySampler(this, value);
  }

  /**
   * Counts the network passes.
   *
   * @return 1 or more
   */
  public int passes() {
    return sigmas.length;
  }

  /**
   * Returns the sigma of every pass.
   *
   * @return a copy; sigmaMax first
   */
  public double[] sigmas() {
    return sigmas.clone();
  }

  /**
   * Samples from seeds.
   *
   * @param consistency f, a {@link ConsistencyFunction} or a wrapper of one
   * @param manager manager of the result
   * @param seeds one seed per sample, N in all
   * @param perSample the shape of one state, without N
   * @param conditioning the condition of the samples, of size N or empty
   * @return states at sigmaMin, (N, ...)
   */
  public NDArray sample(
      Denoiser consistency,
      NDManager manager,
      long[] seeds,
      Shape perSample,
      Conditioning conditioning) {
    try (NDManager sub = manager.newSubManager()) {
      NDArray noise = SampleNoise.normal(sub, seeds, 0, perSample);
      NDArray x = sample(consistency, noise, seeds, conditioning);
      x.attach(manager);
      return x;
    }
  }

  /**
   * Samples from given first noise, to compare with a teacher's sample from the same noise.
   * Gradients do not flow from pass to pass.
   *
   * @param consistency f, a {@link ConsistencyFunction} or a wrapper of one
   * @param noise noise_0, standard normal, (N, ...)
   * @param seeds one seed per sample for the noise of later passes, N in all
   * @param conditioning the condition of the samples, of size N or empty
   * @return states at sigmaMin, of noise's shape, on noise's manager
   * @throws IllegalArgumentException if the number of seeds is not N
   */
  public NDArray sample(
      Denoiser consistency, NDArray noise, long[] seeds, Conditioning conditioning) {
    Shape shape = noise.getShape();
    if (seeds.length != shape.get(0)) {
      throw new IllegalArgumentException(
          seeds.length + " seeds for noise of shape " + shape + ", expected one a sample");
    }
    try (ArrayScope all = new ArrayScope(noise)) {
      NDArray x = conditioning.start(all, noise, sigmas[0] * temperature);
      for (int pass = 0; pass < sigmas.length; pass++) {
        try (ArrayScope scope = new ArrayScope(x)) {
          NDArray state = scope.view(x).stopGradient();
          if (pass > 0) {
            NDArray fresh = SampleNoise.normal(scope.manager(), seeds, pass, shape.slice(1));
            state = state.add(TorchOps.scale(fresh, added(sigmas[pass])));
          }
          NDArray sigma = Broadcast.fill(scope.manager(), sigmas[pass], seeds.length);
          // A view: x is closed after the next pass, and a denoiser may return an array it owns.
          NDArray next = scope.ret(scope.view(consistency.denoise(state, sigma, conditioning)));
          x.close();
          x = next;
        }
      }
      return all.ret(x);
    }
  }

  /** Returns the deviation of the noise from sigmaMin up to sigma: variances add. */
  private double added(double sigma) {
    double least = schedule.sigmaMin();
    return Math.sqrt(sigma * sigma - least * least);
  }

  @Override
  public String toString() {
    return "ConsistencySampler" + Arrays.toString(sigmas);
  }
}
