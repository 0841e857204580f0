package ai.fresnel.cvs.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.view.ViewContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A batch for training: M sources with V target views each, N = M·V samples. Arrays with a view
 * axis are (M, V, ...). Networks and losses take samples as rows, (N, ...), with the views of one
 * source in sequence.
 */
public final class TrainingBatch {

  private final NDArray target;

  /** Null where the targets are to be encoded. */
  private final NDArray targetStates;

  /** Null without depth. */
  private final Depths depths;

  private final ViewContext context;
  private final long[] seeds;

  /** Depths of the sources (M, 1, S, S) and targets (N, 1, S, S). */
  private record Depths(NDArray source, NDArray target) {}

  private TrainingBatch(
      NDArray target, NDArray targetStates, Depths depths, ViewContext context, long[] seeds) {
    this.target = target;
    this.targetStates = targetStates;
    this.depths = depths;
    this.context = context;
    this.seeds = seeds;
  }

  /**
   * Makes a batch.
   *
   * @param target the target views, as images or as states of a codec, (N, ...)
   * @param context the condition of the views; empty for an unconditional network
   * @param seeds the seeds of noise and dropout, N of them
   * @return the batch
   * @throws IllegalArgumentException if the sizes differ
   */
  public static TrainingBatch of(NDArray target, ViewContext context, long[] seeds) {
    long size = target.getShape().get(0);
    if (size != seeds.length) {
      throw new IllegalArgumentException(seeds.length + " seeds for a batch of " + size);
    }
    if (!context.isEmpty() && context.cameras().getShape().get(0) != size) {
      throw new IllegalArgumentException(
          context.cameras().getShape().get(0) + " cameras for a batch of " + size);
    }
    return new TrainingBatch(target, null, null, context, seeds.clone());
  }

  /**
   * Adds the depth of all views, along the cameras' forward axes in object lengths, 0 where there
   * is nothing.
   *
   * @param ofSources (M, 1, S, S)
   * @param ofTargets (N, 1, S, S)
   * @return a batch with the depth
   */
  public TrainingBatch withDepth(NDArray ofSources, NDArray ofTargets) {
    return new TrainingBatch(
        target, targetStates, new Depths(ofSources, ofTargets), context, seeds);
  }

  /**
   * Replaces the target views.
   *
   * @param value (N, ...)
   * @return a batch with them
   */
  public TrainingBatch withTargets(NDArray value) {
    return new TrainingBatch(value, null, depths, context, seeds);
  }

  /**
   * Gives the states of all views, which then need not be encoded.
   *
   * @param ofSources (M, ...), what the model's codec makes of the sources
   * @param ofTargets (N, ...), likewise of the targets
   * @return a batch with them
   */
  public TrainingBatch withStates(NDArray ofSources, NDArray ofTargets) {
    return new TrainingBatch(target, ofTargets, depths, context.withSourceStates(ofSources), seeds);
  }

  /**
   * Returns the states of the target views.
   *
   * @return (N, ...); empty = they are to be encoded
   */
  public Optional<NDArray> targetStates() {
    return Optional.ofNullable(targetStates);
  }

  /**
   * Replaces the context.
   *
   * @param value the condition of the views
   * @return a batch with it
   */
  public TrainingBatch withContext(ViewContext value) {
    return new TrainingBatch(target, targetStates, depths, value, seeds);
  }

  /**
   * Counts the samples.
   *
   * @return N
   */
  public int size() {
    return seeds.length;
  }

  /**
   * Counts the target views of each source.
   *
   * @return V, 1 or more
   */
  public int viewsPerSource() {
    return context.isEmpty() ? 1 : context.viewsPerSource();
  }

  /**
   * Returns the source views.
   *
   * @return (M, 1, C, S, S) in [-1, 1]
   * @throws IllegalStateException if the batch has no context
   */
  public NDArray source() {
    return context.source().expandDims(1);
  }

