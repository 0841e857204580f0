package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Broadcasts one number per sample over states: sigmas, weights, coefficients. */
public final class Broadcast {

  private Broadcast() {}

  /**
   * Reshapes one number per sample so that it multiplies states.
   *
   * @param values one number per sample, (N)
   * @param states the states to broadcast against, (N, ...)
   * @return a view of the values, (N, 1, ..., 1), on the values' manager
   * @throws IllegalArgumentException if the two batch sizes differ
   */
  public static NDArray expand(NDArray values, NDArray states) {
    check(values, states);
    long[] shape = new long[states.getShape().dimension()];
    Arrays.fill(shape, 1);
    shape[0] = states.getShape().get(0);
    return values.reshape(new Shape(shape));
  }

  /**
   * Gives every sample the same number.
   *
   * @param manager manager of the result
   * @param value the number
   * @param size the batch size N
   * @return (N) float32
   */
  public static NDArray fill(NDManager manager, double value, long size) {
    return manager.full(new Shape(size), (float) value);
  }

  private static void check(NDArray values, NDArray states) {
    Shape v = values.getShape();
    Shape s = states.getShape();
    if (v.dimension() != 1 || s.dimension() < 1 || v.get(0) != s.get(0)) {
      throw new IllegalArgumentException(
          "per-sample values have shape " + v + ", expected one for each sample of states " + s);
    }
  }
}
