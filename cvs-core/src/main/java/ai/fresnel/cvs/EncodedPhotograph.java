package ai.fresnel.cvs;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.condition.ObjectCode;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.torch.SharedArrays;
import java.util.List;

/**
 * A photograph that {@link ViewSynthesizer#encode} has framed and encoded, for any number of views:
 * a program that draws them one by one, as its user turns the object, saves that work each time.
 *
 * <p>Thread-safe. {@link #close} waits for views that are being drawn.
 */
public final class EncodedPhotograph implements AutoCloseable {

  private final ViewRequest request;
  private final ObjectCode code;
  private final SharedArrays arrays;

  private EncodedPhotograph(ViewRequest request, ObjectCode code, SharedArrays arrays) {
    this.request = request;
    this.code = code;
    this.arrays = arrays;
  }

  /**
   * Moves a code to memory of its own.
   *
   * @param request what was encoded
   * @param code of one photograph
   * @param manager becomes the photograph's own
   */
  static EncodedPhotograph of(ViewRequest request, ObjectCode code, NDManager manager) {
    code.parts().values().forEach(part -> part.attach(manager));
    return new EncodedPhotograph(request, code, new SharedArrays("photograph", manager));
  }

  /**
   * Returns the photograph.
   *
   * @return as it was given, not framed
   */
  public Photograph photograph() {
    return request.photograph();
  }

  /**
   * Returns the photograph's camera.
   *
   * @return the camera that views are relative to
   */
  public CameraPose source() {
    return request.source();
  }

  /**
   * Returns how the photograph was framed.
   *
   * @return the framing
   */
  public Framing framing() {
    return request.framing();
  }

  /** Returns a request for one view of this photograph. */
  ViewRequest request(CameraPose target, Sampling sampling) {
    return new ViewRequest(photograph(), source(), List.of(target), sampling, framing(), 0);
  }

  ObjectCode code() {
    return code;
  }

  /**
   * Keeps the code open.
   *
   * @throws IllegalStateException if this photograph is closed
   */
  SharedArrays.Use use() {
    return arrays.use();
  }

  /** Frees the code. Waits for views that other threads are drawing of it. */
  @Override
  public void close() {
    arrays.close();
  }
}
