package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.TextFile;
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
    for (Path category : CaptureFiles.folders(root)) {
      for (Path instance : instances(category)) {
        if (hasCameras(instance)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns the folders of the instances of a class, with cameras or without. */
  private static List<Path> instances(Path category) throws IOException {
    return CaptureFiles.folders(category).stream()
        .filter(
            instance ->
                Files.isDirectory(instance.resolve("images"))
                    || Files.isDirectory(instance.resolve("sparse")))
        .toList();
  }

  private static boolean hasCameras(Path instance) throws IOException {
    return Files.isDirectory(instance.resolve("sparse"))
        && !ColmapCapture.models(instance).isEmpty();
  }

  static List<CaptureSource> list(Path root) throws IOException {
    List<CaptureSource> sources = new ArrayList<>();
    for (Path category : CaptureFiles.folders(root)) {
      try {
        for (Path instance : instances(category)) {
          sources.add(source(category, instance));
        }
      } catch (IOException e) {
        String problem = TextFile.problem(category, e).getMessage();
        sources.add(new UnreadableSource(CaptureFiles.id(category), problem));
      }
    }
    if (sources.isEmpty()) {
      throw new IOException(root + ": no <class>/<instance>/sparse/0 in it");
    }
    return sources;
  }

  private static CaptureSource source(Path category, Path instance) throws IOException {
    String id = CaptureFiles.id(category.getFileName() + "_" + instance.getFileName());
    return hasCameras(instance)
        ? new ColmapCapture.Source(id, instance)
        : new UnreadableSource(id, instance + ": no cameras in sparse/0");
  }
}
