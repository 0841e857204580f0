package ai.fresnel.cvs.examples.cli;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs view}: one photograph from one new camera. */
@Command(
    name = "view",
    description = "Draw the object of a photograph from a new camera.",
    footer = {
      "",
      "The photograph shows one object: cut out (PNG with alpha), on white, or square and framed.",
      "Example: cvs view --model R2/snapshots/latest --image chair.png --azimuth 60 --out v.png"
    })
final class ViewVerb extends Verb {

  @Option(
      names = "--image",
      required = true,
      paramLabel = "FILE",
      description = "The photograph, PNG or JPEG.")
  Path photo;

  @Option(
      names = "--azimuth",
      paramLabel = "D",
      description = "Degrees to go around the object, anticlockwise seen from above (default 0).")
  double azimuth;

  @Option(
      names = "--elevation",
      paramLabel = "D",
      description = "Degrees to rise above the photograph's camera (default 0).")
  double elevation;

  @Option(
      names = "--radius",
      paramLabel = "R",
      description =
          "Distance from the object's middle, in object lengths (default: the photograph's).")
  Double radius;

  @Option(
      names = "--source-elevation",
      paramLabel = "D",
      description =
          "Degrees above the object from which the photograph was taken"
              + " (default ${DEFAULT-VALUE}).")
  double sourceElevation = 20;

  @Option(
      names = "--source-radius",
      paramLabel = "R",
      description =
          "Assumed distance of the photograph's camera, in object lengths; decides how large the"
              + " object is framed (default ${DEFAULT-VALUE}).")
  double sourceRadius = 1.7;

  @Option(
      names = "--whole",
      description = "Take the square photograph as it is: it is framed already, as rendered views.")
  boolean whole;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Network passes (default: 1, or 35 for a diffusion model).")
  int steps;

  @Option(
      names = "--samples",
      paramLabel = "K",
      description = "Pictures side by side, of seeds N, N+1, ... (default ${DEFAULT-VALUE}).")
  int samples = 1;

  @Option(
      names = "--guidance",
      paramLabel = "W",
      description = "Weight of classifier-free guidance (default 0).")
  double guidance;

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "The model folder.")
  Path model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.png",
      description = "The picture to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    require(samples >= 1 && samples <= 256, "--samples is " + samples + ", expected 1 to 256");
    require(steps >= 0, "--steps is " + steps + ", expected 1 or more");
    require(
        output.toString().toLowerCase(Locale.ROOT).endsWith(".png"),
        "--out is " + output + ", expected a name that ends in .png");
    CameraPose source;
    CameraPose target;
    try {
      source = camera(0, sourceElevation, sourceRadius);
      target = camera(azimuth, sourceElevation + elevation, radius == null ? sourceRadius : radius);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    Photograph photograph = Photograph.of(read(photo));
    try (ViewSynthesizer cvs = ViewSynthesizer.load(model, device())) {
      ViewRequest request =
          ViewRequest.of(photograph, source, List.of(target))
              .withSteps(steps)
              .withSeed(seed)
              .withSamples(samples)
              .withGuidance(guidance)
              .withFraming(whole ? Framing.WHOLE : Framing.OBJECT);
      Pictures.writePng(output, Pictures.sideBySide(cvs.generate(request)));
    }
    out().println(output);
    return 0;
  }

  private static CameraPose camera(double azimuth, double elevation, double radius) {
    if (!(Math.abs(elevation) <= 90)) {
      throw new IllegalArgumentException(
          "camera's elevation is " + elevation + " degrees, expected -90 to 90");
    }
    return CameraPose.orbit(Math.toRadians(azimuth), Math.toRadians(elevation), radius);
  }

  private static Image read(Path file) throws IOException {
    requireExists(file);
    try {
      return ImageFactory.getInstance().fromFile(file);
    } catch (IOException e) {
      throw new IOException(file + ": no picture that can be read, expected PNG or JPEG", e);
    }
  }
}
