package ai.fresnel.cvs.serving;

import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.Sampling;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Photographs;
import ai.fresnel.cvs.train.image.PngBytes;
import ai.fresnel.cvs.view.TinyNetwork;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Photographs, requests for them, and a model that serves them. */
final class Requests {

  private Requests() {}

  /** Writes a small model with random weights, and the file that makes DJL Serving serve it. */
  static Path model(Path folder) throws IOException {
    TinyNetwork.write(folder, TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    Files.copy(
        Path.of("src/main/serving/serving.properties"), folder.resolve("serving.properties"));
    return folder;
  }

  /** A coloured box on white. */
  static byte[] photograph(int number) throws IOException {
    BufferedImage image = new BufferedImage(60, 50, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 60, 50);
    graphics.setColor(Color.getHSBColor(number / 9f, 0.9f, 0.6f));
    graphics.fillRect(15, 12, 30, 20 + number);
    graphics.dispose();
    return PngBytes.of(image);
  }

  /** What the library is asked for the same views: moves in degrees around the object. */
  static ViewRequest request(byte[] photograph, double... azimuths) throws IOException {
    Photograph photo = Photographs.read(ImageFile.of("photograph", photograph));
    List<CameraPose> targets =
        Arrays.stream(azimuths).mapToObj(azimuth -> camera(azimuth, 20, 1.7)).toList();
    return ViewRequest.of(photo, camera(0, 20, 1.7), targets).withSeed(Sampling.DEFAULT_SEED);
  }

  static CameraPose camera(double azimuth, double elevation, double radius) {
    return CameraPose.orbit(Math.toRadians(azimuth), Math.toRadians(elevation), radius);
  }
}
