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
    String name, Path image, Optional<Path> mask, CameraPose pose, CaptureLens lens) {}
