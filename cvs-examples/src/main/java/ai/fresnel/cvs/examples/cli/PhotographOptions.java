package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.train.image.Photographs;
import ai.fresnel.cvs.train.splat.GeneratedViews;
import ai.fresnel.cvs.train.splat.SplatData;
import ai.fresnel.cvs.train.splat.SplatSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of Gaussians that are made of one photograph. */
final class PhotographOptions {

  @Option(
      names = "--mask",
      paramLabel = "FILE",
      description =
          "For --image: an image of the photograph's size that shows where the object is.")
  Path mask;

  @Option(
      names = "--box",
      paramLabel = "X,Y,W,H",
      description =
          "For --image without --mask: cut the object out of a busy background: a box around all of"
              + " it, in pixels of the upright photograph or in percent.")
  String box;

  @Option(
      names = "--whole",
      description = "For --image: the photograph is framed like the rendered views already.")
  boolean whole;

  @Option(
      names = "--source-elevation",
      paramLabel = "D",
      description =
          "For --image: elevation of the photograph's camera in degrees (default"
              + " ${DEFAULT-VALUE}).")
  double sourceElevation = 20;

  @Option(
      names = "--source-radius",
      paramLabel = "R",
      description =
          "For --image: distance of the photograph's camera in object lengths (default"
              + " ${DEFAULT-VALUE}).")
  double sourceRadius = 1.7;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "For --image: the model folder (default: the bundled model).")
  Path model;

  @Option(
      names = "--instant",
      description =
          "For --image: write Gaussians as the model's volume gives them, in seconds, without a"
              + " step.")
  boolean instant;

  /** Draws views of a photograph. */
  SplatData draw(Path image, SynthesizerOptions options, PrintWriter err) throws IOException {
    ViewRequest request = request(image, err);
    try (ViewSynthesizer cvs = load(options);
        DrawingProgress progress = new DrawingProgress(err)) {
      return GeneratedViews.draw(cvs, request, progress);
    }
  }

  /** Makes Gaussians of a photograph's volume. */
  GaussianCloud volume(
      Path image, SynthesizerOptions options, SplatSettings settings, PrintWriter err)
      throws IOException {
    ViewRequest request = request(image, err);
    try (ViewSynthesizer cvs = load(options)) {
      return GaussianCloud.of(
          cvs.volumeCells(request).gaussians(settings.gaussians(), settings.shDegree()));
    }
  }

  private ViewSynthesizer load(SynthesizerOptions options) throws IOException {
    return model == null ? ViewSynthesizer.load(options) : ViewSynthesizer.load(model, options);
  }

  private ViewRequest request(Path image, PrintWriter err) throws IOException {
    CameraPose source = CameraPose.orbit(0, Math.toRadians(sourceElevation), sourceRadius);
    Photograph photograph = ImageFiles.readPhotograph(image);
    if (mask != null) {
      photograph = Photographs.masked(photograph, ImageFiles.readMask(mask));
    } else if (box != null) {
      photograph = ImageFiles.cutOutInside(image, photograph, box);
    }
    ViewRequest request =
        ViewRequest.of(photograph, source, GeneratedViews.cameras(source))
            .withFraming(whole ? Framing.WHOLE : Framing.OBJECT);
    request.warnings().forEach(warning -> err.println("cvs splat: warning: " + warning));
    return request;
  }
}
