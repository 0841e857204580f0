package ai.fresnel.cvs.train.monitor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Averages losses in bins of sigma with edges 0.03, 0.1, 0.3, 1, 3, 10 and 30, about equally wide
 * in ln(sigma). High sigmas decide shapes, low ones fine grain; a mean over all hides which of the
 * two still improves.
 */
public final class SigmaBins {

  private static final double[] EDGES = {0.03, 0.1, 0.3, 1, 3, 10, 30};

  private static final List<String> NAMES =
      List.of("0-0.03", "0.03-0.1", "0.1-0.3", "0.3-1", "1-3", "3-10", "10-30", "30-up");

  private final double[] sums = new double[NAMES.size()];
  private final long[] counts = new long[NAMES.size()];

  /** Makes bins without samples. */
  public SigmaBins() {}

  /**
   * Returns the names of the bins, which are their edges.
   *
   * @return from low sigma to high
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Adds samples.
   *
   * @param sigmas the sigmas of the samples, (N)
   * @param losses their losses, (N)
   */
  public void add(float[] sigmas, float[] losses) {
    for (int i = 0; i < losses.length; i++) {
      int bin = 0;
      while (bin < EDGES.length && sigmas[i] >= EDGES[bin]) {
        bin++;
      }
      sums[bin] += losses[i];
      counts[bin]++;
    }
  }

  /**
   * Adds the samples of other bins.
   *
   * @param other the other bins, not changed
   */
  public void add(SigmaBins other) {
    for (int bin = 0; bin < sums.length; bin++) {
      sums[bin] += other.sums[bin];
      counts[bin] += other.counts[bin];
    }
  }

  /**
   * Returns the mean of each bin with samples.
   *
   * @return from name to mean loss, from low sigma to high
   */
  public Map<String, Double> means() {
    Map<String, Double> means = new LinkedHashMap<>();
    for (int bin = 0; bin < sums.length; bin++) {
      if (counts[bin] > 0) {
        means.put(NAMES.get(bin), sums[bin] / counts[bin]);
      }
    }
    return means;
  }
}
