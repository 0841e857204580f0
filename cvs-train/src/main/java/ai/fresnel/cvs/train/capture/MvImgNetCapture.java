package ai.fresnel.cvs.train.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads MVImgNet (Yu et al. 2023) and MVImgNet2.0: each instance of each class is a COLMAP scene.
 */
final class MvImgNetCapture {

  private MvImgNetCapture() {}

  /** Says whether a folder has classes of instances, one of them with cameras. */
  static boolean isAt(Path root) throws IOException {
    for (Path instance : instances(root)) {
      if (hasCameras(instance)) {
        return true;
      }
    }
    return false;
  }

  /** Returns the folders of the instances, with cameras or without. */
  private static List<Path> instances(Path root) throws IOException {
    List<Path> instances = new ArrayList<>();
    for (Path category : CaptureFiles.folders(root)) {
      for (Path instance : CaptureFiles.folders(category)) {
        if (Files.isDirectory(instance.resolve("images"))
            || Files.isDirectory(instance.resolve("sparse"))) {
          instances.add(instance);
        }
      }
    }
    return instances;
  }

  private static boolean hasCameras(Path instance) throws IOException {
    return Files.isDirectory(instance.resolve("sparse"))
        && !ColmapCapture.models(instance).isEmpty();
  }

  static List<CaptureSource> list(Path root) throws IOException {
    List<CaptureSource> sources = new ArrayList<>();
    for (Path instance : instances(root)) {
      String id =
          CaptureFiles.id(instance.getParent().getFileName() + "_" + instance.getFileName());
      sources.add(
          hasCameras(instance)
              ? new ColmapCapture.Source(id, instance)
              : new UnreadableSource(id, instance + ": no cameras in sparse/0"));
    }
    if (sources.isEmpty()) {
      throw new IOException(root + ": no <class>/<instance>/sparse/0 in it");
    }
    return sources;
  }
}
