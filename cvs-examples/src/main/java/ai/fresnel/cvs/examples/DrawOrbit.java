package ai.fresnel.cvs.examples;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Draws a photograph's object from 16 sides: {@code MODEL PHOTO OUT}. */
public final class DrawOrbit {

  private DrawOrbit() {}

  /**
   * Draws.
   *
   * @param args the model folder, the photograph and the folder for the views
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("usage: DrawOrbit MODEL PHOTO OUT");
      System.exit(2);
    }
    Image photo = ImageFactory.getInstance().fromFile(Path.of(args[1]));
    Path out = Files.createDirectories(Path.of(args[2]));
    CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
    try (ViewSynthesizer cvs = ViewSynthesizer.load(Path.of(args[0]))) {
      List<Image> views = cvs.generateMultiview(photo, source, Orbit.ring(16));
      for (int i = 0; i < views.size(); i++) {
        try (OutputStream file = Files.newOutputStream(out.resolve(i + ".png"))) {
          views.get(i).save(file, "png");
        }
      }
    }
  }
}
