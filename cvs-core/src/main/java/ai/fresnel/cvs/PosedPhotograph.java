package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.Objects;

/**
 * A photograph of an object and the camera that took it.
 *
 * @param photograph the photograph
 * @param camera its camera, which looks at the object
 */
public record PosedPhotograph(Photograph photograph, CameraPose camera) {

  /**
   * Checks that both are there.
   *
   * @param photograph as above
   * @param camera as above
   * @throws NullPointerException if one is missing; the message names it
   */
  public PosedPhotograph {
    Objects.requireNonNull(photograph, "photograph is null");
    Objects.requireNonNull(camera, "source is null");
  }

  /**
   * Frames the photograph as a model reads it: Zero123's as its authors do, others by the camera's
   * radius.
   */
  float[] framed(Framing framing, ModelConfig model) {
    return model.conditioner().zero123().isPresent()
        ? photograph.framedAsZero123(framing, model.imageSize())
        : photograph.framed(framing, camera.radius(), model.imageSize());
  }
}
