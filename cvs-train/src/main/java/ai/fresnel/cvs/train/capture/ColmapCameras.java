package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.json.Json;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The cameras of a COLMAP model. A camera that cannot be used is remembered with the reason, which
 * is that of its images.
 */
final class ColmapCameras {

  private static final int MAX_SIDE = 1 << 16;

  /** COLMAP's camera models, in the order of their numbers. */
  enum Model {
    SIMPLE_PINHOLE(3),
    PINHOLE(4),
    SIMPLE_RADIAL(4),
    RADIAL(5),
    OPENCV(8),
    OPENCV_FISHEYE(8),
    FULL_OPENCV(12),
    FOV(5),
    SIMPLE_RADIAL_FISHEYE(4),
    RADIAL_FISHEYE(5),
    THIN_PRISM_FISHEYE(12),
    RAD_TAN_THIN_PRISM_FISHEYE(16),
    SIMPLE_DIVISION(4),
    DIVISION(5),
    SIMPLE_FISHEYE(3),
    FISHEYE(4),
    EUCM(6),
    EQUIRECTANGULAR(2);

    private final int parameters;

    Model(int parameters) {
      this.parameters = parameters;
    }

    /** Returns how many parameters it has. */
    int parameters() {
      return parameters;
    }

    /**
     * Finds a model by its number.
     *
     * @throws IllegalArgumentException if COLMAP has none of this number
     */
    static Model of(int number) {
      if (number < 0 || number >= values().length) {
        throw new IllegalArgumentException(
            "camera model number "
                + number
                + " is not known, expected 0 to "
                + (values().length - 1));
      }
      return values()[number];
    }

    /**
     * Finds a model by its name.
     *
     * @throws IllegalArgumentException if COLMAP has none of this name
     */
    static Model of(String name) {
      return Arrays.stream(values())
          .filter(model -> model.name().equals(name))
          .findFirst()
          .orElseThrow(() -> unsupported(name));
    }
  }

  private final Map<Long, CaptureLens> lenses = new HashMap<>();
  private final Map<Long, String> refused = new HashMap<>();

  /** Adds a camera. */
  void add(long id, Model model, double[] size, double[] parameters) {
    try {
      lenses.put(id, lens(model, side(size[0]), side(size[1]), parameters));
    } catch (IllegalArgumentException e) {
      refuse(id, e.getMessage());
    }
  }

  /** Adds a camera that cannot be used. */
  void refuse(long id, String reason) {
    refused.put(id, reason);
  }

  /**
   * Returns the lens of a camera.
   *
   * @throws IllegalArgumentException if there is none, or it cannot be used
   */
  CaptureLens lens(long id) {
    CaptureLens lens = lenses.get(id);
    if (lens == null) {
      String reason = refused.get(id);
      throw new IllegalArgumentException(
          reason == null ? "names camera " + id + ", which is not there" : reason);
    }
    return lens;
  }

  private static int side(double pixels) {
    if (!(pixels >= 1 && pixels <= MAX_SIDE)) {
      throw new IllegalArgumentException(
          "camera has a side of " + pixels + " pixels, expected 1 to " + MAX_SIDE);
    }
    return (int) pixels;
  }

  private static IllegalArgumentException unsupported(String model) {
    String name = model.matches("[A-Z0-9_]+") ? model : Json.quote(model);
    return new IllegalArgumentException(
        "camera model "
            + name
            + " is not supported, expected a pinhole, OpenCV's distortion or fisheye");
  }

  private static CaptureLens lens(Model model, int width, int height, double[] p) {
    boolean oneFocal =
        switch (model) {
          case SIMPLE_PINHOLE,
              SIMPLE_RADIAL,
              RADIAL,
              SIMPLE_RADIAL_FISHEYE,
              RADIAL_FISHEYE,
              SIMPLE_FISHEYE ->
              true;
          default -> false;
        };
    int at = oneFocal ? 1 : 2;
    // After focal lengths and principal point.
    double[] k = Arrays.copyOfRange(p, Math.min(p.length, at + 2), at + 10);
    Distortion distortion =
        switch (model) {
          case SIMPLE_PINHOLE, PINHOLE -> BrownDistortion.NONE;
          case SIMPLE_RADIAL, RADIAL -> BrownDistortion.of(List.of(k[0], k[1]), 0, 0);
          case OPENCV -> BrownDistortion.of(List.of(k[0], k[1]), k[2], k[3]);
          case FULL_OPENCV ->
              BrownDistortion.of(List.of(k[0], k[1], k[4]), k[2], k[3])
                  .dividedBy(List.of(k[5], k[6], k[7]));
          case OPENCV_FISHEYE, SIMPLE_RADIAL_FISHEYE, RADIAL_FISHEYE, SIMPLE_FISHEYE, FISHEYE ->
              new FisheyeDistortion(k[0], k[1], k[2], k[3]);
          default -> throw unsupported(model.name());
        };
    double fy = oneFocal ? p[0] : p[1];
    return new CaptureLens(new Intrinsics(p[0], fy, p[at], p[at + 1], width, height), distortion);
  }
}
