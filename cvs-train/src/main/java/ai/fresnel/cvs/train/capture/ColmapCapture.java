package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a scene reconstructed by COLMAP: images in {@code images}, cameras in {@code sparse/0},
 * {@code sparse} or the folder itself, and optional masks in {@code masks}.
 */
final class ColmapCapture {

  private ColmapCapture() {}

  /** Finds the folder of the model. */
  static Optional<Path> model(Path root) {
    for (String folder : List.of("sparse/0", "sparse", ".")) {
      Path model = root.resolve(folder).normalize();
      if (ColmapModel.isAt(model)) {
        return Optional.of(model);
      }
    }
    return Optional.empty();
  }

  static List<CaptureSource> list(Path root) throws IOException {
    if (model(root).isEmpty()) {
      throw new IOException(root + ": no cameras.bin or cameras.txt in sparse/0, sparse or here");
    }
    return List.of(new Source(CaptureFiles.id(root), root));
  }

  /** A scene, by its folder. */
  record Source(String id, Path root) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      Path model = model(root).orElseThrow(() -> new IOException(root + ": no COLMAP model"));
      Path images = root.resolve("images");
      if (!Files.isDirectory(images)) {
        images = root;
      }
      DataFolder folder = DataFolder.of(images);
      DataFolder masks = DataFolder.of(root.resolve("masks"));
      List<CapturedView> views = new ArrayList<>();
      LeftOut leftOut = LeftOut.NONE;
      for (ColmapModel.Image image : ColmapModel.read(model)) {
        try {
          views.add(
              new CapturedView(
                  image.name(),
                  CaptureFiles.existing(folder, image.name()),
                  CaptureFiles.mask(masks, image.name()),
                  image.pose(),
                  image.lens()));
        } catch (IOException e) {
          leftOut = leftOut.and(image.name(), e.getMessage());
        }
      }
      return new CapturedObject(id, views, WorldUp.CAMERAS, leftOut, List.of());
    }
  }
}
