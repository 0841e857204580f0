package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Numbers of which each sample of a batch has its own: noise levels, weights, coefficients. */
public final class Broadcast {

  private Broadcast() {}

  /**
   * Reshapes one number a sample so that it multiplies states.
   *
   * @param values one number a sample, (N)
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
   * @param manager where the result lives
   * @param value the number
   * @param size the batch size N
   * @return (N) float32
   */
  public static NDArray fill(NDManager manager, double value, long size) {
    float[] values = new float[Math.toIntExact(size)];
    Arrays.fill(values, (float) value);
    return manager.create(values);
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
