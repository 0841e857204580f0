package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Owns the intermediate arrays of one call: {@code view} the arguments, compute, {@code ret} the
 * result.
 *
 * <p>DJL attaches a result to the manager of its first operand. A view is a second handle on the
 * same tensor that lives on the scope's manager, so everything computed from views is freed when
 * the scope closes. The caller's own handles are never moved, so two threads may share an argument.
 * A reshape to the same shape is such a view, and gradients pass through it.
 */
final class ArrayScope implements AutoCloseable {

  private final NDManager parent;
  private final NDManager manager;

  /** Opens a scope whose result will belong to the manager of {@code x}, on its device. */
  ArrayScope(NDArray x) {
    parent = x.getManager();
    manager = parent.newSubManager(x.getDevice());
  }

  /** Returns the manager on which intermediates live. */
  NDManager manager() {
    return manager;
  }

  /** Returns a second handle on an array, which lives as long as this scope. */
  NDArray view(NDArray array) {
    return Conditioning.view(manager, array);
  }

  /** Returns a number that multiplies states, (N, 1, ..., 1) of their type. */
  NDArray factor(double value, NDArray states) {
    NDArray values = Broadcast.fill(manager, value, states.getShape().get(0));
    return Broadcast.expand(values.toType(states.getDataType(), false), states);
  }

  /** Returns {@code a * aShare + b * bShare}, two states of one shape. */
  NDArray mix(NDArray a, double aShare, NDArray b, double bShare) {
    return a.mul(factor(aShare, a)).add(b.mul(factor(bShare, b)));
  }

  /** Attaches a result to the caller's manager, as {@link NDManager#ret} does. */
  NDArray ret(NDArray result) {
    result.attach(parent);
    return result;
  }

  @Override
  public void close() {
    manager.close();
  }
}
