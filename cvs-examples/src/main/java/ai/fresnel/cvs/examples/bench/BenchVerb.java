package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.examples.terminal.Verb;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code cvs bench}: measures the speed of this machine. */
@Command(
    name = "bench",
    description = "Measure speed on this machine.",
    synopsisSubcommandLabel = "WHAT",
    subcommands = {
      BenchViewVerb.class,
      BenchTrainVerb.class,
      BenchDataVerb.class,
      BenchSplatVerb.class,
      BenchZero123Verb.class,
      BenchServeVerb.class
    })
public final class BenchVerb extends Verb {

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "nothing to measure given, expected view, train, data, splat, zero123 or serve");
  }
}
