package ai.fresnel.cvs.diffusion;

import java.util.Arrays;

/**
 * A descending list of sigmas, sigma(0) first: the steps of a sampler, or the neighbours that
 * consistency distillation pairs. N intervals have N + 1 sigmas. The last may be 0. Immutable.
 */
public final class SigmaGrid {

  private final double[] sigmas;

  private SigmaGrid(double[] sigmas) {
    this.sigmas = sigmas;
  }

  /**
   * Makes the warped grid of Karras et al. (EDM, equation 5) from sigmaMax down to sigmaMin.
   *
   * @param schedule the ends and the warp
   * @param intervals N, at least 1
   * @return N + 1 sigmas; the first and last are exactly the schedule's
   * @throws IllegalArgumentException if there is no interval
   */
  public static SigmaGrid karras(NoiseSchedule schedule, int intervals) {
    if (intervals < 1) {
      throw new IllegalArgumentException("intervals is " + intervals + ", expected 1 or more");
    }
    double[] sigmas = new double[intervals + 1];
    for (int i = 0; i <= intervals; i++) {
      sigmas[i] = schedule.sigma((double) i / intervals);
    }
    return of(sigmas);
  }

  /**
   * Makes EDM's sampling grid: {@code count} warped sigmas, then 0. With 18 sigmas there are 18
   * intervals.
   *
   * @param schedule the ends and the warp
   * @param count number of sigmas above 0, at least 2
   * @return count + 1 sigmas
   * @throws IllegalArgumentException if count is below 2
   */
  public static SigmaGrid karrasToZero(NoiseSchedule schedule, int count) {
    return karras(schedule, count - 1).withZero();
  }

  /**
   * Makes a grid of given sigmas, such as those of a discrete-time teacher.
   *
   * @param sigmas strictly falling, finite, above 0 except that the last may be 0; at least 2
   * @return the grid
   * @throws IllegalArgumentException if they are not; the message names the first that is wrong
   */
  public static SigmaGrid of(double... sigmas) {
    if (sigmas.length < 2) {
      throw new IllegalArgumentException("a grid has " + sigmas.length + " sigmas, expected 2 up");
    }
    for (int i = 0; i < sigmas.length; i++) {
      boolean falls = i == 0 ? Double.isFinite(sigmas[0]) : sigmas[i] < sigmas[i - 1];
      if (!falls || !(sigmas[i] >= 0)) {
        throw new IllegalArgumentException(
            "sigma " + i + " of a grid is " + sigmas[i] + ", expected falling sigmas from 0 up");
      }
    }
    return new SigmaGrid(sigmas.clone());
  }

  /**
   * Appends sigma 0.
   *
   * @return a grid with one more interval; this one if it ends in 0
   */
  public SigmaGrid withZero() {
    return last() == 0 ? this : new SigmaGrid(Arrays.copyOf(sigmas, sigmas.length + 1));
  }

  /**
   * Returns the number of intervals.
   *
   * @return N, one less than the number of sigmas
   */
  public int intervals() {
    return sigmas.length - 1;
  }

  /**
   * Returns one sigma.
   *
   * @param index from 0 (the greatest) to N
   * @return sigma
   */
  public double sigma(int index) {
    return sigmas[index];
  }

  /**
   * Returns the greatest sigma.
   *
   * @return sigma(0)
   */
  public double first() {
    return sigmas[0];
  }

  /**
   * Returns the least sigma.
   *
   * @return sigma(N), 0 or more
   */
  public double last() {
    return sigmas[sigmas.length - 1];
  }

  /**
   * Returns all sigmas.
   *
   * @return a copy, in descending order
   */
  public double[] sigmas() {
    return sigmas.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SigmaGrid grid && Arrays.equals(sigmas, grid.sigmas);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sigmas);
  }

  @Override
  public String toString() {
    return "SigmaGrid" + Arrays.toString(sigmas);
  }
}
