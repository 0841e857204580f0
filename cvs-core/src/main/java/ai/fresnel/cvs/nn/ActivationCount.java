package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.scene.FrustumRenderer;

/**
 * How many numbers a part of a network keeps of each sample for its backward pass.
 *
 * @param level where it belongs, for checkpointing; -1 = never computed twice
 * @param inside what its operations keep but its inputs and its result, in the computing type
 * @param wide likewise, float32 whatever the computing type
 * @param narrow what is kept only in a narrow type on a CPU
 * @param result numbers of its result
 * @param resultKept whether what follows keeps the result
 * @param widest the largest array in it
 * @param weights numbers of its weights, of which a narrow copy is kept
 */
public record ActivationCount(
    int level,
    long inside,
    long wide,
    long narrow,
    long result,
    boolean resultKept,
    long widest,
    long weights) {

  /**
   * Counts a view of a volume, which is checkpointed with the finest level.
   *
   * @param renderer renders it
   * @return the count
   */
  public static ActivationCount of(FrustumRenderer renderer) {
    long widest = renderer.widestNumbers();
    return new ActivationCount(0, 0, renderer.keptNumbers(), 0, 0, false, widest, 0);
  }

  /** A part without anything special. */
  static ActivationCount of(
      int level, long inside, long result, boolean resultKept, long widest, long weights) {
    return new ActivationCount(level, inside, 0, 0, result, resultKept, widest, weights);
  }
}
