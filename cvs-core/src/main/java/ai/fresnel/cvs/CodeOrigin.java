package ai.fresnel.cvs;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.view.ViewSampler;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;

/** Which codes a model can draw from: those that it made. */
final class CodeOrigin {

  private final ModelConfig config;
  private final ViewSampler sampler;
  private final String fingerprint;

  /** The parts of a photograph's code by name; null before they are needed. */
  private volatile Map<String, Shape> shapes;

  CodeOrigin(ModelFolder folder, ViewSampler sampler) {
    config = folder.config();
    this.sampler = sampler;
    CRC32C sum = new CRC32C();
    String texts = config.toJson() + folder.provenance().toJson();
    sum.update(texts.getBytes(StandardCharsets.UTF_8));
    fingerprint = "%s-%08x".formatted(config.name(), sum.getValue());
  }

  /** Names the model by its configuration and provenance. */
  String fingerprint() {
    return fingerprint;
  }

  /** Refuses several photographs where there is no volume to join them in. */
  void requireVolume(int photographs) {
    if (photographs > 1 && !config.hasVolume()) {
      throw new IllegalArgumentException(
          photographs + " photographs, expected 1: " + config.name() + " has no volume");
    }
  }

  /**
   * Refuses the code of another model, one from a file that only says it is this one's, and
   * settings that the model does not support.
   */
  void require(ObjectCode code, Sampling sampling, NDManager manager) {
    sampler.requireSteps(sampling.steps());
    requireVolume(code.cameras().size());
    boolean isOwn = code.model().equals(fingerprint);
    if (isOwn && shapes == null) {
      int size = config.imageSize();
      shapes = sampler.encode(manager.zeros(new Shape(1, 3, size, size))).shapes();
    }
    if (!isOwn || !code.shapes().equals(shapes)) {
      throw new IllegalArgumentException(
          "the code was made by another model than this "
              + config.name()
              + ", expected one of its own");
    }
  }
}
