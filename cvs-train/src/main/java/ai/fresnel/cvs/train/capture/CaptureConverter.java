package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.file.LeftOut;
import ai.fresnel.cvs.train.mesh.Srgb;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.View;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Converts a captured object into views like rendered ones. All views have one square lens. The
 * cameras keep their places, but look at the middle of the object, which is the origin, with +z up.
 *
 * <p>Turning a camera in its place is exact: the light that reaches it is the same. Lens distortion
 * is removed. Areas outside the photograph are transparent.
 */
public final class CaptureConverter {

  /** Samples per pixel along each axis. */
  private static final int SUPERSAMPLING = 3;

  /** The longest side of an image in pixels. */
  private static final int MAX_SIZE = 1024;

  private CaptureConverter() {}

  /**
   * A converted object.
   *
   * @param views its views, all with the lens of the meta
   * @param meta its metadata
   * @param masked whether every image's background is cut away, by a mask or its own alpha
   * @param leftOut the frames that cannot be used
   * @param notes lines for people about how the capture was read
   * @param placement from the capture's world to that of the views
   */
  public record Converted(
      List<View> views,
      ObjectMeta meta,
      boolean masked,
      LeftOut leftOut,
      List<String> notes,
      Placement placement) {}

  /** Where the world of a capture lies in that of its views. */
  @FunctionalInterface
  public interface Placement {

    /**
     * Moves a point.
     *
     * @param point 3 values in the capture's world
     * @return 3 values in the world of the views
     */
    double[] place(double[] point);
  }

  /**
   * Converts an object. Leaves out frames whose image or mask is missing or broken.
   *
   * @param object the object
   * @param origin the source to record in the metadata
   * @param size width and height of the views, 8 to 1024 pixels
   * @param most the largest number of views, spread evenly over the capture; at least 2
   * @return the views
   * @throws IOException in one line, if fewer than two frames can be used or the cameras do not
   *     locate the object
   * @throws IllegalArgumentException if the size or the number is out of range
   */
  public static Converted convert(CapturedObject object, String origin, int size, int most)
      throws IOException {
    if (size < 8 || size > MAX_SIZE || most < 2) {
      throw new IllegalArgumentException(
          "size " + size + " and " + most + " views, expected 8 to " + MAX_SIZE + " and 2 or more");
    }
    FrameChoice choice = FrameChoice.of(object, most);
    UpDirection up = UpDirection.of(object.up(), choice.views());
    CaptureFrame frame = CaptureFrame.of(object.id(), choice, up);
    Intrinsics lens =
        new Intrinsics(
            frame.focal() * size, frame.focal() * size, size / 2.0, size / 2.0, size, size);
    List<View> views = new ArrayList<>();
    double nearest = Double.POSITIVE_INFINITY;
    double farthest = 0;
    for (CapturedView view : choice.views()) {
      CameraPose pose = frame.pose(view);
      views.add(View.of(lens, pose, turned(view, frame, pose, lens)));
      nearest = Math.min(nearest, pose.radius());
      farthest = Math.max(farthest, pose.radius());
    }
    ObjectMeta meta =
        new ObjectMeta(lens, nearest, farthest, origin, "unknown", "", object.id(), "");
    List<String> notes = new ArrayList<>(choice.notes());
    notes.addAll(up.notes());
    return new Converted(
        views, meta, choice.masked(), choice.leftOut(), List.copyOf(notes), frame::place);
  }

  /** Returns the image of the camera at {@code pose}, sRGB with straight alpha. */
  private static byte[] turned(
      CapturedView view, CaptureFrame frame, CameraPose pose, Intrinsics lens) throws IOException {
    CaptureLens from = view.lens();
    int size = lens.width();
    // Source pixels that fall between two samples can be merged.
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
          if (from.sees(point)) {
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
