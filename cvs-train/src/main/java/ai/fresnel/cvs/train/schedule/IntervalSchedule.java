package ai.fresnel.cvs.train.schedule;

import java.util.List;

/**
 * How many intervals the noise grid of stage 2 has: a list of phases of equal length. Coarse grids
 * first carry information from the clean end to the noisy one in few hops; fine ones then make it
 * exact (Song and Dhariwal 2023, section 3.4; Geng et al. 2024).
 *
 * @param phases the number of intervals of each phase, each at least 1
 */
public record IntervalSchedule(List<Integer> phases) {

  /**
   * Checks the phases.
   *
   * @param phases the number of intervals of each phase
   * @throws IllegalArgumentException if there is none or one is not positive
   */
  public IntervalSchedule {
    phases = List.copyOf(phases);
    if (phases.isEmpty() || phases.stream().anyMatch(n -> n < 1 || n > 1_000_000)) {
      throw new IllegalArgumentException(
          "phases is " + phases + ", expected one or more numbers from 1 to 1000000");
    }
  }

  /**
   * The number of intervals at a point of the run.
   *
   * @param progress the share of the run that is done, from 0 to 1; more counts as 1
   * @return the number of intervals
   */
  public int intervals(double progress) {
    return phases.get(phase(progress));
  }

  /**
   * The phase a point of the run is in.
   *
   * @param progress the share of the run that is done, from 0 to 1; more counts as 1
   * @return its index, from 0
   */
  public int phase(double progress) {
    int phase = (int) Math.floor(Math.max(0, progress) * phases.size());
    return Math.min(phase, phases.size() - 1);
  }
}
