package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.Guarded;
import ai.fresnel.cvs.train.file.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads CO3D version 2 (Reizenstein et al. 2021). The file {@code frame_annotations.jgz} of a
 * category lists the frames of all its sequences, with masks and cameras in PyTorch3D's
 * conventions. Its paths are relative to the parent of the category's folder.
 */
final class Co3dCapture {

  private static final String FILE = "frame_annotations.jgz";

  private Co3dCapture() {}

  /** Returns the folders with annotations: the folder itself, or those in it. */
  static List<Path> categories(Path root) throws IOException {
    if (Files.isRegularFile(root.resolve(FILE))) {
      return List.of(root);
    }
    return CaptureFiles.folders(root).stream()
        .filter(folder -> Files.isRegularFile(folder.resolve(FILE)))
        .toList();
  }

  static List<CaptureSource> list(Path root) throws IOException {
    List<CaptureSource> sources = new ArrayList<>();
    for (Path category : categories(root)) {
      try {
        sources.addAll(category(category));
      } catch (IOException e) {
        sources.add(new UnreadableSource(CaptureFiles.id(category), e.getMessage()));
      }
    }
    if (sources.isEmpty()) {
      throw new IOException(root + ": no " + FILE + " with frames in it or its folders");
    }
    return sources;
  }

  private static List<CaptureSource> category(Path category) throws IOException {
    Path file = category.resolve(FILE);
    DataFolder base = DataFolder.of(category.resolve(".."));
    Co3dAnnotations annotations = Guarded.run(() -> Co3dAnnotations.read(file));
    List<CaptureSource> sources = new ArrayList<>();
    annotations
        .sequences()
        .forEach(
            (name, sequence) -> {
              String id = CaptureFiles.id(CaptureFiles.id(category) + "_" + name);
              sources.add(new Source(id, base, sequence));
            });
    if (!annotations.nameless().isEmpty()) {
      String problem = file + ": " + annotations.nameless().describe("frame");
      sources.add(new UnreadableSource(CaptureFiles.id(category), problem));
    }
    return sources;
  }

  private record Source(String id, DataFolder base, Co3dAnnotations.Sequence sequence)
      implements CaptureSource {

    @Override
    public CapturedObject load() {
      List<CapturedView> views = new ArrayList<>();
      LeftOut leftOut = sequence.leftOut;
      for (Co3dFrame frame : sequence.frames) {
        try {
          views.add(frame.view(base));
        } catch (IOException | IllegalArgumentException e) {
          leftOut = leftOut.and(frame.image(), e.getMessage());
        }
      }
      return new CapturedObject(id, views, WorldUp.CAMERAS, leftOut, List.of());
    }
  }
}
