package ai.fresnel.cvs.spark;

import ai.fresnel.cvs.torch.Precision;
import java.io.Serializable;
import java.util.Objects;

/**
 * How executors draw. Start from {@link #defaults} and change it by the {@code with} methods.
 * Immutable.
 *
 * @param model the model
 * @param precision the precision that the network computes in
 * @param steps network passes per view; 0 for the model's own number
 * @param batchSize views of a photograph that go through the network together; 0 to choose by the
 *     image's size. A batch never holds views of two photographs, so that views depend on their row
 *     alone, not on how the table is cut into partitions
 */
public record DrawSettings(ModelSource model, Precision precision, int steps, int batchSize)
    implements Serializable {

  /**
   * Checks the settings.
   *
   * @param model as above
   * @param precision as above
   * @param steps as above
   * @param batchSize as above
   * @throws IllegalArgumentException if a number is below 0
   */
  public DrawSettings {
    Objects.requireNonNull(model, "model is null");
    Objects.requireNonNull(precision, "precision is null");
    if (steps < 0) {
      throw new IllegalArgumentException("steps is " + steps + ", expected 0 or more");
    }
    if (batchSize < 0) {
      throw new IllegalArgumentException("batchSize is " + batchSize + ", expected 0 or more");
    }
  }

  /**
   * Returns the defaults: the bundled model in float32, its own number of passes.
   *
   * @return the settings
   */
  public static DrawSettings defaults() {
    return new DrawSettings(new ModelSource.Bundled(), Precision.FLOAT32, 0, 0);
  }

  /**
   * Sets the model.
   *
   * @param value the model
   * @return a copy with it
   */
  public DrawSettings withModel(ModelSource value) {
    return new DrawSettings(value, precision, steps, batchSize);
  }

  /**
   * Sets the precision.
   *
   * @param value the precision
   * @return a copy with it
   */
  public DrawSettings withPrecision(Precision value) {
    return new DrawSettings(model, value, steps, batchSize);
  }

  /**
   * Sets the number of network passes per view.
   *
   * @param value 0 for the model's own number
   * @return a copy with it
   */
  public DrawSettings withSteps(int value) {
    return new DrawSettings(model, precision, value, batchSize);
  }

  /**
   * Sets the number of views per batch.
   *
   * @param value 0 to choose by the image's size
   * @return a copy with it
   */
  public DrawSettings withBatchSize(int value) {
    return new DrawSettings(model, precision, steps, value);
  }
}
