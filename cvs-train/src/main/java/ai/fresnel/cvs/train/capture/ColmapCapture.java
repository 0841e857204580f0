package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.file.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads a scene reconstructed by COLMAP: images in {@code images}, cameras in the largest of {@code
 * sparse/0}, {@code sparse/1}, …, in {@code sparse} or the folder itself, and optional masks in
 * {@code masks}.
 */
final class ColmapCapture {

  private ColmapCapture() {}

  /** Finds the folders of models; several only if COLMAP made several of one scene. */
  static List<Path> models(Path root) throws IOException {
    List<Path> numbered =
        CaptureFiles.folders(root.resolve("sparse")).stream()
            .filter(folder -> folder.getFileName().toString().matches("[0-9]{1,9}"))
            .filter(ColmapModel::isAt)
            .toList();
    return numbered.isEmpty()
        ? Stream.of(root.resolve("sparse"), root).filter(ColmapModel::isAt).limit(1).toList()
        : numbered;
  }

  static List<CaptureSource> list(Path root) throws IOException {
    if (models(root).isEmpty()) {
      throw new IOException(root + ": no cameras.bin or cameras.txt in sparse/0, sparse or here");
    }
    return List.of(new Source(CaptureFiles.id(root), root));
  }

  /** A scene, by its folder. */
  record Source(String id, Path root) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      List<String> notes = new ArrayList<>();
      ColmapModel model = largest(DataFolder.of(root), notes);
      Path images = root.resolve("images");
      DataFolder folder = DataFolder.of(Files.isDirectory(images) ? images : root);
      DataFolder masks = DataFolder.of(root.resolve("masks"));
      List<CapturedView> views = new ArrayList<>();
      LeftOut leftOut = model.leftOut();
      for (ColmapModel.Image image : model.images()) {
        try {
          views.add(
              new CapturedView(
                  image.name(),
                  CaptureFiles.existing(folder, image.name()),
                  CaptureFiles.mask(masks, image.name()),
                  image.pose(),
                  image.lens()));
        } catch (IOException | IllegalArgumentException e) {
          leftOut = leftOut.and(image.name(), e.getMessage());
        }
      }
      return new CapturedObject(id, views, WorldUp.CAMERAS, leftOut, notes);
    }
  }

  /** Reads the model with the most images; where several have them, the first. */
  private static ColmapModel largest(DataFolder root, List<String> notes) throws IOException {
    List<Path> folders = models(root.path());
    ColmapModel largest = null;
    Path place = root.path();
    IOException problem = new IOException(root.path() + ": no COLMAP model");
    for (Path folder : folders) {
      try {
        ColmapModel model = Guarded.run(() -> ColmapModel.read(folder));
        if (largest == null || model.images().size() > largest.images().size()) {
          largest = model;
          place = folder;
        }
      } catch (IOException e) {
        problem = e;
        notes.add(e.getMessage());
      }
    }
    if (largest == null) {
      throw problem;
    }
    if (folders.size() > 1) {
      notes.add(
          root.name(place)
              + " is taken, the largest of "
              + folders.size()
              + " models, with "
              + largest.images().size()
              + " images");
    }
    return largest;
  }
}
