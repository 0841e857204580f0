package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Objects;

/**
 * One view to draw of a photograph that is encoded already. Immutable.
 *
 * @param photograph the photograph, open until the view is drawn
 * @param target the camera of the view
 * @param sampling how it is drawn, with one sample
 */
public record EncodedView(EncodedPhotograph photograph, CameraPose target, Sampling sampling) {

  /**
   * Checks the view.
   *
   * @param photograph as above
   * @param target as above
   * @param sampling as above
   * @throws NullPointerException if one is missing
   * @throws IllegalArgumentException if there is more than one sample
   */
  public EncodedView {
    Objects.requireNonNull(photograph, "photograph is null");
    Objects.requireNonNull(target, "target is null");
    Objects.requireNonNull(sampling, "sampling is null");
    if (sampling.samples() != 1) {
      throw new IllegalArgumentException("samples is " + sampling.samples() + ", expected 1");
    }
  }

  /** Returns the same view as a request, whose photograph would be encoded again. */
  ViewRequest request() {
    return photograph.request(target, sampling);
  }
}
