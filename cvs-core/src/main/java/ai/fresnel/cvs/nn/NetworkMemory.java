package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.torch.Precision;
import java.util.Collection;
import java.util.List;

/**
 * How much memory a network needs for its activations in training, counted operation by operation
 * from what libtorch's autograd keeps of each.
 */
public final class NetworkMemory {

  private static final long FLOAT32_BYTES = 4;

  /** So many arrays of the largest size are needed at once where a gradient passes a part. */
  private static final long GRADIENTS = 3;

  /** Of a part's weights: their gradient before it is added, and copies in a kernel's layout. */
  private static final long WEIGHTS = 2;

  private final List<ActivationCount> parts;
  private final long bytes;
  private final boolean narrow;

  /**
   * Sums up a network.
   *
   * @param parts its parts in the order of the forward pass
   * @param precision the type it computes in
   */
  public NetworkMemory(List<ActivationCount> parts, Precision precision) {
    this.parts = List.copyOf(parts);
    narrow = precision != Precision.FLOAT32;
    bytes = narrow ? 2 : FLOAT32_BYTES;
  }

  /**
   * Counts the memory kept from the forward to the backward pass.
   *
   * @param samples how many are computed together
   * @param levels levels that are computed twice
   * @return bytes
   */
  public long kept(long samples, Collection<Integer> levels) {
    return parts.stream().mapToLong(part -> kept(part, samples, levels)).sum();
  }

  private long kept(ActivationCount part, long samples, Collection<Integer> levels) {
    if (levels.contains(part.level())) {
      return samples * bytes * part.result();
    }
    // Checkpointing holds every result: the graph is cut there.
    boolean leaf = part.resultKept() || !levels.isEmpty();
    return inside(part, samples) + (leaf ? samples * bytes * part.result() : 0);
  }

  /** The bytes of a part without its result: activations and, in a narrow type, its weights. */
  private long inside(ActivationCount part, long samples) {
    long numbers = part.inside() + (narrow ? part.narrow() : 0);
    return samples * (bytes * numbers + FLOAT32_BYTES * part.wide())
        + (narrow ? bytes * part.weights() : 0);
  }

  /**
   * The most that is held at once in the backward pass, which frees what is kept part by part from
   * the last to the first, computes some of them again and needs room for gradients.
   *
   * @param samples how many are computed together
   * @param levels levels that are computed twice
   * @return bytes, with what is kept
   */
  public long peak(long samples, Collection<Integer> levels) {
    long before = 0;
    long peak = 0;
    for (ActivationCount part : parts) {
      before += kept(part, samples, levels);
      long again = levels.contains(part.level()) ? inside(part, samples) : 0;
      long gradients =
          GRADIENTS * samples * bytes * part.widest() + WEIGHTS * FLOAT32_BYTES * part.weights();
      peak = Math.max(peak, before + again + gradients);
    }
    return peak;
  }

  /**
   * Counts the memory at the end of a pass without gradient: all results.
   *
   * @param samples how many are computed together
   * @return bytes
   */
  public long pass(long samples) {
    return samples * bytes * parts.stream().mapToLong(ActivationCount::result).sum();
  }
}
