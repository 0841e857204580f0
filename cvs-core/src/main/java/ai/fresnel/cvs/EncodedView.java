package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Objects;

/**
 * One view to draw of an object that is encoded already. Immutable.
 *
 * @param code the object
 * @param target the camera of the view
 * @param sampling how it is drawn, with one sample
 */
public record EncodedView(ObjectCode code, CameraPose target, Sampling sampling) {

  /**
   * Checks the view.
   *
   * @param code as above
   * @param target as above
   * @param sampling as above
   * @throws NullPointerException if one is missing
   * @throws IllegalArgumentException if there is more than one sample
   */
  public EncodedView {
    Objects.requireNonNull(code, "code is null");
    Objects.requireNonNull(target, "target is null");
    Objects.requireNonNull(sampling, "sampling is null");
    if (sampling.samples() != 1) {
      throw new IllegalArgumentException("samples is " + sampling.samples() + ", expected 1");
    }
  }
}
