package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.image.MaskRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a view shows of the object: the camera's position and optical axis, a ray to the object, and
 * the rays of its mask.
 */
final class Observation {

  /** Cells of the grid on which masks are sampled, along the longer side. */
  private static final int CELLS = 64;

  private final double[] eye;
  private final double[] axis;
  private final double[] ray;
  private final List<double[]> outline;
  private final boolean whole;
  private final Optional<MaskRule> rule;

  private Observation(
      double[] eye,
      double[] axis,
      double[] ray,
      List<double[]> outline,
      boolean whole,
      Optional<MaskRule> rule) {
    this.eye = eye;
    this.axis = axis;
    this.ray = ray;
    this.outline = outline;
    this.whole = whole;
    this.rule = rule;
  }

  /** Returns the position of the camera. */
  double[] eye() {
    return eye;
  }

  /** Returns a ray towards the middle of the mask, of length 1; the optical axis without one. */
  double[] ray() {
    return ray;
  }

  /** Returns rays through the pixels of the mask, of any length. */
  List<double[]> outline() {
    return outline;
  }

  /** Says whether the object fills the whole image, with no background cut away. */
  boolean whole() {
    return whole;
  }

  /** Returns how the mask says which pixels are the object; empty without a mask. */
  Optional<MaskRule> rule() {
    return rule;
  }

  /**
   * Reads the image and the mask of a view.
   *
   * @throws IOException in one line, if one of them is missing or broken
   */
  static Observation of(CapturedView view) throws IOException {
    return Guarded.run(() -> read(view));
  }

  private static Observation read(CapturedView view) throws IOException {
    double[] r = view.pose().rotation();
    CaptureLens lens = view.lens();
    int longer = Math.max(lens.pinhole().width(), lens.pinhole().height());
    CapturedImage image = CapturedImage.read(view, Math.max(1, longer / CELLS));
    List<double[]> outline = new ArrayList<>();
    double[] sum = new double[3];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        if (image.alpha(x, y) >= 0.5) {
          double u = (x + 0.5) / image.width() * lens.pinhole().width();
          double v = (y + 0.5) / image.height() * lens.pinhole().height();
          double[] ray = Vectors.multiplyTransposed(r, lens.unproject(u, v));
          outline.add(ray);
          double length = Vectors.length(ray);
          for (int c = 0; c < 3; c++) {
            sum[c] += ray[c] / length;
          }
        }
      }
    }
    double[] axis = {r[6], r[7], r[8]};
    boolean whole = outline.size() == image.width() * image.height();
    double[] ray = outline.isEmpty() ? axis : Vectors.unit(sum);
    return new Observation(view.pose().position(), axis, ray, outline, whole, image.rule());
  }

  /** Returns the observation without its mask. */
  Observation alongAxis() {
    return new Observation(eye, axis, axis, List.of(), whole, rule);
  }
}
