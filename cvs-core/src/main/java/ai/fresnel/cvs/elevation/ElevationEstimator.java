package ai.fresnel.cvs.elevation;

import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * Estimates how high the camera of a photograph was above its object, of what a model made of the
 * photograph. It is fitted to one model's codes, on renders whose cameras are known. The distance
 * cannot be told: photographs are framed by the size of their object.
 *
 * <pre>{@code
 * ElevationEstimator estimator = ElevationEstimator.bundled();
 * ObjectCode code = cvs.encode(photo, CameraPose.orbit(0, 0, 1.7)); // the elevation does not matter
 * double elevation = estimator.estimate(code).degrees();
 * }</pre>
 *
 * <p>Immutable.
 */
public final class ElevationEstimator {

  /** Belongs to the bundled model. */
  private static final String RESOURCE = "small64.safetensors";

  private final String model;
  private final ElevationNetwork network;

  private ElevationEstimator(String model, ElevationNetwork network) {
    this.model = model;
    this.network = network;
  }

  /**
   * Reads the estimator of the bundled model.
   *
   * @return the estimator
   * @throws IOException if it cannot be unpacked to the system's folder for temporary files
   */
  public static ElevationEstimator bundled() throws IOException {
    // Resources are often inside a jar, and arrays are read from a file.
    Path file = Files.createTempFile("cvs-elevation", ".safetensors");
    try (InputStream in = ElevationEstimator.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new FileNotFoundException("this build of the library has no " + RESOURCE);
      }
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return read(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Reads an estimator.
   *
   * @param file a file of {@link ElevationNetwork#write}
   * @return the estimator
   * @throws ModelFormatException if the file is damaged or holds something else; the message names
   *     the file and the part
   * @throws IOException if it cannot be read
   */
  public static ElevationEstimator read(Path file) throws IOException {
    try (Safetensors stored = Safetensors.open(file)) {
      String version = stored.metadata().get(ElevationNetwork.VERSION);
      if (!ElevationNetwork.NEWEST.equals(version)) {
        throw new ModelFormatException(
            file
                + ": "
                + ElevationNetwork.VERSION
                + " is "
                + version
                + ", expected "
                + ElevationNetwork.NEWEST);
      }
      String model = stored.metadata().getOrDefault(ElevationNetwork.MODEL, "");
      return new ElevationEstimator(model, ElevationNetwork.read(stored, file.toString()));
    }
  }

  /**
   * Says whether it was fitted to codes of the model that made this one.
   *
   * @param code a code
   * @return whether {@link #estimate} takes it
   */
  public boolean isFor(ObjectCode code) {
    return Objects.requireNonNull(code, "code is null").model().equals(model);
  }

  /**
   * Estimates the elevation of a photograph's camera.
   *
   * @param code the code of one photograph; the camera that it was encoded with does not matter
   * @return the estimate, the same for the same code
   * @throws IllegalArgumentException if another model made the code, or of several photographs
   */
  public ElevationEstimate estimate(ObjectCode code) {
    if (!isFor(code)) {
      throw new IllegalArgumentException(
          "the code was made by " + code.model() + ", expected " + model);
    }
    if (code.cameras().size() != 1) {
      throw new IllegalArgumentException(
          "the code has " + code.cameras().size() + " photographs, expected 1");
    }
    float[] features = CodeFeatures.of(code)[0];
    // A file may say that it is of this model, and not be.
    if (features.length != network.inputs()) {
      throw new IllegalArgumentException(
          "the code has " + features.length + " features, expected " + network.inputs());
    }
    return network.estimate(features);
  }
}
