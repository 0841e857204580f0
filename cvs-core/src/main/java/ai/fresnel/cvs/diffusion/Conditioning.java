package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The condition of a denoiser, for a batch of N samples. Every field may be null. The record is
 * immutable and owns no array: results of its methods live on the managers of their arrays unless a
 * manager is given.
 *
 * @param state extra state concatenated to the noisy one by channel, (N, C', H', W')
 * @param tokens the tokens for cross-attention, (N, L, D)
 * @param pose the embedded relative pose, (N, D)
 * @param cameras raw camera features, (N, 16)
 * @param guidance the guidance weight a network takes as an input, (N); 0 = unguided
 * @param mean the state that is expected, (N, ...): a network that has one predicts the difference
 *     from it, and samples start around it
 * @param keep 1 keeps the condition, 0 replaces it by the null condition, (N) float32; null keeps
 *     all. The network makes the replacement, since it owns the null tokens.
 */
public record Conditioning(
    NDArray state,
    NDArray tokens,
    NDArray pose,
    NDArray cameras,
    NDArray guidance,
    NDArray mean,
    NDArray keep) {

  private static final Conditioning NONE =
      new Conditioning(null, null, null, null, null, null, null);

  /**
   * Checks that the fields have one batch size.
   *
   * @param state the extra state
   * @param tokens the tokens
   * @param pose the pose embedding
   * @param cameras the camera features
   * @param guidance the guidance weights
   * @param mean the expected state
   * @param keep the mask
   * @throws IllegalArgumentException if two fields differ in their first dimension
   */
  public Conditioning {
    long[] sizes =
        Stream.of(state, tokens, pose, cameras, guidance, mean, keep)
            .filter(Objects::nonNull)
            .mapToLong(a -> a.getShape().get(0))
            .distinct()
            .toArray();
    if (sizes.length > 1) {
      throw new IllegalArgumentException(
          "fields of a conditioning have batch sizes " + sizes[0] + " and " + sizes[1]);
    }
  }

  /**
   * Returns the empty conditioning of an unconditional model.
   *
   * @return a conditioning with every field null
   */
  public static Conditioning none() {
    return NONE;
  }

  /**
   * Returns whether every field is null.
   *
   * @return true if there is no condition
   */
  public boolean isEmpty() {
    return anyField() == null;
  }

  /**
   * Returns the batch size.
   *
   * @return N, or 0 if empty
   */
  public long size() {
    NDArray any = anyField();
    return any == null ? 0 : any.getShape().get(0);
  }

  /**
   * Replaces the extra state.
   *
   * @param value (N, C', H', W') or null
   * @return a copy with it
   */
  public Conditioning withState(NDArray value) {
    return new Conditioning(value, tokens, pose, cameras, guidance, mean, keep);
  }

  /**
   * Replaces the tokens.
   *
   * @param value (N, L, D) or null
   * @return a copy with them
   */
  public Conditioning withTokens(NDArray value) {
    return new Conditioning(state, value, pose, cameras, guidance, mean, keep);
  }

  /**
   * Replaces the pose embedding.
   *
   * @param value (N, D) or null
   * @return a copy with it
   */
  public Conditioning withPose(NDArray value) {
    return new Conditioning(state, tokens, value, cameras, guidance, mean, keep);
  }

  /**
   * Replaces the camera features.
   *
   * @param value (N, 16) or null
   * @return a copy with them
   */
  public Conditioning withCameras(NDArray value) {
    return new Conditioning(state, tokens, pose, value, guidance, mean, keep);
  }

  /**
   * Replaces the guidance weights.
   *
   * @param value (N) or null
   * @return a copy with them
   */
  public Conditioning withGuidance(NDArray value) {
    return new Conditioning(state, tokens, pose, cameras, value, mean, keep);
  }

  /**
   * Replaces the expected state.
   *
   * @param value (N, ...) or null
   * @return a copy with it
   */
  public Conditioning withMean(NDArray value) {
    return new Conditioning(state, tokens, pose, cameras, guidance, value, keep);
  }

  /**
   * Replaces the mask of kept conditions.
   *
   * @param value (N) of 1 and 0, or null for all kept
   * @return a copy with it
   */
  public Conditioning withKeep(NDArray value) {
    return new Conditioning(state, tokens, pose, cameras, guidance, mean, value);
  }

  /**
   * Drops every sample's condition: {@code keep} all 0.
   *
   * @return a copy with a new mask on the first field's manager; the empty conditioning as it is
   */
  public Conditioning asNull() {
    NDArray any = anyField();
    return any == null ? this : withKeep(mask(any, 0));
  }

  /**
   * Replaces all that a network reads of the condition by zeros: state, tokens and pose.
   *
   * @return a copy with new arrays on the managers of the old; {@code cameras}, {@code guidance},
   *     {@code mean} and {@code keep} stay
   */
  public Conditioning asZeros() {
    UnaryOperator<NDArray> zeros = a -> a == null ? null : a.zerosLike();
    return new Conditioning(
        zeros.apply(state), zeros.apply(tokens), zeros.apply(pose), cameras, guidance, mean, keep);
  }

  /**
   * Joins two batches. Where only one has {@code keep}, all samples of the other are kept.
   *
   * @param other the samples to append, with the same fields
   * @return the joined batch
   * @throws IllegalArgumentException if a field other than keep is null in only one of the two
   */
  public Conditioning concat(Conditioning other) {
    if (isEmpty() != other.isEmpty()) {
      throw new IllegalArgumentException("an empty conditioning cannot join one that is not");
    }
    NDArray masks = null;
    if (keep != null || other.keep != null) {
      NDArray first = keep == null ? mask(anyField(), 1) : keep;
      NDArray second = other.keep == null ? mask(other.anyField(), 1) : other.keep;
      masks = join("keep").apply(first, second);
    }
    return new Conditioning(
        join("state").apply(state, other.state),
        join("tokens").apply(tokens, other.tokens),
        join("pose").apply(pose, other.pose),
        join("cameras").apply(cameras, other.cameras),
        join("guidance").apply(guidance, other.guidance),
        join("mean").apply(mean, other.mean),
        masks);
  }

  /**
   * Repeats a batch of one for n samples. The result shares memory with this one.
   *
   * @param n the new size, at least 1
   * @return a batch of n equal conditions; the empty conditioning as it is
   * @throws IllegalArgumentException if this is a batch of more than one
   */
  public Conditioning repeat(long n) {
    if (size() > 1 || n < 1) {
      throw new IllegalArgumentException(
          "only a batch of one can be repeated, once or more: size " + size() + ", wanted " + n);
    }
    return map(
        a -> {
          long[] shape = a.getShape().getShape().clone();
          shape[0] = n;
          return a.broadcast(new Shape(shape));
        });
  }

  /**
   * Takes part of the batch. The result shares memory with this one.
   *
   * @param from the first sample, from 0
   * @param to the sample after the last
   * @return a batch of {@code to - from}; the empty conditioning as it is
   * @throws IndexOutOfBoundsException if the range is empty or not inside the batch
   */
  public Conditioning slice(long from, long to) {
    if (!isEmpty() && (from < 0 || to <= from || to > size())) {
      throw new IndexOutOfBoundsException(
          "samples " + from + " to " + to + " of a batch of " + size());
    }
    return map(a -> a.get(new NDIndex().addSliceDim(from, to)));
  }

  /**
   * Makes second handles on the same tensors, so that results computed from them are freed with
   * that manager. Gradients pass through.
   *
   * @param manager manager of the handles
   * @return the same condition on that manager
   */
  public Conditioning view(NDManager manager) {
    return map(a -> view(manager, a));
  }

  /**
   * Returns the expected states of samples whose condition is kept, and 0 for the others.
   *
   * @param manager owns the result
   * @return (N, ...); empty where no state is expected
   */
  public Optional<NDArray> keptMean(NDManager manager) {
    if (mean == null) {
      return Optional.empty();
    }
    NDArray all = view(manager, mean);
    if (keep == null) {
      return Optional.of(all);
    }
    NDArray kept = all.mul(Broadcast.expand(view(manager, keep), all));
    // What the network is given depends on it, and what its output is added to.
    return Optional.of(ActivationCheckpointing.cut(manager, kept));
  }

  /**
   * Makes the states that the first pass of a sampler reads: noise around the mean, if there is
   * one.
   *
   * @param scope owns the result
   * @param noise standard normal, (N, ...)
   * @param sigma scales the noise, 0 or more
   * @return {@link #mean} + sigma * noise, of noise's shape
   */
  NDArray start(ArrayScope scope, NDArray noise, double sigma) {
    NDArray x = TorchOps.scale(scope.view(noise), (float) sigma);
    return keptMean(scope.manager()).map(x::add).orElse(x);
  }

  static NDArray view(NDManager manager, NDArray array) {
    NDArray view = array.reshape(array.getShape());
    view.attach(manager);
    return view;
  }

  private Conditioning map(UnaryOperator<NDArray> operator) {
    UnaryOperator<NDArray> optional = a -> a == null ? null : operator.apply(a);
    return new Conditioning(
        optional.apply(state),
        optional.apply(tokens),
        optional.apply(pose),
        optional.apply(cameras),
        optional.apply(guidance),
        optional.apply(mean),
        optional.apply(keep));
  }

  private NDArray anyField() {
    return Stream.of(state, tokens, pose, cameras, guidance, mean, keep)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static NDArray mask(NDArray like, double value) {
    try (NDManager sub = like.getManager().newSubManager(like.getDevice())) {
      NDArray mask = Broadcast.fill(sub, value, like.getShape().get(0));
      mask.attach(like.getManager());
      return mask;
    }
  }

  private static BinaryOperator<NDArray> join(String field) {
    return (a, b) -> {
      if ((a == null) != (b == null)) {
        throw new IllegalArgumentException("field " + field + " is null in one conditioning only");
      }
      return a == null ? null : a.concat(b, 0);
    };
  }
}
