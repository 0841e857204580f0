package ai.fresnel.cvs.examples;

import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;

/** Stage 2 in Java: distils a teacher into a student that draws in one pass. */
public final class DistillStudent {

  private DistillStudent() {}

  /**
   * Trains, or resumes a stopped run.
   *
   * @param args the teacher's model folder, the view set, the run's folder and perhaps the number
   *     of samples
   * @throws IOException if teacher or data cannot be read or the run cannot be written
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 3) {
      System.err.println("usage: DistillStudent TEACHER DATA RUN [MAX_IMAGES]");
      System.exit(2);
    }
    TrainingConfig config = TrainingConfig.consistency();
    if (args.length > 3) {
      config = config.toBuilder().run(r -> r.withMaxSamples(Long.parseLong(args[3]))).build();
    }
    ConsistencyTrainer.builder()
        .setTeacher(Path.of(args[0]))
        .setData(Path.of(args[1]))
        .setRun(Path.of(args[2]))
        .optConfig(config)
        .optProgress(p -> System.out.println(p.toJson()))
        .build()
        .train();
  }
}
