package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Activation checkpointing (Chen et al. 2016): segments of a network are run without a graph and
 * once more when their gradient is due, so that of all they compute only their results are kept.
 *
 * <p>A tape is in force on the thread that began it, until it is closed:
 *
 * <pre>{@code
 * try (GradientCollector collector = engine.newGradientCollector();
 *     Tape tape = Tape.record(manager, Set.of(0))) {
 *   collector.backward(loss(network.forward(...)));
 *   tape.backward();
 * }
 * }</pre>
 *
 * <p>The network is cut at each segment's result, a leaf with a gradient of its own. The gradient
 * of the loss reaches the last leaves; from there the tape hands it on, last segment first: by then
 * all that used a segment's result has added to its gradient. A network says where its segments are
 * with {@link #segment}, and cuts with {@link #cut} what is made outside of them and used by
 * several. Nothing random may happen inside a segment.
 */
public final class Tape implements AutoCloseable {

  private static final ThreadLocal<Tape> CURRENT = new ThreadLocal<>();

  private static final TorchFunction RECORDED =
      TorchFunction.of("x: Tensor", "return torch.tensor(ops.prim.requires_grad(x))");

  private final NDManager manager;
  private final Set<Integer> levels;
  private final Tape before;
  private final Deque<Entry> entries = new ArrayDeque<>();
  private final IdentityHashMap<NDArray, NDArray> leaves = new IdentityHashMap<>();

  /** Part of a network as a function of its inputs and of parameters. */
  @FunctionalInterface
  public interface Segment {

    /**
     * Runs it.
     *
     * @param manager what owns the result and all between
     * @param inputs its inputs
     * @return the result, an array of its own
     */
    NDArray run(NDManager manager, NDArray... inputs);
  }

  /**
   * A place where the graph is cut.
   *
   * @param leaf what stands for the result from there on
   * @param head the result with its graph; null where it is computed once more
   */
  private record Entry(NDArray leaf, NDArray head, Segment segment, NDList inputs) {}

  private Tape(NDManager parent, Set<Integer> levels) {
    this.levels = levels;
    before = CURRENT.get();
    manager = parent.newSubManager();
    if (!levels.isEmpty()) {
      CURRENT.set(this);
    }
  }

  /**
   * Begins a tape on the calling thread.
   *
   * @param parent what owns the tape's arrays if the caller forgets to close it
   * @param levels the levels whose segments are computed twice; with none, the tape does nothing
   * @return the tape, to be closed on the same thread
   */
  public static Tape record(NDManager parent, Collection<Integer> levels) {
    return new Tape(parent, Set.copyOf(levels));
  }

  /**
   * Runs a part of a network: as it is where no tape or no gradient is recorded, otherwise as a
   * segment of the tape, whether it is computed twice or not.
   *
   * @param level where it belongs
   * @param owner what owns the result
   * @param segment the part
   * @param inputs its inputs
   * @return its result, on {@code owner}
   */
  public static NDArray segment(int level, NDManager owner, Segment segment, NDArray... inputs) {
    Tape tape = current();
    if (tape == null) {
      return segment.run(owner, inputs);
    }
    return tape.levels.contains(level)
        ? tape.deferred(owner, segment, inputs)
        : tape.leafOf(owner, segment.run(owner, inputs));
  }

  /**
   * Cuts the graph at an array that several segments read, or a segment and something outside.
   *
   * @param owner what owns the result
   * @param array the array
   * @return the array to use in its place, on {@code owner}; the array itself where there is no
   *     tape or it has no gradient
   */
  public static NDArray cut(NDManager owner, NDArray array) {
    Tape tape = current();
    return tape == null ? array : tape.leafOf(owner, array);
  }

  private static Tape current() {
    Tape tape = CURRENT.get();
    return tape == null || !TorchRuntime.recordsGradient() ? null : tape;
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

  /** Whether an array has a gradient; DJL says so of leaves alone. */
  private boolean isRecorded(NDArray array) {
    try (NDArray answer = RECORDED.call(manager, new NDList(array))) {
      return answer.getBoolean();
    }
  }

  /** What the network goes on with: its managers may close it, and the leaf stays. */
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
   * Hands the gradients of the leaves on, to the parameters in the end. To be called once, after
   * the gradient of what was computed from them, with the gradient mode on.
   */
  public void backward() {
    restore();
    leaves.clear();
    while (!entries.isEmpty()) {
      Entry entry = entries.removeLast();
      try (NDManager scope = manager.newSubManager()) {
        entry.leaf.attach(scope);
        PtNDArray gradient = JniUtils.getGradient((PtNDArray) entry.leaf);
        // A result that nothing was made of has none.
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

  /** Ends the tape and frees what it holds. */
  @Override
  public void close() {
    restore();
    manager.close();
  }
}
