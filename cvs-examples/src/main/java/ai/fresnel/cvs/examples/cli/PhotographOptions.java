package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.image.SourceElevation;
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
      paramLabel = "D|auto",
      description =
          "For --image: elevation of the photograph's camera in degrees; auto estimates it, with"
              + " the bundled model (default ${DEFAULT-VALUE}).")
  String sourceElevation = SourceElevation.AUTO;

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

  /**
   * Checks the camera.
   *
   * @throws IllegalArgumentException if a value is out of range; the message names the option
   */
  void check() {
    try {
      SourceElevation.of(sourceElevation);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--source-elevation is " + e.getMessage(), e);
    }
    if (!(sourceRadius > 0 && sourceRadius <= 100)) {
      throw new IllegalArgumentException(
          "--source-radius is " + sourceRadius + ", expected above 0, up to 100");
    }
  }

  /** Draws views of a photograph. */
  SplatData draw(Path image, SynthesizerOptions options, PrintWriter err) throws IOException {
    ViewRequest assumed = request(image, err);
    try (ViewSynthesizer cvs = load(options)) {
      ViewRequest request = settled(cvs, assumed, err);
      try (DrawingProgress progress = new DrawingProgress(err)) {
        return GeneratedViews.draw(cvs, request, progress);
      }
    }
  }

  /** Makes Gaussians of a photograph's volume. */
  GaussianCloud volume(
      Path image, SynthesizerOptions options, SplatSettings settings, PrintWriter err)
      throws IOException {
    ViewRequest assumed = request(image, err);
    try (ViewSynthesizer cvs = load(options)) {
      ViewRequest request = settled(cvs, assumed, err);
      return GaussianCloud.of(
          cvs.volumeCells(request).gaussians(settings.gaussians(), settings.shDegree()));
    }
  }

  private ViewSynthesizer load(SynthesizerOptions options) throws IOException {
    return model == null ? ViewSynthesizer.load(options) : ViewSynthesizer.load(model, options);
  }

  private ViewRequest request(Path image, PrintWriter err) throws IOException {
    Photograph photograph = ImageFiles.readPhotograph(image);
    if (mask != null) {
      photograph = Photographs.masked(photograph, ImageFiles.readMask(mask));
    } else if (box != null) {
      photograph = ImageFiles.cutOutInside(image, photograph, box);
    }
    ViewRequest request = request(photograph, SourceElevation.of(sourceElevation));
    request.warnings().forEach(warning -> err.println("cvs splat: warning: " + warning));
    return request;
  }

  private ViewRequest request(Photograph photograph, SourceElevation elevation) {
    CameraPose source = CameraPose.orbit(0, Math.toRadians(elevation.degrees()), sourceRadius);
    return ViewRequest.of(photograph, source, GeneratedViews.cameras(source))
        .withFraming(whole ? Framing.WHOLE : Framing.OBJECT);
  }

  /** Estimates the elevation of the photograph's camera if it is to be. */
  private ViewRequest settled(ViewSynthesizer cvs, ViewRequest assumed, PrintWriter err)
      throws IOException {
    SourceElevation said = SourceElevation.of(sourceElevation);
    return request(assumed.photograph(), said.in(cvs, assumed, err::println));
  }
}
