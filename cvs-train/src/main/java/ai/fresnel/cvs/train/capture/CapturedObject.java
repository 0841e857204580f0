package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.LeftOut;
import java.util.List;

/**
 * An object or scene of a capture.
 *
 * @param id its name in the capture
 * @param views its images, in the capture's order
 * @param up what is known about up in its world
 * @param leftOut the frames that the capture lists and that cannot be used
 * @param notes lines for people about how it was read
 */
public record CapturedObject(
    String id, List<CapturedView> views, WorldUp up, LeftOut leftOut, List<String> notes) {

  /**
   * Copies the lists.
   *
   * @param id any
   * @param views any number
   * @param up either
   * @param leftOut any
   * @param notes any number
   */
  public CapturedObject {
    views = List.copyOf(views);
    notes = List.copyOf(notes);
  }
}
