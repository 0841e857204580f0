package ai.fresnel.cvs.train.run;

import ai.fresnel.cvs.train.optim.LossScaler;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;

/**
 * Tells when a run has lost its way: its loss or gradient is not finite, or the mean loss of the
 * last {@value #WINDOW} steps is more than {@code factor} times what is usual. Usual is the median
 * over the last {@value #KEPT} such means, so that neither a slow fall nor a few bad windows move
 * it. Before the first {@value #FIRST} windows are full it is the first step's loss, which may grow
 * {@code factor}² times: untrained networks often get worse before they get better.
 */
public final class DivergenceGuard {

  private static final int WINDOW = 25;
  private static final int KEPT = 40;
  private static final int FIRST = 4;
  private static final int SHORTEST = 5;

  private final double factor;
  private final double[] recent = new double[WINDOW];
  private final Deque<Double> means = new ArrayDeque<>();
  private long steps;
  private double first = Double.NaN;
  private double last = Double.NaN;

  /**
   * Makes a guard.
   *
   * @param factor above 1, or 0: nothing is ever wrong
   */
  public DivergenceGuard(double factor) {
    this.factor = factor;
  }

  /** Whether the guard watches at all. */
  boolean isOn() {
    return factor > 0;
  }

  /**
   * Looks at a step.
   *
   * @param loss the step's
   * @param norm the global norm of its gradient
   * @return what is wrong, or null
   */
  public String check(double loss, double norm) {
    if (!isOn()) {
      return null;
    }
    if (!Double.isFinite(loss)) {
      return "the loss is " + loss;
    }
    if (!Double.isFinite(norm)) {
      return "the gradient's norm is " + norm;
    }
    if (!(first > 0)) {
      first = loss;
    }
    last = loss;
    recent[(int) (steps++ % WINDOW)] = loss;
    int filled = (int) Math.min(steps, WINDOW);
    double mean = Arrays.stream(recent, 0, filled).average().orElseThrow();
    if (filled >= SHORTEST && mean > limit()) {
      return String.format(
          Locale.ROOT, "the loss is %.3g on average, above the limit of %.3g", mean, limit());
    }
    if (steps % WINDOW == 0) {
      means.addLast(mean);
      if (means.size() > KEPT) {
        means.removeFirst();
      }
    }
    return null;
  }

  /**
   * Looks at a step that was left out, its scaled gradient not being finite: that is no sign of
   * anything until the scale has become small.
   *
   * @param scale what the loss is multiplied with from here on
   * @return what is wrong, or null
   */
  String checkScale(double scale) {
    return isOn() && scale < LossScaler.LEAST
        ? "gradients are not finite at a loss scale of " + 2 * scale
        : null;
  }

  /** Whether the last step alone is beyond the limit: its state may not be a good one. */
  boolean isSuspect() {
    return isOn() && last > limit();
  }

  /** Forgets the steps since the last full window: the run has gone back. */
  public void goneBack() {
    steps = 0;
    last = Double.NaN;
  }

  /** Forgets what is usual: from here on the losses are others. */
  void startAnew() {
    goneBack();
    means.clear();
    first = Double.NaN;
  }

  private double limit() {
    if (means.size() < FIRST) {
      return factor * factor * first;
    }
    double[] sorted = means.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return factor * sorted[sorted.length / 2];
  }
}
