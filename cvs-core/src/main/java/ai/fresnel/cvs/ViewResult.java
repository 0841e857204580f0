package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.geometry.CameraPose;
import java.time.Duration;
import java.util.List;

/**
 * What was drawn for a request. Immutable, but for the images.
 *
 * @param request what was asked for
 * @param views all samples of the first target, of the second, ...
 * @param time from the request to the last image; where several requests went through the network
 *     together, that of all of them
 */
public record ViewResult(ViewRequest request, List<View> views, Duration time) {

  /**
   * One image.
   *
   * @param image S×S pixels on white, S the model's image size
   * @param target the camera it is drawn from
   * @param seed of its noise: a request of this target and this seed draws it again
   */
  public record View(Image image, CameraPose target, long seed) {}

  /**
   * Copies.
   *
   * @param request as above
   * @param views as above
   * @param time as above
   */
  public ViewResult {
    views = List.copyOf(views);
  }

  /**
   * Returns the first image, the only one where one view was asked for.
   *
   * @return the image
   */
  public Image image() {
    return views.get(0).image();
  }

  /**
   * Returns the images alone.
   *
   * @return them in the order of {@link #views}
   */
  public List<Image> images() {
    return views.stream().map(View::image).toList();
  }
}
