package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the lens of a frame in nerfstudio's, Instant-NGP's or NeRF's format. Each value is the
 * frame's own, or else that of all frames; {@code null} is none.
 */
final class NerfstudioLens {

  private static final Set<String> PERSPECTIVE =
      Set.of("OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "FULL_OPENCV");

  private static final Set<String> FISHEYE =
      Set.of("OPENCV_FISHEYE", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE", "FISHEYE");

  /** Other lenses of Instant-NGP. */
  private static final List<String> OTHERS = List.of("ftheta_p0", "latlong", "equirectangular");

  private static final double MAX_SIDE = 1 << 16;

  private final JsonValue frame;
  private final JsonValue all;

  private NerfstudioLens(JsonValue frame, JsonValue all) {
    this.frame = frame;
    this.all = all;
  }

  /**
   * Reads the lens of a frame.
   *
   * @param image the file, for the size if none is given
   * @throws IOException if the size is needed and the image cannot be read
   * @throws IllegalArgumentException if a value is wrong or the lens is of another kind
   */
  static CaptureLens read(JsonValue frame, JsonValue all, Path image) throws IOException {
    return new NerfstudioLens(frame, all).read(image);
  }

  private CaptureLens read(Path image) throws IOException {
    Distortion distortion = distortion();
    int width = (int) number("w", 0, MAX_SIDE).orElse(0.0).doubleValue();
    int height = (int) number("h", 0, MAX_SIDE).orElse(0.0).doubleValue();
    if (width == 0 || height == 0) {
      int[] size = CapturedImage.size(image);
      width = size[0];
      height = size[1];
    }
    boolean fisheye = distortion instanceof FisheyeDistortion;
    Optional<Double> x = fisheye ? number("fl_x") : focal("x", width);
    Optional<Double> y = fisheye ? number("fl_y") : focal("y", height);
    if (x.isEmpty() && y.isEmpty()) {
      String expected = fisheye ? "fl_x" : "fl_x, camera_angle_x or x_fov";
      throw new JsonException(frame.where() + " has no focal length, expected " + expected);
    }
    double fx = x.orElseGet(y::get);
    double fy = y.orElseGet(x::get);
    double cx = number("cx").orElse(width / 2.0);
    double cy = number("cy").orElse(height / 2.0);
    return new CaptureLens(new Intrinsics(fx, fy, cx, cy, width, height), distortion);
  }

  private Distortion distortion() {
    for (String other : OTHERS) {
      if (find(other).filter(value -> !value.toString().equals("false")).isPresent()) {
        throw find(other).get().wrong("a pinhole, OpenCV's distortion or fisheye");
      }
    }
    Optional<JsonValue> named = find("camera_model");
    String model = named.map(JsonValue::string).orElse("OPENCV");
    boolean fisheye = find("is_fisheye").map(NerfstudioLens::truth).orElse(false);
    if (!PERSPECTIVE.contains(model) && !FISHEYE.contains(model)) {
      throw named
          .orElseThrow()
          .wrong("one of PINHOLE, OPENCV, FULL_OPENCV, OPENCV_FISHEYE or a simpler form of these");
    }
    double[] k = new double[6];
    for (int i = 0; i < 6; i++) {
      k[i] = number("k" + (i + 1)).orElse(0.0);
    }
    double p1 = number("p1").orElse(0.0);
    double p2 = number("p2").orElse(0.0);
    if (fisheye || FISHEYE.contains(model)) {
      for (String tangential : List.of("p1", "p2")) {
        if (number(tangential).orElse(0.0) != 0) {
          throw find(tangential).orElseThrow().wrong("0 for a fisheye lens");
        }
      }
      return new FisheyeDistortion(k[0], k[1], k[2], k[3]);
    } else if (model.equals("FULL_OPENCV")) {
      return BrownDistortion.of(List.of(k[0], k[1], k[2]), p1, p2)
          .dividedBy(List.of(k[3], k[4], k[5]));
    }
    // Nerfstudio's third and fourth coefficients continue the polynomial.
    return k[2] == 0 && k[3] == 0
        ? BrownDistortion.of(List.of(k[0], k[1]), p1, p2)
        : BrownDistortion.of(List.of(k[0], k[1], k[2], k[3]), p1, p2);
  }

  /** Returns a focal length in pixels, by the angle of view of a side if need be. */
  private Optional<Double> focal(String axis, int side) {
    Optional<Double> pixels = number("fl_" + axis).filter(focal -> focal != 0);
    Optional<Double> radians = number("camera_angle_" + axis, 0, Math.PI);
    Optional<Double> degrees = number(axis + "_fov", 0, 180);
    return pixels
        .or(() -> radians.map(angle -> side / (2 * Math.tan(angle / 2))))
        .or(() -> degrees.map(angle -> side / (2 * Math.tan(Math.toRadians(angle) / 2))));
  }

  private Optional<Double> number(String name) {
    return find(name).map(JsonValue::number);
  }

  private Optional<Double> number(String name, double least, double most) {
    Optional<Double> value = number(name);
    if (value.isPresent() && !(value.get() >= least && value.get() <= most)) {
      throw find(name).orElseThrow().wrong(least + " to " + most);
    }
    return value;
  }

  /** Python programs write numbers for booleans, too. */
  private static boolean truth(JsonValue value) {
    String text = value.toString();
    return switch (text) {
      case "true", "1" -> true;
      case "false", "0" -> false;
      default -> throw value.wrong("true or false");
    };
  }

  private Optional<JsonValue> find(String name) {
    return Co3dFrame.part(frame, name).or(() -> Co3dFrame.part(all, name));
  }
}
