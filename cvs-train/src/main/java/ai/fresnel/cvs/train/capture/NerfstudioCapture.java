package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.LeftOut;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a scene with the {@code transforms.json} of nerfstudio, Instant-NGP or NeRF's synthetic
 * scenes. The lens is given for each frame or for all, in pixels or as NeRF's field of view; +z is
 * up.
 */
final class NerfstudioCapture {

  static final String FILE = "transforms.json";
  private static final long MAX_BYTES = 1L << 28;

  private final DataFolder root;
  private final JsonObject all;

  private NerfstudioCapture(Path root, JsonObject all) {
    this.root = DataFolder.of(root);
    this.all = all;
  }

  static List<CaptureSource> list(Path root) {
    return List.of(new Source(CaptureFiles.id(root), root));
  }

  private record Source(String id, Path root) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      Path file = root.resolve(FILE);
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new IOException(file + ": " + size + " bytes, expected at most " + MAX_BYTES);
      }
      try {
        JsonObject json =
            JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8))
                .getAsJsonObject();
        return new NerfstudioCapture(root, json).object(id);
      } catch (RuntimeException e) {
        // Gson throws these for missing parts and for parts of another type.
        throw new IOException(file + ": " + message(e), e);
      }
    }
  }

  private static String message(Exception e) {
    return e.getMessage() == null || e instanceof NullPointerException
        ? FILE + ": expected frames, each with file_path and transform_matrix"
        : e.getMessage().lines().findFirst().orElse("unreadable");
  }

  private CapturedObject object(String id) {
    List<CapturedView> views = new ArrayList<>();
    LeftOut leftOut = LeftOut.NONE;
    for (JsonElement element : all.getAsJsonArray("frames")) {
      String name = "frame " + (views.size() + leftOut.count());
      try {
        JsonObject frame = element.getAsJsonObject();
        name = frame.get("file_path").getAsString();
        views.add(view(name, frame));
      } catch (IOException | RuntimeException e) {
        // Gson throws unchecked ones for missing parts and for parts of another type.
        leftOut = leftOut.and(name, message(e));
      }
    }
    return new CapturedObject(id, views, WorldUp.Z, leftOut, List.of());
  }

  private CapturedView view(String name, JsonObject frame) throws IOException {
    Path image = image(name);
    Optional<Path> mask =
        frame.has("mask_path")
            ? Optional.of(CaptureFiles.existing(root, frame.get("mask_path").getAsString()))
            : Optional.empty();
    double[] matrix = matrix(frame.getAsJsonArray("transform_matrix"));
    return new CapturedView(
        name, image, mask, NerfstudioPose.toCameraPose(matrix), lens(frame, image));
  }

  /** Finds an image; NeRF's synthetic scenes omit the ending. */
  private Path image(String name) throws IOException {
    Path file = root.file(name);
    if (!Files.isRegularFile(file)) {
      file = root.file(name + ".png");
    }
    if (!Files.isRegularFile(file)) {
      throw new IOException(name + ": is missing");
    }
    return file;
  }

  private static double[] matrix(JsonArray rows) {
    double[] matrix = new double[16];
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 4; column++) {
        matrix[4 * row + column] = rows.get(row).getAsJsonArray().get(column).getAsDouble();
      }
    }
    return matrix;
  }

  private CaptureLens lens(JsonObject frame, Path image) throws IOException {
    JsonElement model = value(frame, "camera_model");
    String name = model == null ? "OPENCV" : model.getAsString();
    if (!List.of("OPENCV", "PINHOLE", "SIMPLE_PINHOLE").contains(name)) {
      throw new IOException("camera_model " + name + " is not supported");
    }
    for (String coefficient : List.of("k3", "k4")) {
      if (number(frame, coefficient, 0) != 0) {
        throw new IOException(coefficient + " is not supported");
      }
    }
    int[] size = {(int) number(frame, "w", 0), (int) number(frame, "h", 0)};
    if (size[0] == 0 || size[1] == 0) {
      size = CapturedImage.size(image);
    }
    double angle = number(frame, "camera_angle_x", 0);
    double ofAngle = angle > 0 ? size[0] / (2 * Math.tan(angle / 2)) : 0;
    double fx = number(frame, "fl_x", ofAngle);
    Intrinsics pinhole =
        new Intrinsics(
            fx,
            number(frame, "fl_y", fx),
            number(frame, "cx", size[0] / 2.0),
            number(frame, "cy", size[1] / 2.0),
            size[0],
            size[1]);
    return new CaptureLens(
        pinhole,
        number(frame, "k1", 0),
        number(frame, "k2", 0),
        number(frame, "p1", 0),
        number(frame, "p2", 0));
  }

  /** Returns a value of the frame, or the common one. */
  private JsonElement value(JsonObject frame, String name) {
    return frame.has(name) ? frame.get(name) : all.get(name);
  }

  private double number(JsonObject frame, String name, double otherwise) {
    JsonElement value = value(frame, name);
    return value == null ? otherwise : value.getAsDouble();
  }
}
