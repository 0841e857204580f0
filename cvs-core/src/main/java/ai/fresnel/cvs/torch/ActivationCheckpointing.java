package ai.fresnel.cvs.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Runs segments of a network without a graph and recomputes each in the backward pass (activation
 * checkpointing, Chen et al. 2016). Of such a segment only its inputs and its result are kept.
 *
 * <p>It is active on the thread that began it, until it is closed:
 *
 * <pre>{@code
 * try (GradientCollector collector = engine.newGradientCollector();
 *     ActivationCheckpointing checkpointing = ActivationCheckpointing.begin(manager, Set.of(0))) {
 *   collector.backward(loss(network.forward(...)));
 *   checkpointing.backward();
 * }
 * }</pre>
 *
 * <p>The graph is cut at each segment's result, which becomes a leaf with a gradient of its own.
 * The backward pass of the loss fills the last leaves. {@link #backward} goes on from there, last
 * segment first: by then every user of a segment's result has added to its gradient. A network
 * marks its segments with {@link #segment}. It calls {@link #cut} for arrays that are made outside
 * of segments and read by several. A segment must not draw random numbers.
 */
public final class ActivationCheckpointing implements AutoCloseable {

  private static final ThreadLocal<ActivationCheckpointing> CURRENT = new ThreadLocal<>();

  private static final TorchFunction RECORDED =
      TorchFunction.of("x: Tensor", "return torch.tensor(ops.prim.requires_grad(x))");

  private final NDManager manager;
  private final Set<Integer> levels;
  private final ActivationCheckpointing before;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final IdentityHashMap<NDArray, NDArray> leaves = new IdentityHashMap<>();

  /** A part of a network: a function of its inputs and of parameters. */
  @FunctionalInterface
  public interface Segment {

    /**
     * Runs the segment.
     *
     * @param manager owner of the result and of all intermediates
     * @param inputs the inputs
     * @return the result, a new array
     */
    NDArray run(NDManager manager, NDArray... inputs);
  }

  /**
   * A cut of the graph.
   *
   * @param leaf the array that replaces the result from here on
   * @param head the result with its graph; null where it is recomputed
   */
  private record Entry(NDArray leaf, NDArray head, Segment segment, NDList inputs) {}

  private ActivationCheckpointing(NDManager parent, Set<Integer> levels) {
    this.levels = levels;
    before = CURRENT.get();
    manager = parent.newSubManager();
    if (!levels.isEmpty()) {
      CURRENT.set(this);
    }
  }

  /**
   * Begins checkpointing on the calling thread.
   *
   * @param parent parent of the manager that holds the leaves
   * @param levels resolution levels whose segments are recomputed, 0 the finest; empty to change
   *     nothing
   * @return the checkpointing, to be closed on the same thread
   */
  public static ActivationCheckpointing begin(NDManager parent, Collection<Integer> levels) {
    return new ActivationCheckpointing(parent, Set.copyOf(levels));
  }

  /**
   * Runs a segment. It runs as usual without active checkpointing or without a recorded gradient.
   * Otherwise the graph is cut at its result, whether the segment is recomputed or not.
   *
   * @param level the segment's resolution level
   * @param owner manager of the result
   * @param segment the segment
   * @param inputs the inputs
   * @return the result, on {@code owner}
   */
  public static NDArray segment(int level, NDManager owner, Segment segment, NDArray... inputs) {
    ActivationCheckpointing active = current();
    if (active == null) {
      return segment.run(owner, inputs);
    }
    return active.levels.contains(level)
        ? active.deferred(owner, segment, inputs)
        : active.leafOf(owner, segment.run(owner, inputs));
  }

  /**
   * Cuts the graph at an array that several segments read, or a segment and code outside of one.
   *
   * @param owner manager of the result
   * @param array the array
   * @return the array to use instead, on {@code owner}; the array itself without active
   *     checkpointing or where it has no gradient
   */
  public static NDArray cut(NDManager owner, NDArray array) {
    ActivationCheckpointing active = current();
    return active == null ? array : active.leafOf(owner, array);
  }

  private static ActivationCheckpointing current() {
    ActivationCheckpointing active = CURRENT.get();
    return active == null || !TorchRuntime.recordsGradient() ? null : active;
  }

  private NDArray leafOf(NDManager owner, NDArray array) {
    NDArray leaf = leaves.get(array);
    if (leaf == null && !isRecorded(array)) {
      return array;
    }
    if (leaf == null) {
      leaf = detached(array);
      leaf.setRequiresGradient(true);
      leaves.put(array, leaf);
      entries.add(new Entry(leaf, view(array), null, new NDList()));
    }
    return handle(owner, leaf);
  }

  private NDArray deferred(NDManager owner, Segment segment, NDArray... inputs) {
    NDArray[] own = new NDArray[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      own[i] = leaves.get(inputs[i]);
      if (own[i] == null && isRecorded(inputs[i])) {
        own[i] = leaves.get(leafOf(owner, inputs[i]));
      } else if (own[i] == null) {
        own[i] = detached(inputs[i]);
      }
    }
    NDArray leaf;
    try (NDManager scope = manager.newSubManager();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      leaf = segment.run(scope, own);
      leaf.attach(manager);
    }
    leaf.setRequiresGradient(true);
    entries.add(new Entry(leaf, null, segment, new NDList(own)));
    return handle(owner, leaf);
  }

  /** Returns whether an array requires a gradient. DJL answers for leaves only. */
  private boolean isRecorded(NDArray array) {
    try (NDArray answer = RECORDED.call(manager, new NDList(array))) {
      return answer.getBoolean();
    }
  }

  /** Returns a handle for the network, whose managers may close it while the leaf stays. */
  private NDArray handle(NDManager owner, NDArray leaf) {
    NDArray handle = view(leaf);
    handle.attach(owner);
    leaves.put(handle, leaf);
    return handle;
  }

  private NDArray view(NDArray array) {
    NDArray view = array.reshape(array.getShape());
    view.attach(manager);
    return view;
  }

  private NDArray detached(NDArray array) {
    NDArray detached = array.stopGradient();
    detached.attach(manager);
    return detached;
  }

  /**
   * Passes the gradients of the leaves on to the parameters. Call it once, after the backward pass
   * of the loss, with the gradient mode on.
   */
  public void backward() {
    restore();
    leaves.clear();
    while (!entries.isEmpty()) {
      Entry entry = entries.removeLast();
      try (NDManager scope = manager.newSubManager()) {
        entry.leaf.attach(scope);
        PtNDArray gradient = JniUtils.getGradient((PtNDArray) entry.leaf);
        // A result that nothing read has no gradient.
        if (gradient != null) {
          entry.leaf.close();
          NDArray head = entry.head;
          if (head == null) {
            head = entry.segment.run(scope, entry.inputs.toArray(new NDArray[0]));
          } else {
            head.attach(scope);
          }
          if (isRecorded(head)) {
            JniUtils.backward((PtNDArray) head, gradient, false, false);
          }
        }
      }
    }
  }

  private void restore() {
    if (CURRENT.get() == this) {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  /** Ends checkpointing and frees the leaves. */
  @Override
  public void close() {
    restore();
    manager.close();
  }
}
