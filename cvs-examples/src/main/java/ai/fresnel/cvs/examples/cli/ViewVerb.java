package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs view}: draws the object of a photograph from a new camera. */
@Command(
    name = "view",
    description = "Draw the object of a photograph from a new camera.",
    footer = {
      "",
      "The photograph shows one object: cut out (PNG with alpha), on a plain background, or masked.",
      "Example: cvs view --model R2/snapshots/latest --image chair.png --azimuth 60 --out v.png"
    })
final class ViewVerb extends DrawingVerb {

  @Option(
      names = "--azimuth",
      order = 10,
      paramLabel = "D",
      description = "Degrees to move around the object, anticlockwise seen from above (default 0).")
  double azimuth;

  @Option(
      names = "--radius",
      order = 12,
      paramLabel = "R",
      description =
          "Distance from the object's middle, in object lengths (default: the photograph's).")
  Double radius;

  @Option(
      names = "--samples",
      order = 32,
      paramLabel = "K",
      description =
          "Number of images, side by side, with seeds N, N+1, ... (default ${DEFAULT-VALUE}).")
  int samples = 1;

  @Option(
      names = "--out",
      order = 50,
      required = true,
      paramLabel = "FILE.png",
      description = "The image to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    require(samples >= 1 && samples <= 256, "--samples is " + samples + ", expected 1 to 256");
    require(
        output.toString().toLowerCase(Locale.ROOT).endsWith(".png"),
        "--out is " + output + ", expected a name that ends in .png");
    ImageFiles.requireNoFolder(output);
    ViewRequest assumed = request();
    warn(assumed);
    try (ViewSynthesizer cvs = load()) {
      ViewRequest request = settled(cvs, assumed);
      if (samples > 1 && areEqual(cvs.config(), request)) {
        err()
            .println(
                "note: at temperature 0 all samples of one pass are equal; try --temperature 1");
      }
      ImageFiles.writePng(output, ImageFiles.sideBySide(cvs.generate(request).images()));
    }
    out().println(output);
    return 0;
  }

  @Override
  ViewRequest request() throws IOException {
    double distance = radius == null ? sourceRadius : radius;
    CameraPose target = camera(azimuth, sourceDegrees() + elevation, distance);
    return request(List.of(target)).withSamples(samples);
  }

  /** Says whether the seed is without effect. */
  private static boolean areEqual(ModelConfig model, ViewRequest request) {
    return model.kind() == ModelConfig.Kind.CONSISTENCY
        && request.steps() <= 1
        && request.temperature().orElse(model.sampling().temperature()) == 0;
  }
}
