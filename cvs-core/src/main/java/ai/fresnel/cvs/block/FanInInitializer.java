package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;
import ai.fresnel.cvs.diffusion.SampleNoise;

/**
 * Draws a weight from a normal distribution of standard deviation gain/√fan-in (LeCun et al. 1998),
 * fan-in being the product of all dimensions but the first. The numbers come from a seed, not from
 * the engine's global generator, so that a parameter depends on its own seed only.
 */
final class FanInInitializer implements Initializer {

  private final double gain;
  private final long seed;

  FanInInitializer(double gain) {
    this(gain, 0);
  }

  private FanInInitializer(double gain, long seed) {
    this.gain = gain;
    this.seed = seed;
  }

  FanInInitializer withSeed(long newSeed) {
    return new FanInInitializer(gain, newSeed);
  }

  @Override
  public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
    long fanIn = shape.size() / shape.get(0);
    float deviation = (float) (gain / Math.sqrt((double) fanIn));
    float[] values = SampleNoise.normal(seed, 0, Math.toIntExact(shape.size()));
    for (int i = 0; i < values.length; i++) {
      values[i] *= deviation;
    }
    // An array created from a Java array borrows its memory. A view of it, also toType to the same
    // type, borrows it too. A duplicate owns its memory.
    try (NDArray drawn = manager.create(values, shape)) {
      return drawn.toType(dataType, false).duplicate();
    }
  }
}
