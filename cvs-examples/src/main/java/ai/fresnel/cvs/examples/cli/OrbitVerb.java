package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.OrbitFiles;
import ai.fresnel.cvs.geometry.Orbit;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs orbit}: draws views around the object of a photograph. */
@Command(
    name = "orbit",
    description = {
      "Draw views all around the object of a photograph.",
      "Writes the views, their cameras (transforms.json), a contact sheet and an animation."
    },
    footer = {
      "",
      "The photograph shows one object: cut out (PNG with alpha), on a plain background, or masked.",
      "Example: cvs orbit --model R2/snapshots/latest --image chair.png --views 16 --out around"
    })
final class OrbitVerb extends DrawingVerb {

  static final int MAX_VIEWS = OrbitFiles.MAX_VIEWS;

  @Option(
      names = "--views",
      order = 10,
      paramLabel = "N",
      description = "Number of cameras on the full circle (default ${DEFAULT-VALUE}).")
  int views = 16;

  @Option(
      names = "--out",
      order = 50,
      required = true,
      paramLabel = "DIR",
      description = "The folder to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    require(
        views >= 1 && views <= MAX_VIEWS, "--views is " + views + ", expected 1 to " + MAX_VIEWS);
    ViewRequest assumed = request();
    warn(assumed);
    try (ViewSynthesizer cvs = load()) {
      OrbitDrawing.draw(err(), cvs, settled(cvs, assumed), output).forEach(out()::println);
    }
    return 0;
  }

  @Override
  ViewRequest request() throws IOException {
    double height = camera(0, sourceDegrees() + elevation, sourceRadius).elevation();
    Orbit orbit = Orbit.ring(views).withElevation(height);
    return request(orbit.around(source()));
  }
}
