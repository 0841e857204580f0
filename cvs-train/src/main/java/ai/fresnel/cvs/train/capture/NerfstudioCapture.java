package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.ForeignJson;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.file.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a scene with the {@code transforms.json} of nerfstudio or Instant-NGP, or with NeRF's
 * {@code transforms_train.json}, {@code transforms_val.json} and {@code transforms_test.json}, of
 * which all frames are taken. The lens is given for each frame or for all; +z is up.
 */
final class NerfstudioCapture {

  private static final String FILE = "transforms.json";

  private static final List<String> PARTS =
      List.of("transforms_train.json", "transforms_val.json", "transforms_test.json");

  /** Endings that a name without one may have. */
  private static final List<String> ENDINGS = List.of("", ".png", ".jpg", ".jpeg");

  private static final long MAX_BYTES = 1L << 26;
  private static final int MAX_FRAMES = 100_000;

  private final DataFolder root;
  private final Map<Path, CapturedView> views = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private LeftOut leftOut = LeftOut.NONE;

  private NerfstudioCapture(Path root) {
    this.root = DataFolder.of(root);
  }

  /** Returns the files of a scene; empty if the folder holds none. */
  static List<Path> files(Path root) {
    Path one = root.resolve(FILE);
    return Files.isRegularFile(one)
        ? List.of(one)
        : PARTS.stream().map(root::resolve).filter(Files::isRegularFile).toList();
  }

  static List<CaptureSource> list(Path root) {
    return List.of(new Source(CaptureFiles.id(root), root));
  }

  private record Source(String id, Path root) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      return Guarded.run(() -> new NerfstudioCapture(root).object(id));
    }
  }

  private CapturedObject object(String id) throws IOException {
    List<Path> files = files(root.path());
    if (files.isEmpty()) {
      throw new IOException(root.path() + ": no " + FILE);
    }
    for (Path file : files) {
      try {
        read(file);
      } catch (IOException | IllegalArgumentException e) {
        if (files.size() == 1) {
          throw new IOException(e.getMessage(), e);
        }
        notes.add(e.getMessage());
      }
    }
    return new CapturedObject(id, List.copyOf(views.values()), WorldUp.Z, leftOut, notes);
  }

  private void read(Path file) throws IOException {
    JsonValue all = ForeignJson.read(file, MAX_BYTES);
    List<JsonValue> frames = all.get("frames").items();
    if (frames.size() > MAX_FRAMES) {
      throw new IOException(
          file + ": " + frames.size() + " frames, expected at most " + MAX_FRAMES);
    }
    for (JsonValue frame : frames) {
      String name = name(frame).orElse(root.name(file) + "'s frame");
      try {
        CapturedView view = view(frame, all);
        views.putIfAbsent(view.image(), view);
      } catch (IOException | IllegalArgumentException e) {
        leftOut = leftOut.and(name, e.getMessage());
      }
    }
  }

  private static Optional<String> name(JsonValue frame) {
    try {
      return Optional.of(frame.get("file_path").string());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private CapturedView view(JsonValue frame, JsonValue all) throws IOException {
    String name = frame.get("file_path").string();
    Path image = existing(name);
    Optional<JsonValue> named = Co3dFrame.part(frame, "mask_path");
    Optional<Path> mask =
        named.isPresent() ? Optional.of(existing(named.get().string())) : Optional.empty();
    CameraPose pose = NerfstudioPose.toCameraPose(matrix(frame.get("transform_matrix")));
    return new CapturedView(name, image, mask, pose, NerfstudioLens.read(frame, all, image));
  }

  /**
   * Finds a file. NeRF's synthetic scenes omit the ending; scenes made on Windows may have
   * backslashes between folders.
   */
  private Path existing(String name) throws IOException {
    for (String spelling : List.of(name, name.replace('\\', '/'))) {
      for (String ending : ENDINGS) {
        Path file = root.file(spelling + ending);
        if (Files.isRegularFile(file)) {
          return file;
        }
      }
    }
    throw new IOException(name + ": is missing");
  }

  /** Returns 4×4 values; a last row that is not there is 0 0 0 1. */
  private static double[] matrix(JsonValue json) {
    List<JsonValue> rows = json.items();
    if (rows.size() != 3 && rows.size() != 4) {
      throw json.wrong("3 or 4 rows of 4 numbers");
    }
    double[] matrix = new double[16];
    matrix[15] = 1;
    for (int row = 0; row < rows.size(); row++) {
      List<JsonValue> columns = rows.get(row).items();
      if (columns.size() != 4) {
        throw rows.get(row).wrong("4 numbers");
      }
      for (int column = 0; column < 4; column++) {
        matrix[4 * row + column] = columns.get(column).number();
      }
    }
    return matrix;
  }
}
