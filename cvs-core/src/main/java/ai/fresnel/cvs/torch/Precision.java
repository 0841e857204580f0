package ai.fresnel.cvs.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * The type that a network computes in. Weights, gradients and averages stay float32. The operands
 * of products and the activations between them are narrowed; norms and the loss compute in float32
 * inside.
 */
public enum Precision {
  /** IEEE single precision. Double precision inputs stay double. */
  FLOAT32(6),

  /**
   * Eight bits of precision at the range of float32. Trains 1.5 times as fast on CPUs with
   * AVX512-BF16, as measured; much slower on CPUs with neither that nor AMX.
   */
  BFLOAT16(15),

  /**
   * Eleven bits of precision up to 65504: for GPUs without bfloat16. Values below 6e-8 become 0, so
   * training scales its loss. On CPUs libtorch 2.7.1 has slow kernels for it: a convolution took 50
   * times as long as in float32, as measured.
   */
  FLOAT16(5);

  private static final TorchFunction WIDEN =
      TorchFunction.of("x: Tensor", "return torch.to(x, " + FLOAT32.scalarType + ")");

  private final int scalarType;

  /**
   * @param scalarType libtorch's number of the type, {@code c10::ScalarType}
   */
  Precision(int scalarType) {
    this.scalarType = scalarType;
  }

  /**
   * Returns libtorch's number of the type, as TorchScript takes it.
   *
   * @return the {@code c10::ScalarType}
   */
  public int scalarType() {
    return scalarType;
  }

  /**
   * Converts an input to this precision.
   *
   * @param manager owner of the result
   * @param x (...) float32 or already narrowed; {@link #FLOAT32} keeps a double array
   * @return x itself, or a narrowed copy; differentiable
   */
  public NDArray narrow(NDManager manager, NDArray x) {
    if (this == FLOAT32) {
      return x;
    }
    return TorchFunction.of("x: Tensor", "return torch.to(x, " + scalarType + ")")
        .call(manager, new NDList(x));
  }

  /**
   * Converts a result back to float32.
   *
   * @param manager owner of the result
   * @param x (...) of this precision
   * @return x itself, or a float32 copy; differentiable
   */
  public NDArray widen(NDManager manager, NDArray x) {
    return this == FLOAT32 ? x : WIDEN.call(manager, new NDList(x));
  }
}
