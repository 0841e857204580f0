package ai.fresnel.cvs.examples.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options of the verbs that write a view set. */
final class ViewSetOptions {

  @Option(
      names = "--size",
      paramLabel = "S",
      description = "Width and height in pixels (default ${DEFAULT-VALUE}).")
  int size = 64;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the view set.")
  Path output;
}
