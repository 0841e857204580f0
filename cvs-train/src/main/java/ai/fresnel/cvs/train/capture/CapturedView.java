package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An image of a capture with its camera. Pixels are not read yet.
 *
 * @param name the image's name in the capture, for messages
 * @param image the file
 * @param mask an image of the same shape, bright on the object; empty if there is none
 * @param pose the camera, in the capture's world
 * @param lens its lens
 */
public record CapturedView(
    String name, Path image, Optional<Path> mask, CameraPose pose, CaptureLens lens) {

  /** Farther cameras are a mistake, and numbers made of them overflow. */
  private static final double MAX_DISTANCE = 1e12;

  /**
   * Checks the camera.
   *
   * @param name any
   * @param image any
   * @param mask any
   * @param pose within 10¹² of the origin
   * @param lens any
   * @throws IllegalArgumentException if the camera is farther away
   */
  public CapturedView {
    if (!(pose.radius() < MAX_DISTANCE)) {
      throw new IllegalArgumentException(
          "camera is " + pose.radius() + " from the origin, expected less than " + MAX_DISTANCE);
    }
  }
}
