package ai.fresnel.cvs.train.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads MVImgNet (Yu et al. 2023) and MVImgNet2.0: each instance of each class is a COLMAP scene.
 */
final class MvImgNetCapture {

  private MvImgNetCapture() {}

  /** Returns the folders of the instances. */
  static List<Path> instances(Path root) throws IOException {
    List<Path> instances = new ArrayList<>();
    for (Path category : CaptureFiles.folders(root)) {
      for (Path instance : CaptureFiles.folders(category)) {
        if (ColmapModel.isAt(instance.resolve("sparse/0"))) {
          instances.add(instance);
        }
      }
    }
    return instances;
  }

  static List<CaptureSource> list(Path root) throws IOException {
    List<CaptureSource> sources = new ArrayList<>();
    for (Path instance : instances(root)) {
      String id =
          CaptureFiles.id(instance.getParent().getFileName() + "_" + instance.getFileName());
      sources.add(new ColmapCapture.Source(id, instance));
    }
    if (sources.isEmpty()) {
      throw new IOException(root + ": no <class>/<instance>/sparse/0 in it");
    }
    return sources;
  }
}
