package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.initializer.Initializer;

/**
 * Initialises a convolution as the identity on its first channels: output channel c is input
 * channel c at the same position. Further input channels have weight 0.
 */
final class IdentityInitializer implements Initializer {

  @Override
  public NDArray initialize(NDManager manager, Shape shape, DataType dataType) {
    int out = Math.toIntExact(shape.get(0));
    int in = Math.toIntExact(shape.get(1));
    int kernel = Math.toIntExact(shape.get(2) * shape.get(3));
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int c = 0; c < Math.min(in, out); c++) {
      values[(c * in + c) * kernel + kernel / 2] = 1;
    }
    try (NDArray identity = manager.create(values, shape)) {
      return identity.toType(dataType, false).duplicate();
    }
  }
}
