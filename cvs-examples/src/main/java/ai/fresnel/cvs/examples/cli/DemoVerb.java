package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs demo}: draws views around the bundled image with the bundled model. */
@Command(
    name = "demo",
    description = {
      "Draw views all around the object of the bundled image.",
      "The image is rendered; its object is from the test split and new to the model."
    })
final class DemoVerb extends Verb {

  /** The image, a resource of this package. */
  private static final String IMAGE = "demo.png";

  /** The elevation of the image's camera in degrees. */
  private static final double ELEVATION = 20;

  /** The radius of the image's camera in object lengths. */
  private static final double RADIUS = 1.7;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Number of cameras on the full circle (default ${DEFAULT-VALUE}).")
  int views = 23;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The folder to write (default ${DEFAULT-VALUE}).")
  Path output = Path.of("cvs-demo");

  @Override
  public Integer call() throws IOException {
    require(
        views >= 1 && views <= OrbitVerb.MAX_VIEWS,
        "--views is " + views + ", expected 1 to " + OrbitVerb.MAX_VIEWS);
    CameraPose source = CameraPose.orbit(0, Math.toRadians(ELEVATION), RADIUS);
    ViewRequest request =
        ViewRequest.of(image(), source, Orbit.ring(views).around(source)).withSeed(seed);
    try (ViewSynthesizer cvs =
        ViewSynthesizer.load(SynthesizerOptions.defaults().withDevice(device()))) {
      OrbitDrawing.draw(err(), cvs, request, output).forEach(out()::println);
    }
    return 0;
  }

  private static Photograph image() throws IOException {
    try (InputStream in = DemoVerb.class.getResourceAsStream(IMAGE)) {
      return ImageFiles.readPhotograph(IMAGE, in);
    }
  }
}