  /**
   * Returns the target views.
   *
   * @return (M, V, ...)
   */
  public NDArray target() {
    return byView(target);
  }

  /**
   * Returns the cameras of the target views relative to their source.
   *
   * @return (M, V, 16)
   * @throws IllegalStateException if the batch has no context
   */
  public NDArray cameras() {
    return byView(context.cameras());
  }

  private NDArray byView(NDArray rows) {
    int views = viewsPerSource();
    Shape shape = rows.getShape();
    return rows.reshape(new Shape(shape.get(0) / views, views).addAll(shape.slice(1)));
  }

  /**
   * Returns the target views as samples.
   *
   * @return (N, ...)
   */
  public NDArray targets() {
    return target;
  }

  /**
   * Returns the condition of the target views.
   *
   * @return the context of N samples, or an empty one
   */
  public ViewContext context() {
    return context;
  }

  /**
   * Returns the seeds of the samples.
   *
   * @return a copy, N of them
   */
  public long[] seeds() {
    return seeds.clone();
  }

  /**
   * Returns the depth of the target views.
   *
   * @return (N, 1, S, S) in object lengths, 0 where there is nothing; empty if it is unknown
   */
  public Optional<NDArray> depth() {
    return Optional.ofNullable(depths).map(Depths::target);
  }

  /**
   * Returns the depth of the source views.
   *
   * @return (M, 1, S, S) in object lengths, 0 where there is nothing; empty if it is unknown
   */
  public Optional<NDArray> sourceDepth() {
    return Optional.ofNullable(depths).map(Depths::source);
  }

  /**
   * Splits the batch into parts of equal size, or nearly.
   *
   * @param manager owns the parts
   * @param count the number of parts, at most the number of samples
   * @return the parts in order; the batch itself for one part
   */
  public List<TrainingBatch> split(NDManager manager, int count) {
    if (count == 1) {
      return List.of(this);
    }
    List<TrainingBatch> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * seeds.length / count);
      int to = (int) ((i + 1L) * seeds.length / count);
      parts.add(part(manager, from, to));
    }
    return parts;
  }

  /**
   * Copies the batch to a manager's device.
   *
   * @param manager owns the copy
   * @return the copy
   */
  public TrainingBatch on(NDManager manager) {
    return new TrainingBatch(
        on(manager, target),
        targetStates == null ? null : on(manager, targetStates),
        depths == null
            ? null
            : new Depths(on(manager, depths.source()), on(manager, depths.target())),
        context.map(array -> on(manager, array)),
        seeds);
  }

  private static NDArray on(NDManager manager, NDArray array) {
    NDArray copy = array.toDevice(manager.getDevice(), true);
    copy.attach(manager);
    return copy;
  }

  /**
   * Returns a range of samples.
   *
   * @param manager owns the part
   * @param from the first sample, a multiple of V
   * @param to the sample after the last, a multiple of V
   * @return the part
   * @throws IllegalArgumentException if the range splits the views of one source
   */
  public TrainingBatch part(NDManager manager, int from, int to) {
    int views = viewsPerSource();
    if (from % views != 0 || to % views != 0) {
      throw new IllegalArgumentException(
          "samples " + from + " to " + to + ", expected multiples of " + views + " views a source");
    }
    NDIndex rows = new NDIndex().addSliceDim(from, to);
    NDIndex sources = new NDIndex().addSliceDim(from / views, to / views);
    ViewContext some = context;
    if (!context.isEmpty()) {
      some =
          ViewContext.of(
              context.source().get(manager, sources), context.cameras().get(manager, rows));
      if (context.sourceStates().isPresent()) {
        some = some.withSourceStates(context.sourceStates().get().get(manager, sources));
      }
    }
    return new TrainingBatch(
        target.get(manager, rows),
        targetStates == null ? null : targetStates.get(manager, rows),
        depths == null
            ? null
            : new Depths(depths.source().get(manager, sources), depths.target().get(manager, rows)),
        some,
        Arrays.copyOfRange(seeds, from, to));
  }
}
