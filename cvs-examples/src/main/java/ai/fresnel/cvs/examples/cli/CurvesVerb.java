package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.monitor.Curves;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cvs curves}: draws the metrics of runs as one image. */
@Command(
    name = "curves",
    description = {
      "Draw the losses, gradient norm, learning rate and speed of one or several runs.",
      "A run draws its own curves, RUN/curves.png, with each preview."
    })
final class CurvesVerb extends Verb {

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folders of runs, 7 at most.")
  List<Path> runs;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The PNG file to write.")
  Path output;

  @Override
  public Integer call() throws IOException {
    for (Path run : runs) {
      requireExists(run);
    }
    Curves curves;
    try {
      curves = Curves.of(runs);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    curves.write(output);
    out().println("curves: " + output);
    return 0;
  }
}
