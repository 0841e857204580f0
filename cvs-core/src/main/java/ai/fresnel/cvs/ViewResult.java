package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.geometry.CameraPose;
import java.time.Duration;
import java.util.List;

/**
 * The views of a request. Immutable, except for the images.
 *
 * @param request the request
 * @param views all samples of the first target, of the second, ...
 * @param time time from the request to the last image; for requests that shared a batch, the time
 *     of all of them
 */
public record ViewResult(ViewRequest request, List<View> views, Duration time) {

  /**
   * One view.
   *
   * @param image S×S pixels on white, S the model's image size
   * @param target the camera it is drawn from
   * @param seed seed of its noise; a request with this target and seed draws it again
   */
  public record View(Image image, CameraPose target, long seed) {}

  /**
   * Copies the views.
   *
   * @param request as above
   * @param views as above
   * @param time as above
   */
  public ViewResult {
    views = List.copyOf(views);
  }

  /**
   * Returns the first image, the only one of a request for one view.
   *
   * @return the image
   */
  public Image image() {
    return views.get(0).image();
  }

  /**
   * Returns the images without their cameras and seeds.
   *
   * @return the images in the order of {@link #views}
   */
  public List<Image> images() {
    return views.stream().map(View::image).toList();
  }
}
