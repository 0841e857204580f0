package ai.fresnel.cvs.train.memory;

import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How a run fits into the memory of its device: the settings that decide it, and what it then
 * needs.
 *
 * @param budget bytes that may be used
 * @param config the run's settings with {@link #SETTINGS} decided
 * @param estimate what they need
 */
public record MemoryPlan(long budget, TrainingConfig config, MemoryEstimate estimate) {

  /** The settings that a plan decides where they are not given. */
  public static final Set<String> SETTINGS =
      Set.of("accumulation", "checkpointLevels", "precision");

  /** The rest is for the driver and libtorch itself. */
  private static final double USABLE = 0.95;

  /** Parts of fewer samples are computed only where nothing else helps. */
  private static final int PART = 4;

  /**
   * Makes a plan. Computing a level twice costs a forward pass of it, small parts leave a device
   * idle: so the plan has the fewest levels with which a part has four samples or is the batch, and
   * otherwise the largest part. A narrower precision than the one wanted is the last resort.
   *
   * @param budget bytes
   * @param model the networks
   * @param wanted the settings
   * @param given which of {@link #SETTINGS} must stay as they are
   * @return the plan
   * @throws IllegalArgumentException if nothing fits: says what is needed at the least
   */
  public static MemoryPlan of(
      long budget, MemoryModel model, TrainingConfig wanted, Set<String> given) {
    boolean others =
        wanted
            .stage()
            .consistency()
            .filter(student -> student.needsLpips() || student.losses().adversarial() > 0)
            .isPresent();
    if (others) {
      throw new IllegalArgumentException(
          "memory cannot be planned for losses with networks of their own (lpips, perceptual,"
              + " adversarial); set accumulation and checkpointLevels in the recipe instead");
    }
    MemoryPlan least = null;
    for (Precision precision : precisions(wanted, given)) {
      MemoryPlan best = null;
      for (List<Integer> levels : levels(model, wanted, given)) {
        TrainingConfig config =
            wanted.toBuilder()
                .compute(c -> c.withPrecision(precision))
                .compute(c -> c.withCheckpointLevels(levels))
                .build();
        int from = given.contains("accumulation") ? wanted.compute().accumulation() : 1;
        int to =
            given.contains("accumulation")
                ? wanted.compute().accumulation()
                : wanted.data().batchSize();
        for (int count = from; count <= to; count++) {
          int parts = count;
          if (!wanted.splits(parts)) {
            continue;
          }
          TrainingConfig candidate =
              config.toBuilder().compute(c -> c.withAccumulation(parts)).build();
          MemoryPlan plan = new MemoryPlan(budget, candidate, model.estimate(candidate));
          if (least == null || plan.need() < least.need()) {
            least = plan;
          }
          if (plan.fits()) {
            if (best == null || plan.part() > best.part()) {
              best = plan;
            }
            break;
          }
        }
        if (best != null && best.part() >= Math.min(PART, wanted.data().batchSize())) {
          break;
        }
      }
      if (best != null) {
        return best;
      }
    }
    throw new IllegalArgumentException(
        "memory is "
            + MemoryEstimate.gib(budget).strip()
            + ", expected "
            + MemoryEstimate.gib((long) (least.need() / USABLE)).strip()
            + " or more for "
            + model
            + " ("
            + least.settings()
            + ")");
  }

  private static Set<Precision> precisions(TrainingConfig wanted, Set<String> given) {
    Set<Precision> precisions = new LinkedHashSet<>(List.of(wanted.compute().precision()));
    if (!given.contains("precision")) {
      precisions.add(Precision.BFLOAT16);
    }
    return precisions;
  }

  /** The finest level has the most to save, for the least work. */
  private static List<List<Integer>> levels(
      MemoryModel model, TrainingConfig wanted, Set<String> given) {
    if (given.contains("checkpointLevels")) {
      return List.of(wanted.compute().checkpointLevels());
    }
    List<List<Integer>> choices = new ArrayList<>();
    List<Integer> levels = new ArrayList<>();
    choices.add(List.of());
    for (int level = 0; level < model.model().levels(); level++) {
      levels.add(level);
      choices.add(List.copyOf(levels));
    }
    return choices;
  }

  private boolean fits() {
    return need() <= USABLE * budget;
  }

  private long need() {
    return estimate.total() + estimate.reserve();
  }

  private int part() {
    return (config.data().batchSize() + config.compute().accumulation() - 1)
        / config.compute().accumulation();
  }

  private String settings() {
    return String.format(
        Locale.ROOT,
        "batchSize %d, accumulation %d, checkpointLevels %s, precision %s, optimizer %s",
        config.data().batchSize(),
        config.compute().accumulation(),
        config.compute().checkpointLevels(),
        config.compute().precision().toString().toLowerCase(Locale.ROOT),
        config.optimization().optimizer().toString().toLowerCase(Locale.ROOT));
  }

  /** The settings on one line, then the estimate by part. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "plan for %s: %s%n%s",
        MemoryEstimate.gib(budget).strip(),
        settings(),
        estimate);
  }
}
