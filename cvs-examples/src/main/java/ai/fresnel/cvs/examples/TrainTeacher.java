package ai.fresnel.cvs.examples;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.DiffusionTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Stage 1 in Java: trains a diffusion teacher on a view set. */
public final class TrainTeacher {

  private TrainTeacher() {}

  /**
   * Trains, or resumes a stopped run.
   *
   * @param args the view set, the run's folder and perhaps the number of samples
   * @throws IOException if data cannot be read or the run cannot be written
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println("usage: TrainTeacher DATA RUN [MAX_IMAGES]");
      System.exit(2);
    }
    TrainingConfig config = TrainingConfig.diffusion();
    if (args.length > 2) {
      config = config.toBuilder().run(r -> r.withMaxSamples(Long.parseLong(args[2]))).build();
    }
    DiffusionTrainer.builder()
        .setModel(ModelConfig.tiny64())
        .setData(Path.of(args[0]))
        .setRun(Path.of(args[1]))
        .optConfig(config)
        .optProgress(p -> System.out.println(p.toJson()))
        .build()
        .train();
  }
}
