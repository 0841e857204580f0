package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shortest way through both stages that ends in numbers: four images of 16×16 learned by heart,
 * by the teacher and then by the student distilled from it. What stops a real run from learning (a
 * sign, a scale, a schedule, an average that does not move) stops this one.
 */
@Tag("slow") // minutes
class OverfitTest {

  private static final int VIEWS = 4;
  private static final double ENOUGH = 35;

  @TempDir Path folder;

  private static ModelConfig model() {
    return TinyViews.model().toBuilder()
        .conditioner(c -> c.withDetailChannels(32).withTokenChannels(32))
        .unet(u -> u.channels(32, 64).headChannels(16).embeddingChannels(64))
        // High levels weigh more than EDM's: there a pose has to find its image.
        .noise(n -> n.withMean(-0.6).withDeviation(1.4))
        .build();
  }

  private static TrainingConfigBuilder settings(TrainingConfig stage, long images) {
    return stage.toBuilder()
        .data(d -> d.withBatchSize(16))
        .run(r -> r.withMaxSamples(images))
        .optimization(o -> o.withRate(r -> r.withWarmupSamples(800)))
        .optimization(o -> o.withRate(r -> r.withFinalRateShare(0.01)))
        .optimization(o -> o.withWeightDecay(0))
        .data(d -> d.withConditionDropout(0))
        .averaging(a -> a.withEmaDecay(0.99));
  }

  @Test
  void teacherAndStudentLearnFourImagesByHeart() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.write(data, VIEWS, "train");
    Path teacher = folder.resolve("teacher");
    long start = System.nanoTime();
    DiffusionTrainer.builder()
        .setModel(model())
        .setData(data)
        .setRun(teacher)
        .optConfig(
            settings(TrainingConfig.diffusion(), 48_000)
                .optimization(o -> o.withRate(r -> r.withLearningRate(2e-3)))
                .build())
        .build()
        .train();
    double teacherSeconds = (System.nanoTime() - start) / 1e9;
    double ofTeacher = psnr(teacher, data, 35);

    Path student = folder.resolve("student");
    start = System.nanoTime();
    ConsistencyTrainer.builder()
        .setTeacher(Runs.latest(teacher))
        .setData(data)
        .setRun(student)
        .optConfig(
            settings(TrainingConfig.consistency(), 32_000)
                .optimization(o -> o.withRate(r -> r.withLearningRate(1e-3)))
                .student(s -> s.targetDecay(0.9).intervals(4, 8, 16, 32))
                .build())
        .build()
        .train();
    double studentSeconds = (System.nanoTime() - start) / 1e9;
    double ofStudent = psnr(student, data, 1);
    String measured =
        String.format(
            "teacher %.1f dB after %.0f s, student %.1f dB after %.0f s (2 passes %.1f, 4 %.1f)",
            ofTeacher,
            teacherSeconds,
            ofStudent,
            studentSeconds,
            psnr(student, data, 2),
            psnr(student, data, 4));
    System.out.println(measured);
    assertTrue(ofTeacher > ENOUGH && ofStudent > ENOUGH, measured);
  }

  /** Of the mean square error over all pairs of views, in dB, values clipped to [-1, 1]. */
  private static double psnr(Path run, Path data, int steps) throws IOException {
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(1, 0));
    List<ViewPair> all = new ArrayList<>();
    for (int source = 0; source < VIEWS; source++) {
      for (int target = 0; target < VIEWS; target++) {
        if (source != target) {
          // Seeds that no training sample had.
          all.add(new ViewPair(0, source, target, 1000L + (long) source * VIEWS + target));
        }
      }
    }
    ViewBatch batch = pairs.gather(all);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder model = ModelFolder.open(Runs.latest(run))) {
      ViewContext context = batch.on(manager).context();
      float[] drawn =
          ViewSampler.of(ViewModel.load(model, manager))
              .sample(context.source(), context.cameras(), batch.sampleSeeds(), steps)
              .toFloatArray();
      double sum = 0;
      for (int i = 0; i < drawn.length; i++) {
        double d = Math.min(1, Math.max(-1, drawn[i])) - batch.target()[i];
        sum += d * d;
      }
      // The values' range is 2.
      return 10 * Math.log10(4 / (sum / drawn.length));
    }
  }
}
