package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.examples.image.OrbitFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Draws orbits into folders. */
final class OrbitDrawing {

  private OrbitDrawing() {}

  /**
   * Draws an orbit and writes it.
   *
   * @param err receives progress
   * @param cvs the synthesizer
   * @param request the photograph and the cameras, one sample each
   * @param folder the folder; made if missing, the files of an earlier orbit are replaced
   * @return the contact sheet and the animation
   */
  static List<Path> draw(PrintWriter err, ViewSynthesizer cvs, ViewRequest request, Path folder)
      throws IOException {
    // First: a folder that cannot be made is an error before any view is drawn.
    Files.createDirectories(folder);
    try (FolderLock lock = FolderLock.of(folder)) {
      ViewResult result;
      try (DrawingProgress progress = new DrawingProgress(err)) {
        result = cvs.generate(request, progress);
      }
      return OrbitFiles.write(folder, result, cvs.config());
    }
  }
}
