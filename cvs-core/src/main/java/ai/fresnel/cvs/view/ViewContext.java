package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The raw conditions of N views, before a network encodes them. V views in a row may share one
 * source: there are M = N / V sources.
 */
public final class ViewContext {

  private static final ViewContext NONE = new ViewContext(null, null, null, null, null);

  private final NDArray source;
  private final NDArray cameras;
  private final NDArray keep;
  private final NDArray guidance;

  /** Null where the sources are to be encoded. */
  private final NDArray sourceStates;

  private ViewContext(
      NDArray source, NDArray cameras, NDArray keep, NDArray guidance, NDArray sourceStates) {
    this.source = source;
    this.cameras = cameras;
    this.keep = keep;
    this.guidance = guidance;
    this.sourceStates = sourceStates;
  }

  /**
   * Returns the context of an unconditional network.
   *
   * @return an empty context
   */
  public static ViewContext none() {
    return NONE;
  }

  /**
   * Makes a context of which every sample is kept.
   *
   * @param source the given images, (M, C, S, S) in [-1, 1]
   * @param cameras the camera features of {@link ai.fresnel.cvs.geometry.RelativePose}, (N, 16), N
   *     a multiple of M; view n is of source n / (N / M)
   * @return the context
   * @throws IllegalArgumentException if N is no multiple of M
   */
  public static ViewContext of(NDArray source, NDArray cameras) {
    long sources = source.getShape().get(0);
    long views = cameras.getShape().get(0);
    if (views % sources != 0) {
      throw new IllegalArgumentException(
          views + " cameras for " + sources + " sources, expected a multiple");
    }
    return new ViewContext(source, cameras, null, null, null);
  }

  /**
   * Reads a context from the inputs of a DJL block, which come by position.
   *
   * @param inputs nothing; or source and cameras, then perhaps the mask of kept samples, then
   *     perhaps the guidance weights
   * @return the context
   */
  public static ViewContext of(NDList inputs) {
    if (inputs.isEmpty()) {
      return NONE;
    }
    ViewContext context = of(inputs.get(0), inputs.get(1));
    context = inputs.size() > 2 ? context.withKeep(inputs.get(2)) : context;
    return inputs.size() > 3 ? context.withGuidance(inputs.get(3)) : context;
  }

  /**
   * Tells whether there is nothing to condition on.
   *
   * @return true for {@link #none}
   */
  public boolean isEmpty() {
    return source == null;
  }

  /**
   * Returns the given images.
   *
   * @return (M, C, S, S)
   * @throws IllegalStateException if the context is empty
   */
  public NDArray source() {
    requireSome();
    return source;
  }

  /**
   * Returns the given images, one for each view.
   *
   * @return (N, C, S, S), the source itself where each view has its own
   * @throws IllegalStateException if the context is empty
   */
  public NDArray sourceOfEachView() {
    requireSome();
    int views = viewsPerSource();
    return views == 1 ? source : source.repeat(0, views);
  }

  /**
   * Returns how many views in a row share a source.
   *
   * @return V, 1 or more
   * @throws IllegalStateException if the context is empty
   */
  public int viewsPerSource() {
    requireSome();
    return Math.toIntExact(cameras.getShape().get(0) / source.getShape().get(0));
  }

  /**
   * Returns the camera features.
   *
   * @return (N, 16)
   * @throws IllegalStateException if the context is empty
   */
  public NDArray cameras() {
    requireSome();
    return cameras;
  }

  /**
   * Returns which samples keep their condition.
   *
   * @return (N) of 1 = kept and 0 = the null condition in its place; empty = all are kept
   */
  public Optional<NDArray> keep() {
    return Optional.ofNullable(keep);
  }

  /**
   * Returns the weights of guidance that a network takes as an input.
   *
   * @return (N); empty = none are given
   */
  public Optional<NDArray> guidance() {
    return Optional.ofNullable(guidance);
  }

  /**
   * Says which samples keep their condition.
   *
   * @param value (N) of 1 and 0
   * @return a context with it
   */
  public ViewContext withKeep(NDArray value) {
    requireSome();
    return new ViewContext(source, cameras, value, guidance, sourceStates);
  }

  /**
   * Gives each sample a weight of guidance.
   *
   * @param value (N)
   * @return a context with them
   */
  public ViewContext withGuidance(NDArray value) {
    requireSome();
    return new ViewContext(source, cameras, keep, value, sourceStates);
  }

  /**
   * Gives the states of the given images, which then need not be encoded.
   *
   * @param value (M, ...), what the model's codec makes of {@link #source}
   * @return a context with them
   */
  public ViewContext withSourceStates(NDArray value) {
    requireSome();
    return new ViewContext(source, cameras, keep, guidance, value);
  }

  /**
   * Returns the states of the given images.
   *
   * @return (M, ...); empty = they are to be encoded
   */
  public Optional<NDArray> sourceStates() {
    return Optional.ofNullable(sourceStates);
  }

  /**
   * Returns the states of the given images, one for each view.
   *
   * @return (N, ...); empty = they are to be encoded
   */
  public Optional<NDArray> sourceStatesOfEachView() {
    int views = viewsPerSource();
    return sourceStates().map(states -> views == 1 ? states : states.repeat(0, views));
  }

  /**
   * Changes each array in the same way.
   *
   * @param change from an array to what takes its place
   * @return the changed context; an empty one as it is
   */
  public ViewContext map(UnaryOperator<NDArray> change) {
    return isEmpty()
        ? this
        : new ViewContext(
            change.apply(source),
            change.apply(cameras),
            keep == null ? null : change.apply(keep),
            guidance == null ? null : change.apply(guidance),
            sourceStates == null ? null : change.apply(sourceStates));
  }

  private void requireSome() {
    if (isEmpty()) {
      throw new IllegalStateException("the context is empty, expected a source and cameras");
    }
  }
}
