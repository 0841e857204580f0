package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.ColmapPose;
import ai.fresnel.cvs.train.file.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads the cameras and images of a COLMAP model (Schönberger and Frahm 2016) from its binary or
 * text files. Ignores the points. Images that cannot be used are left out.
 */
final class ColmapModel {

  private final ColmapCameras cameras = new ColmapCameras();
  private final List<Image> images = new ArrayList<>();
  private LeftOut leftOut = LeftOut.NONE;

  private ColmapModel() {}

  /** An image with its camera. */
  record Image(String name, CameraPose pose, CaptureLens lens) {}

  static boolean isAt(Path folder) {
    return Files.isRegularFile(folder.resolve("cameras.bin"))
        || Files.isRegularFile(folder.resolve("cameras.txt"));
  }

  /**
   * Reads a model.
   *
   * @throws IOException in one line naming the file, if one is damaged
   */
  static ColmapModel read(Path folder) throws IOException {
    ColmapModel model = new ColmapModel();
    if (Files.isRegularFile(folder.resolve("cameras.bin"))) {
      ColmapBinary.cameras(folder.resolve("cameras.bin"), model.cameras);
      ColmapBinary.images(folder.resolve("images.bin"), model);
    } else {
      ColmapText.cameras(folder.resolve("cameras.txt"), model.cameras);
      ColmapText.images(folder.resolve("images.txt"), model);
    }
    model.images.sort(Comparator.comparing(Image::name));
    return model;
  }

  /** Returns the images, sorted by name. */
  List<Image> images() {
    return images;
  }

  /** Returns the images that are listed and cannot be used. */
  LeftOut leftOut() {
    return leftOut;
  }

  /**
   * Adds an image.
   *
   * @param values quaternion and translation
   * @throws IllegalArgumentException if they or the camera are wrong
   */
  void add(String name, double[] values, long camera) {
    CaptureLens lens = cameras.lens(camera);
    double[] quaternion = {values[0], values[1], values[2], values[3]};
    double[] translation = {values[4], values[5], values[6]};
    images.add(new Image(name, ColmapPose.toCameraPose(quaternion, translation), lens));
  }

  /** Adds an image that cannot be used. */
  void refuse(String name, String reason) {
    leftOut = leftOut.and(name, reason);
  }
}
