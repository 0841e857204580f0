package ai.fresnel.cvs.examples;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Distils an imported Zero123 into an adapter of its weights and draws with the student in one
 * pass: {@code MODEL DATA RUN PHOTO OUT [SAMPLES]}.
 */
public final class DistillImported {

  private DistillImported() {}

  /**
   * Trains, or resumes a stopped run, and draws.
   *
   * @param args the imported model's folder, a view set of its image size, the run's folder, the
   *     photograph, the view's file and perhaps the number of samples of the whole run
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 5) {
      System.err.println("usage: DistillImported MODEL DATA RUN PHOTO OUT [SAMPLES]");
      System.exit(2);
    }
    // An adapter of rank 64 beside the teacher, which is guided at diffusers' scale of 3.
    TrainingConfig recipe = Recipes.named("lcm", TrainingConfig.consistency());
    if (args.length > 5) {
      recipe = recipe.toBuilder().run(r -> r.withMaxSamples(Long.parseLong(args[5]))).build();
    }
    Path run = Path.of(args[2]);
    ConsistencyTrainer.builder()
        .setTeacher(Path.of(args[0]))
        .setData(Path.of(args[1]))
        .setRun(run)
        .optConfig(recipe)
        .optProgress(p -> System.out.println(p.toJson()))
        .build()
        .train();

    // The adapter is merged here. snapshots/latest-lora.safetensors has it by itself.
    Image photo = ImageFactory.getInstance().fromFile(Path.of(args[3]));
    CameraPose source = CameraPose.orbit(0, 0, 1.5);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.5);
    try (ViewSynthesizer cvs = ViewSynthesizer.load(run.resolve("snapshots").resolve("latest"));
        OutputStream out = Files.newOutputStream(Path.of(args[4]))) {
      cvs.generateNovelView(photo, source, target).save(out, "png");
    }
  }
}
