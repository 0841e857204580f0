package ai.fresnel.cvs.examples.image;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.NerfstudioPose;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes an orbit: the views, their cameras, a contact sheet and an animation. */
public final class OrbitFiles {

  /** The most views of an orbit. */
  public static final int MAX_VIEWS = 1000;

  /** The file of the cameras. */
  public static final String CAMERAS = "transforms.json";

  /** The file of the contact sheet. */
  public static final String SHEET = "sheet.png";

  /** The file of the animation. */
  public static final String ANIMATION = "orbit.gif";

  /** Bytes of the cameras of 1,000 views, with room to spare. */
  private static final int MAX_CAMERAS = 1 << 22;

  private static final int COLUMNS = 6;

  /** Least side of the animation in pixels; smaller views are enlarged by a whole number. */
  private static final int MIN_SIDE = 192;

  /** Duration of a turn in hundredths of a second; two to three seconds look natural. */
  private static final int TURN_HUNDREDTHS = 250;

  private OrbitFiles() {}

  /**
   * Writes an orbit that is drawn.
   *
   * @param folder the folder, locked if others may write to it; the files of an earlier orbit are
   *     replaced
   * @param result the views, one sample each
   * @param model the model that drew them
   * @return the contact sheet and the animation
   * @throws IOException naming the file if it cannot be written
   */
  public static List<Path> write(Path folder, ViewResult result, ModelConfig model)
      throws IOException {
    List<Image> images = result.images();
    int side = images.get(0).getWidth();
    int factor = Math.max(1, (MIN_SIDE + side - 1) / side);
    ContactSheet sheet =
        ContactSheet.of(COLUMNS).add(result.request().framedPhotograph(model), "photograph");
    deleteEarlier(folder, images.size());
    List<BufferedImage> frames = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      BufferedImage image = ImageFiles.sideBySide(List.of(images.get(i)));
      ImageFiles.writePng(folder.resolve(name(i)), image);
      sheet.add(ImageFiles.channels(image), "view " + i);
      frames.add(ImageFiles.enlarged(image, factor));
    }
    ImageFiles.write(
        folder.resolve(CAMERAS), cameras(result, side).getBytes(StandardCharsets.UTF_8));
    Path sheetFile = folder.resolve(SHEET);
    sheet.write(sheetFile);
    Path animation = folder.resolve(ANIMATION);
    int hundredths = Math.max(4, TURN_HUNDREDTHS / frames.size());
    ImageFiles.write(animation, AnimatedGif.of(frames, hundredths));
    return List.of(sheetFile, animation);
  }

  /**
   * Deletes the cameras of an earlier orbit, and those of its views that this one does not replace.
   * Other files of the folder are the user's.
   */
  private static void deleteEarlier(Path folder, int views) throws IOException {
    Path cameras = folder.resolve(CAMERAS);
    if (!Files.isRegularFile(cameras)) {
      return;
    }
    String text = head(cameras);
    for (int i = views; i < MAX_VIEWS && text.contains('"' + name(i) + '"'); i++) {
      Files.deleteIfExists(folder.resolve(name(i)));
    }
    Files.delete(cameras);
  }

  /** Reads a file as far as an orbit's may be long. */
  private static String head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_CAMERAS), StandardCharsets.ISO_8859_1);
    }
  }

  private static String name(int index) {
    return String.format(Locale.ROOT, "%03d.png", index);
  }

  /**
   * Returns the cameras in the format of nerfstudio, Instant-NGP and Gaussian splatting trainers.
   */
  private static String cameras(ViewResult result, int side) {
    double focal =
        Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, side).normalisedFx() * side;
    JsonObject root = new JsonObject();
    root.addProperty("camera_model", "PINHOLE");
    root.addProperty("w", side);
    root.addProperty("h", side);
    root.addProperty("fl_x", focal);
    root.addProperty("fl_y", focal);
    root.addProperty("cx", side / 2.0);
    root.addProperty("cy", side / 2.0);
    JsonArray frames = new JsonArray();
    for (int i = 0; i < result.views().size(); i++) {
      double[] matrix = NerfstudioPose.fromCameraPose(result.views().get(i).target());
      JsonArray rows = new JsonArray();
      for (int row = 0; row < 4; row++) {
        JsonArray values = new JsonArray();
        for (int column = 0; column < 4; column++) {
          values.add(matrix[4 * row + column]);
        }
        rows.add(values);
      }
      JsonObject frame = new JsonObject();
      frame.addProperty("file_path", name(i));
      frame.add("transform_matrix", rows);
      frames.add(frame);
    }
    root.add("frames", frames);
    return Json.format(root);
  }
}
