package ai.fresnel.cvs.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * Single operations that DJL does not fuse. Each is differentiable and is tested against a slow
 * composed reference, forward and backward.
 *
 * <p>Results are attached to the manager of the first argument.
 */
public final class TorchOps {

  // The first true: without waiting; the second: a copy also where both are on one device.
  private static final TorchFunction SEND =
      TorchFunction.of("on: Tensor, values: Tensor", "return torch.to(values, on, True, True)");

  private TorchOps() {}

  /**
   * Makes an array of numbers. On a GPU, DJL's {@code create} waits for all that was asked of the
   * GPU before. This does not: it returns as soon as the numbers are out of Java's memory.
   *
   * @param manager manager of the result
   * @param values its numbers
   * @param shape its shape
   * @return float32 of that shape
   */
  public static NDArray create(NDManager manager, float[] values, Shape shape) {
    return manager.getDevice().isGpu()
        ? send(manager, values, shape)
        : manager.create(values, shape);
  }

  static NDArray send(NDManager manager, float[] values, Shape shape) {
    try (NDManager cpu = manager.newSubManager(Device.cpu());
        NDArray on = manager.create(new Shape(0), DataType.FLOAT32)) {
      return SEND.call(on, cpu.create(values, shape));
    }
  }

  /**
   * Applies group normalisation (Wu and He 2018) with eps 1e-5.
   *
   * @param x (N, C, ...) float32
   * @param weight (C)
   * @param bias (C)
   * @param groups the number of groups, a divisor of C
   * @return (N, C, ...)
   */
  public static NDArray groupNorm(NDArray x, NDArray weight, NDArray bias, int groups) {
    return TorchFunction.of(
            "x: Tensor, w: Tensor, b: Tensor",
            "return torch.group_norm(x, " + groups + ", w, b, 1.0000000000000001e-05, True)")
        .call(x, weight, bias);
  }

  /**
   * Applies group normalisation followed by SiLU, x · sigmoid(x).
   *
   * @param x (N, C, ...) float32
   * @param weight (C)
   * @param bias (C)
   * @param groups the number of groups, a divisor of C
   * @return (N, C, ...)
   */
  public static NDArray groupNormSilu(NDArray x, NDArray weight, NDArray bias, int groups) {
    return TorchFunction.of(
            "x: Tensor, w: Tensor, b: Tensor",
            "return torch.silu(torch.group_norm(x, "
                + groups
                + ", w, b, 1.0000000000000001e-05, True))")
        .call(x, weight, bias);
  }

  /**
   * Computes scaled dot-product attention, softmax(q·kᵀ/√D)·v (Vaswani et al. 2017).
   *
   * @param q (N, heads, L, D) float32
   * @param k (N, heads, S, D)
   * @param v (N, heads, S, D)
   * @return (N, heads, L, D)
   */
  public static NDArray attention(NDArray q, NDArray k, NDArray v) {
    return TorchFunction.of(
            "q: Tensor, k: Tensor, v: Tensor", "return torch.scaled_dot_product_attention(q, k, v)")
        .call(q, k, v);
  }

  /**
   * Multiplies by a number. With gradients, DJL's {@code mul(Number)} must not be used: it makes an
   * array of the number in Java's memory and closes it. Autograd keeps that array for the backward
   * pass and reads freed memory after a garbage collection.
   *
   * @param x an array of any shape
   * @param factor is rounded to float32
   * @return x · factor, of x's shape and type
   */
  public static NDArray scale(NDArray x, double factor) {
    // The number is read during the call and kept by value.
    try (NDManager cpu = x.getManager().newSubManager(Device.cpu())) {
      return TorchFunction.of("x: Tensor, factor: Tensor", "return torch.mul(x, float(factor))")
          .call(x, cpu.create((float) factor));
    }
  }

  /**
   * Folds space into channels (pixel unshuffle): output channel (c·factor + i)·factor + j at (y, x)
   * is input channel c at (y·factor + i, x·factor + j).
   *
   * @param x (N, C, H, W); H and W are multiples of the factor
   * @param factor 1, 2, 4, ...
   * @return (N, C·factor², H/factor, W/factor)
   */
  public static NDArray fold(NDArray x, int factor) {
    return factor == 1
        ? x
        : TorchFunction.of("x: Tensor", "return torch.pixel_unshuffle(x, " + factor + ")").call(x);
  }

  /**
   * Unfolds channels into space (pixel shuffle), the inverse of {@link #fold(NDArray, int)}.
   *
   * @param x (N, C·factor², H, W)
   * @param factor 1, 2, 4, ...
   * @return (N, C, H·factor, W·factor)
   */
  public static NDArray unfold(NDArray x, int factor) {
    return factor == 1
        ? x
        : TorchFunction.of("x: Tensor", "return torch.pixel_shuffle(x, " + factor + ")").call(x);
  }
}
