package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs distill}: stage 2, a student that draws in one pass. */
@Command(
    name = "distill",
    description = {
      "Distil a diffusion model into a consistency model (stage 2).",
      "The same command goes on with a run that was stopped."
    })
final class DistillVerb extends TrainingVerb {

  @Option(
      names = "--teacher",
      required = true,
      paramLabel = "DIR",
      description = "The model folder of a diffusion model.")
  Path teacher;

  @Override
  public Integer call() throws IOException {
    requireExists(data);
    requireExists(teacher);
    TrainingConfig config = config(TrainingConfig.consistency());
    return train(
        "distill",
        config,
        progress ->
            with(ConsistencyTrainer.builder().setTeacher(teacher), config, progress)
                .build()
                .train());
  }
}
