package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The few-step sampler of a consistency model (Song et al. 2023, algorithm 1): one pass from pure
 * noise, then for each further level a return to that level with fresh noise and a pass from there.
 *
 * <pre>
 *   x = f(sigmaMax * noise_0, sigmaMax)
 *   x = f(x + sqrt(sigma_k^2 - sigmaMin^2) * noise_k, sigma_k)     for k = 1, 2, ...
 * </pre>
 *
 * <p>Nothing is added after the last pass. noise_k of a sample is stream k of its own seed, so a
 * sample does not depend on its batch. Immutable.
 */
public final class ConsistencySampler {

  private final NoiseSchedule schedule;
  private final double[] levels;
  private final double temperature;

  /**
   * Makes a sampler.
   *
   * @param schedule gives sigmaMin and sigmaMax
   * @param levels the level of each pass after the first, strictly falling between sigmaMax and
   *     sigmaMin, both excluded; none for one pass
   * @throws IllegalArgumentException if a level is not so
   */
  public ConsistencySampler(NoiseSchedule schedule, double... levels) {
    this.schedule = schedule;
    this.temperature = 1;
    this.levels = new double[levels.length + 1];
    this.levels[0] = schedule.sigmaMax();
    System.arraycopy(levels, 0, this.levels, 1, levels.length);
    for (int k = 1; k < this.levels.length; k++) {
      double level = this.levels[k];
      if (!(level < this.levels[k - 1] && level > schedule.sigmaMin())) {
        throw new IllegalArgumentException(
            "level of pass "
                + (k + 1)
                + " is "
                + level
                + ", expected falling levels between "
                + schedule.sigmaMax()
                + " and "
                + schedule.sigmaMin());
      }
    }
  }

  private ConsistencySampler(ConsistencySampler other, double temperature) {
    this.schedule = other.schedule;
    this.levels = other.levels;
    this.temperature = temperature;
  }

  /**
   * Draws with less noise: the first pass starts from noise multiplied with the temperature, though
   * it is told the whole level. At 1 samples are the model's; towards 0 they gather where its
   * trajectories from the middle of the noise lead, which is smoother, and nearer to the mean of
   * all samples. Later passes add all of their noise to what the first has decided: with less their
   * states would be cleaner than they are told, and come out blurred.
   *
   * @param value 0 to 1
   * @return a sampler like this one but for the temperature
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
    return levels.length;
  }

  /**
   * Returns the level of every pass.
   *
   * @return a copy; sigmaMax first
   */
  public double[] levels() {
    return levels.clone();
  }

  /**
   * Samples from seeds.
   *
   * @param consistency f, a {@link ConsistencyFunction} or a wrapper of one
   * @param manager where the result lives
   * @param seeds one seed a sample, N of them
   * @param perSample the shape of one state, without N
   * @param conditioning what the samples are conditioned on, of size N or empty
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
   * Samples from given first noise, to compare with a teacher's sample from the same. Gradients do
   * not flow from pass to pass.
   *
   * @param consistency f, a {@link ConsistencyFunction} or a wrapper of one
   * @param noise noise_0, standard normal, (N, ...)
   * @param seeds one seed a sample for the later noises, N of them
   * @param conditioning what the samples are conditioned on, of size N or empty
   * @return states at sigmaMin, of noise's shape, on noise's manager
   * @throws IllegalArgumentException if there is not one seed a sample
   */
  public NDArray sample(
      Denoiser consistency, NDArray noise, long[] seeds, Conditioning conditioning) {
    Shape shape = noise.getShape();
    if (seeds.length != shape.get(0)) {
      throw new IllegalArgumentException(
          seeds.length + " seeds for noise of shape " + shape + ", expected one a sample");
    }
    try (ArrayScope all = new ArrayScope(noise)) {
      NDArray x = all.view(noise).mul((float) (levels[0] * temperature));
      for (int pass = 0; pass < levels.length; pass++) {
        try (ArrayScope scope = new ArrayScope(x)) {
          NDArray state = scope.view(x).stopGradient();
          if (pass > 0) {
            NDArray fresh = SampleNoise.normal(scope.manager(), seeds, pass, shape.slice(1));
            state = state.add(fresh.mul((float) added(levels[pass])));
          }
          NDArray sigma = Broadcast.fill(scope.manager(), levels[pass], seeds.length);
          // A view: x is closed after the next pass, and a denoiser may return what is not ours.
          NDArray next = scope.ret(scope.view(consistency.denoise(state, sigma, conditioning)));
          x.close();
          x = next;
        }
      }
      return all.ret(x);
    }
  }

  /** The deviation that takes a state from sigmaMin up to sigma: variances add. */
  private double added(double sigma) {
    double least = schedule.sigmaMin();
    return Math.sqrt(sigma * sigma - least * least);
  }

  @Override
  public String toString() {
    return "ConsistencySampler" + Arrays.toString(levels);
  }
}
