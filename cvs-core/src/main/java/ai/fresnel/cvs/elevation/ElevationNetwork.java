package ai.fresnel.cvs.elevation;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A small network from the features of a photograph to a Gaussian over elevations: one hidden layer
 * of rectified units, then the mean and the logarithm of the standard deviation, both of degrees.
 *
 * @param hiddenWeights (hidden, inputs), row by row
 * @param hiddenBiases one for each hidden unit
 * @param outputWeights (2, hidden), row by row
 * @param outputBiases two
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record ElevationNetwork(
    float[] hiddenWeights, float[] hiddenBiases, float[] outputWeights, float[] outputBiases) {

  static final String VERSION = "cvs_elevation";
  static final String MODEL = "model";
  static final String NEWEST = "1";

  private static final String HIDDEN_WEIGHTS = "hidden.weight";
  private static final String HIDDEN_BIASES = "hidden.bias";
  private static final String OUTPUT_WEIGHTS = "output.weight";
  private static final String OUTPUT_BIASES = "output.bias";

  /** The most numbers of an array. */
  private static final long MOST_NUMBERS = 1 << 24;

  /**
   * Counts the features.
   *
   * @return numbers of a row that it reads
   */
  public int inputs() {
    return hiddenWeights.length / hiddenBiases.length;
  }

  /**
   * Estimates.
   *
   * @param features a row of {@link CodeFeatures}
   * @return the estimate
   */
  public ElevationEstimate estimate(float[] features) {
    int hidden = hiddenBiases.length;
    double mean = outputBiases[0];
    double logarithm = outputBiases[1];
    for (int unit = 0; unit < hidden; unit++) {
      double sum = hiddenBiases[unit];
      for (int i = 0; i < features.length; i++) {
        sum += hiddenWeights[unit * features.length + i] * features[i];
      }
      if (sum > 0) {
        mean += outputWeights[unit] * sum;
        logarithm += outputWeights[hidden + unit] * sum;
      }
    }
    double deviation = Math.exp(Math.max(0, Math.min(4, logarithm)));
    return new ElevationEstimate(Math.max(-90, Math.min(90, mean)), deviation);
  }

  /**
   * Writes the network, completely or not at all.
   *
   * @param file the file, replaced if it is there
   * @param model which model's codes it reads, see {@link ai.fresnel.cvs.ObjectCode#model}
   * @throws IOException if it cannot be written
   */
  public void write(Path file, String model) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      int hidden = hiddenBiases.length;
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put(HIDDEN_WEIGHTS, manager.create(hiddenWeights, new Shape(hidden, inputs())));
      arrays.put(HIDDEN_BIASES, manager.create(hiddenBiases));
      arrays.put(OUTPUT_WEIGHTS, manager.create(outputWeights, new Shape(2, hidden)));
      arrays.put(OUTPUT_BIASES, manager.create(outputBiases));
      Safetensors.write(file, arrays, Map.of(VERSION, NEWEST, MODEL, model));
    }
  }

  /** Reads a network; {@code name} stands for the file in messages. */
  static ElevationNetwork read(Safetensors stored, String name) throws IOException {
    Shape shape = stored.names().contains(HIDDEN_WEIGHTS) ? stored.shape(HIDDEN_WEIGHTS) : null;
    if (shape == null || shape.dimension() != 2 || shape.size() < 1) {
      throw new ModelFormatException(
          name + ": " + HIDDEN_WEIGHTS + " is " + shape + ", expected (hidden, inputs)");
    }
    long hidden = shape.get(0);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      return new ElevationNetwork(
          numbers(stored, name, HIDDEN_WEIGHTS, shape, manager),
          numbers(stored, name, HIDDEN_BIASES, new Shape(hidden), manager),
          numbers(stored, name, OUTPUT_WEIGHTS, new Shape(2, hidden), manager),
          numbers(stored, name, OUTPUT_BIASES, new Shape(2), manager));
    }
  }

  private static float[] numbers(
      Safetensors stored, String name, String part, Shape shape, NDManager manager)
      throws IOException {
    boolean found = stored.names().contains(part);
    if (!found
        || !stored.shape(part).equals(shape)
        || shape.size() > MOST_NUMBERS
        || stored.dataType(part) != DataType.FLOAT32) {
      throw new ModelFormatException(
          name
              + ": "
              + part
              + " is "
              + (found ? stored.dataType(part) + " of shape " + stored.shape(part) : "missing")
              + ", expected float32 of shape "
              + shape
              + " and "
              + MOST_NUMBERS
              + " numbers at the most");
    }
    return stored.read(manager, part).toFloatArray();
  }
}
