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

/** {@code cvs demo}: what comes with CVS, from all around. */
@Command(
    name = "demo",
    description = {
      "Draw the object of the image that comes with CVS from all around.",
      "The image is a rendering of an object of the test split, which the model has not seen."
    })
final class DemoVerb extends Verb {

  /** A resource beside this class. */
  private static final String IMAGE = "demo.png";

  /** The camera of that rendering. */
  private static final double ELEVATION = 20;

  private static final double RADIUS = 1.7;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "How many cameras on the full turn (default ${DEFAULT-VALUE}).")
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
      OrbitFiles.draw(err(), cvs, request, output).forEach(out()::println);
    }
    return 0;
  }

  private static Photograph image() throws IOException {
    try (InputStream in = DemoVerb.class.getResourceAsStream(IMAGE)) {
      return ImageFiles.readPhotograph(IMAGE, in);
    }
  }
}
