package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.mesh.Srgb;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.View;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns a captured object into views like rendered ones: one square lens for all, each camera where
 * it was but looking at the object's middle with +z up, in a world whose origin is that middle.
 *
 * <p>A photograph shows the same light from its camera's place whichever way the camera is turned,
 * so turning it is exact; lens distortion is undone on the way. What the photograph did not show is
 * transparent.
 */
public final class CaptureConverter {

  /** Samples a pixel along each axis. */
  private static final int SUPERSAMPLING = 3;

  /** The largest image, pixels a side. */
  private static final int MAX_SIZE = 1024;

  private CaptureConverter() {}

  /**
   * What an object became.
   *
   * @param views its views, all with the meta's lens
   * @param meta where it is from
   * @param masked whether every image's background is cut away, by a mask or its own alpha
   */
  public record Converted(List<View> views, ObjectMeta meta, boolean masked) {}

  /**
   * Converts an object.
   *
   * @param object the object, two views or more
   * @param origin what to say of its source
   * @param size width and height of the views, 8 to 1024 pixels
   * @param most views taken at most, evenly from the capture; at least 2
   * @return the views
   * @throws IOException in one line, if a file is damaged or the cameras do not say where the
   *     object is
   * @throws IllegalArgumentException if the size or the number is out of range
   */
  public static Converted convert(CapturedObject object, String origin, int size, int most)
      throws IOException {
    if (size < 8 || size > MAX_SIZE || most < 2) {
      throw new IllegalArgumentException(
          "size " + size + " and " + most + " views, expected 8 to " + MAX_SIZE + " and 2 or more");
    }
    CapturedObject some =
        new CapturedObject(object.id(), evenly(object.views(), most), object.upIsZ());
    CaptureFrame frame = CaptureFrame.of(some);
    Intrinsics lens =
        new Intrinsics(
            frame.focal() * size, frame.focal() * size, size / 2.0, size / 2.0, size, size);
    List<View> views = new ArrayList<>();
    double nearest = Double.POSITIVE_INFINITY;
    double farthest = 0;
    for (CapturedView view : some.views()) {
      CameraPose pose = frame.pose(view);
      views.add(View.of(lens, pose, turned(view, frame, pose, lens)));
      nearest = Math.min(nearest, pose.radius());
      farthest = Math.max(farthest, pose.radius());
    }
    ObjectMeta meta =
        new ObjectMeta(lens, nearest, farthest, origin, "unknown", "", object.id(), "");
    return new Converted(views, meta, frame.masked());
  }

  private static List<CapturedView> evenly(List<CapturedView> views, int most) {
    if (views.size() <= most) {
      return views;
    }
    List<CapturedView> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(views.get((int) ((long) i * views.size() / most)));
    }
    return some;
  }

  /** The image that the camera at {@code pose} sees, sRGB with straight alpha. */
  private static byte[] turned(
      CapturedView view, CaptureFrame frame, CameraPose pose, Intrinsics lens) throws IOException {
    CaptureLens from = view.lens();
    int size = lens.width();
    // As many source pixels as fall between two samples can be made one.
    int factor = (int) (from.pinhole().fx() / (SUPERSAMPLING * lens.fx()));
    CapturedImage image = CapturedImage.read(view, Math.max(1, factor));
    double[] r = pose.rotation();
    byte[] rgba = new byte[4 * size * size];
    float[] sum = new float[4];
    double share = 1.0 / (SUPERSAMPLING * SUPERSAMPLING);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        sum[0] = sum[1] = sum[2] = sum[3] = 0;
        for (int s = 0; s < SUPERSAMPLING * SUPERSAMPLING; s++) {
          double u = x + (s % SUPERSAMPLING + 0.5) / SUPERSAMPLING;
          double v = y + (Math.floorDiv(s, SUPERSAMPLING) + 0.5) / SUPERSAMPLING;
          double[] ray = {(u - lens.cx()) / lens.fx(), (v - lens.cy()) / lens.fy(), 1};
          double[] point = frame.toCamera(view, Vectors.multiplyTransposed(r, ray));
          if (point[2] > 0) {
            double[] at = from.project(point);
            image.sample(at[0] / from.pinhole().width(), at[1] / from.pinhole().height(), sum);
          }
        }
        write(sum, share, rgba, 4 * (y * size + x));
      }
    }
    return rgba;
  }

  private static void write(float[] sum, double share, byte[] rgba, int at) {
    float alpha = sum[3];
    if (alpha * share < 0.5 / 255) {
      return;
    }
    for (int c = 0; c < 3; c++) {
      rgba[at + c] = Srgb.encodePlain(sum[c] / alpha);
    }
    rgba[at + 3] = (byte) Math.round(255 * Math.min(1, alpha * share));
  }
}
