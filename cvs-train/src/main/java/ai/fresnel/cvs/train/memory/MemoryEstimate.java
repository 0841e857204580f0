package ai.fresnel.cvs.train.memory;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The most memory that a training run needs on its device, by part, in bytes.
 *
 * @param weights those in training
 * @param gradients of the weights in training, and of a teacher's that is trained beside them
 * @param optimizer moments of all of these
 * @param averages the weights kept for inference and the consistency target's
 * @param teacher weights of the teachers
 * @param activations what the forward pass of a part of the batch keeps for its backward pass, and
 *     the batch itself
 * @param working what comes and goes beside them
 */
public record MemoryEstimate(
    long weights,
    long gradients,
    long optimizer,
    long averages,
    long teacher,
    long activations,
    long working) {

  private static final double GIB = 1L << 30;

  /**
   * The parts together.
   *
   * @return bytes
   */
  public long total() {
    return weights + gradients + optimizer + averages + teacher + activations + working;
  }

  /**
   * Returns a reserve for the error of the estimate: activations and working space are counted
   * operation by operation and hold to 15 %, the rest is exact.
   *
   * @return bytes
   */
  public long reserve() {
    return Math.round(0.15 * (activations + working));
  }

  /** One line a part, in GiB. */
  @Override
  public String toString() {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("weights", weights);
    parts.put("gradients", gradients);
    parts.put("optimizer", optimizer);
    parts.put("averages", averages);
    parts.put("teacher", teacher);
    parts.put("activations", activations);
    parts.put("working space", working);
    parts.put("reserve", reserve());
    parts.put("in all", total() + reserve());
    StringBuilder text = new StringBuilder();
    parts.forEach(
        (name, bytes) -> text.append(String.format(Locale.ROOT, "  %-14s%s%n", name, gib(bytes))));
    return text.toString();
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%7.3f GiB", bytes / GIB);
  }
}
