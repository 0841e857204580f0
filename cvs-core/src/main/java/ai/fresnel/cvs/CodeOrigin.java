package ai.fresnel.cvs;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.model.ModelFolder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/** Which codes a model can draw from: those that it made. */
final class CodeOrigin {

  private final String model;
  private final String fingerprint;

  /** The parts of a photograph's code by name; null before they are needed. */
  private volatile Map<String, Shape> shapes;

  CodeOrigin(ModelFolder folder) {
    model = folder.config().name();
    CRC32C sum = new CRC32C();
    String texts = folder.config().toJson() + folder.provenance().toJson();
    sum.update(texts.getBytes(StandardCharsets.UTF_8));
    fingerprint = "%s-%08x".formatted(model, sum.getValue());
  }

  /** Names the model by its configuration and provenance. */
  String fingerprint() {
    return fingerprint;
  }

  /**
   * Refuses the code of another model, and one from a file that only says it is this one's.
   *
   * @param code the code
   * @param expected makes the shapes of a photograph's code
   */
  void require(ObjectCode code, Supplier<Map<String, Shape>> expected) {
    boolean isOwn = code.model().equals(fingerprint);
    if (isOwn && shapes == null) {
      shapes = expected.get();
    }
    if (!isOwn || !code.shapes().equals(shapes)) {
      throw new IllegalArgumentException(
          "the code was made by another model than this " + model + ", expected one of its own");
    }
  }
}
