package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A block with random weights, also where training starts from zeros, in double precision: forward
 * can be held against a slow reference to nine digits, gradients against finite differences.
 */
@SuppressWarnings("try") // the handle of a gradient mode is only closed
public final class BlockCheck implements AutoCloseable {

  private static final double STEP = 1e-6;

  private final int threads = TorchRuntime.threads();
  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final ParameterStore store = new ParameterStore(manager, false);
  private final Random random;
  private final Block block;
  private final Map<String, Parameter> parameters;

  public BlockCheck(Block block, long seed) {
    // On shapes this small several threads only wait for each other, the longer the busier the
    // machine.
    TorchRuntime.setThreads(1);
    this.block = block;
    random = new Random(seed);
    parameters = Weights.parameters(block);
    block.initialize(manager, DataType.FLOAT64, new Shape(1));
    parameters.forEach(
        (name, parameter) -> {
          parameter.getArray().setName(null);
          fill(name, parameter.getArray());
        });
  }

  private void fill(String name, NDArray array) {
    Shape shape = array.getShape();
    boolean scale = shape.dimension() == 1 && name.endsWith(".weight");
    double spread = shape.dimension() == 1 ? 0.3 : Math.sqrt(3.0 * shape.get(0) / shape.size());
    double[] values = random.doubles(shape.size(), -spread, spread).toArray();
    array.set(DoubleBuffer.wrap(scale ? Arrays.stream(values).map(v -> 1 + v).toArray() : values));
  }

  /** Uniform in [-1, 1]. */
  public NDArray input(long... shape) {
    Shape s = new Shape(shape);
    return input(random.doubles(s.size(), -1, 1).toArray(), shape);
  }

  public NDArray input(double[] values, long... shape) {
    try (NDArray borrowed = manager.create(values, new Shape(shape))) {
      return borrowed.duplicate();
    }
  }

  public Map<String, SlowTensor> weights() {
    Map<String, SlowTensor> weights = new LinkedHashMap<>();
    parameters.forEach((name, p) -> weights.put(name, SlowTensor.of(p.getArray())));
    return weights;
  }

  public NDArray run(NDArray... inputs) {
    return block.forward(store, new NDList(inputs), true).head();
  }

  /** The block's output, its shape and the shape it promises are the reference's. */
  public void forwardIs(SlowTensor expected, double tolerance, NDArray... inputs) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDArray y = run(inputs)) {
      Shape promised = block.getOutputShapes(new NDList(inputs).getShapes())[0];
      assertEquals(promised, y.getShape(), "promised shape");
      SlowTensor actual = SlowTensor.of(y);
      assertEquals(expected.values().length, actual.values().length);
      for (int i = 0; i < y.getShape().dimension(); i++) {
        assertEquals(expected.size(i), actual.size(i), "axis " + i);
      }
      for (int i = 0; i < expected.values().length; i++) {
        assertEquals(expected.values()[i], actual.values()[i], tolerance, "element " + i);
      }
    }
  }

  /**
   * Some gradients of a random projection of the output, of every parameter and every input, are
   * what finite differences say.
   */
  public void gradientsAreRight(int entries, NDArray... inputs) {
    double[] projection;
    try (NDManager sub = manager.newSubManager()) {
      for (NDArray input : inputs) {
        input.setRequiresGradient(true);
      }
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray y = run(inputs);
        projection = random.doubles(y.size(), -1, 1).toArray();
        collector.backward(y.flatten().mul(sub.create(projection)).sum());
      }
    }
    for (int i = 0; i < inputs.length; i++) {
      checkEntries("input " + i, inputs[i], entries, projection, inputs);
    }
    parameters.forEach((name, p) -> checkEntries(name, p.getArray(), entries, projection, inputs));
  }

  private void checkEntries(
      String name, NDArray array, int entries, double[] projection, NDArray... inputs) {
    double[] gradient = array.getGradient().toDoubleArray();
    assertTrue(
        Arrays.stream(gradient).anyMatch(g -> Math.abs(g) > 1e-7), name + " has no gradient");
    double[] values = array.toDoubleArray();
    for (int k = 0; k < entries; k++) {
      int i = random.nextInt(values.length);
      double kept = values[i];
      values[i] = kept + STEP;
      double above = projected(array, values, projection, inputs);
      values[i] = kept - STEP;
      double below = projected(array, values, projection, inputs);
      values[i] = kept;
      array.set(DoubleBuffer.wrap(values));
      double expected = (above - below) / (2 * STEP);
      double tolerance = 1e-6 * Math.max(1, Math.abs(expected));
      assertEquals(expected, gradient[i], tolerance, name + ", element " + i);
    }
  }

  private double projected(
      NDArray changed, double[] values, double[] projection, NDArray... inputs) {
    changed.set(DoubleBuffer.wrap(values));
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDArray y = run(inputs)) {
      double[] out = y.toDoubleArray();
      double sum = 0;
      for (int i = 0; i < out.length; i++) {
        sum += projection[i] * out[i];
      }
      return sum;
    }
  }

  @Override
  public void close() {
    manager.close();
    TorchRuntime.setThreads(threads);
  }
}
