package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.train.file.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A frame of CO3D: the names of its files and its camera.
 *
 * @param image the name of its image
 * @param mask the name of its mask, empty if it has none
 * @param pose the camera
 * @param lens its lens
 */
record Co3dFrame(String image, String mask, CameraPose pose, CaptureLens lens) {

  private static final int MAX_NAME = 4096;
  private static final int MAX_SIDE = 1 << 16;

  /**
   * Reads a frame.
   *
   * @throws IllegalArgumentException if a part is missing or wrong
   */
  static Co3dFrame of(JsonValue json) {
    for (String part : List.of("image", "viewpoint")) {
      if (part(json, part).isEmpty()) {
        throw new IllegalArgumentException("is incomplete: it has no " + part);
      }
    }
    JsonValue camera = json.get("viewpoint");
    List<JsonValue> rows = exactly(3, camera.get("R"));
    double[] rotation = new double[9];
    for (int row = 0; row < 3; row++) {
      System.arraycopy(numbers(3, rows.get(row)), 0, rotation, 3 * row, 3);
    }
    CameraPose pose = Pytorch3dPose.toCameraPose(rotation, numbers(3, camera.get("T")));
    JsonValue size = json.get("image").get("size");
    List<JsonValue> sides = exactly(2, size);
    return new Co3dFrame(
        name(json.get("image").get("path")),
        part(json, "mask").flatMap(mask -> part(mask, "path")).map(Co3dFrame::name).orElse(""),
        pose,
        CaptureLens.of(lens(camera, side(sides.get(1)), side(sides.get(0)))));
  }

  /** Returns the view, with its files found. */
  CapturedView view(DataFolder base) throws IOException {
    Optional<Path> maskFile =
        mask.isEmpty() ? Optional.empty() : Optional.of(CaptureFiles.existing(base, mask));
    Path imageFile = CaptureFiles.existing(base, image);
    return new CapturedView(image, imageFile, maskFile, pose, lens);
  }

  private static Intrinsics lens(JsonValue camera, int width, int height) {
    double[] focal = numbers(2, camera.get("focal_length"));
    double[] middle = numbers(2, camera.get("principal_point"));
    Optional<JsonValue> named = part(camera, "intrinsics_format");
    String format = named.map(JsonValue::string).orElse("ndc_norm_image_bounds");
    return switch (format) {
      case "ndc_isotropic" -> Pytorch3dPose.isotropic(focal, middle, width, height);
      case "ndc_norm_image_bounds" ->
          Pytorch3dPose.normalisedToBounds(focal, middle, width, height);
      default ->
          throw camera.get("intrinsics_format").wrong("ndc_isotropic or ndc_norm_image_bounds");
    };
  }

  /** Returns a part that is there and not null. */
  static Optional<JsonValue> part(JsonValue json, String name) {
    return json.find(name).filter(value -> !value.isNull());
  }

  static String name(JsonValue json) {
    String name = json.string();
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw json.wrong("a name of 1 to " + MAX_NAME + " characters");
    }
    return name;
  }

  private static double[] numbers(int count, JsonValue json) {
    return exactly(count, json).stream().mapToDouble(JsonValue::number).toArray();
  }

  private static List<JsonValue> exactly(int count, JsonValue json) {
    List<JsonValue> items = json.items();
    if (items.size() != count) {
      throw json.wrong("a list of " + count);
    }
    return items;
  }

  private static int side(JsonValue json) {
    int pixels = json.integer();
    if (pixels < 1 || pixels > MAX_SIDE) {
      throw json.wrong("1 to " + MAX_SIDE + " pixels");
    }
    return pixels;
  }
}
