package ai.fresnel.cvs.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/**
 * Finds the factor of a loss so that its gradients do not vanish in float16, found as it goes
 * (Micikevicius et al. 2018, section 3.2): halved at each gradient that is not finite, whose step
 * is left out, and doubled after {@value #PATIENCE} steps without one. The numbers are those of
 * PyTorch's GradScaler.
 */
public final class LossScaler {

  private static final float FIRST = 65536;
  private static final int PATIENCE = 2000;

  /** Below it gradients are lost by their own size, and no scale helps. */
  public static final double LEAST = 1;

  // Arrays, for they are saved and restored with all others.
  private final NDArray scale;
  private final NDArray calm;

  /**
   * Makes a scaler that starts high.
   *
   * @param manager owns its two numbers
   */
  public LossScaler(NDManager manager) {
    scale = manager.full(new Shape(1), FIRST);
    calm = manager.zeros(new Shape(1));
  }

  /**
   * Returns the factor of the loss.
   *
   * @return a power of two
   */
  public double scale() {
    return scale.getFloat();
  }

  /** Counts a step whose gradient was finite. */
  public void grow() {
    float steps = calm.getFloat() + 1;
    if (steps == PATIENCE) {
      scale.set(new float[] {2 * scale.getFloat()});
      steps = 0;
    }
    calm.set(new float[] {steps});
  }

  /** Counts a step whose gradient was not. */
  public void backOff() {
    scale.set(new float[] {scale.getFloat() / 2});
    calm.set(new float[] {0});
  }

  /**
   * Returns the numbers that resuming needs.
   *
   * @return name in a saved state to number, (1)
   */
  public Map<String, NDArray> state() {
    return Map.of("scale", scale, "calm", calm);
  }
}
