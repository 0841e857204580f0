package ai.fresnel.cvs.train.capture;

import java.util.List;

/**
 * An object or scene of a capture.
 *
 * @param id its name in the capture
 * @param views its images, in the capture's order
 * @param upIsZ whether the world's +z is up; otherwise up is estimated from the cameras
 */
public record CapturedObject(String id, List<CapturedView> views, boolean upIsZ) {

  /**
   * Copies the list.
   *
   * @param id any
   * @param views any number
   * @param upIsZ either
   */
  public CapturedObject {
    views = List.copyOf(views);
  }
}
