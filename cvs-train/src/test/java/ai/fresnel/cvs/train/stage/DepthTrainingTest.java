package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with the depth loss. */
class DepthTrainingTest {

  @TempDir Path folder;

  private Path data() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.writeWithDepth(data, 4, "train", "validation");
    return data;
  }

  private static TrainingConfig withDepth(TrainingConfig config) {
    return config.toBuilder().losses(l -> l.withDepth(0.5)).build();
  }

  @Test
  void aTinyNetworkLearnsTheDepthOfAFewImages() throws IOException {
    Path data = data();
    Path run = folder.resolve("R1");
    TrainingConfig config =
        TrainingConfig.diffusion().toBuilder()
            .data(d -> d.withBatchSize(16))
            .run(r -> r.withMaxSamples(4800))
            .optimization(o -> o.withRate(r -> r.withLearningRate(4e-3)))
            .optimization(o -> o.withRate(r -> r.withWarmupSamples(320)))
            .data(d -> d.withConditionDropout(0))
            .averaging(a -> a.withEmaDecay(0.9))
            .losses(l -> l.withDepth(1))
            .build();
    Runs.teacher(data, run).optConfig(config).build().train();
    ViewPairDataset views =
        ViewPairDataset.load(
            ViewSet.open(data), Split.TRAIN, PairOptions.of(16, 77).withDepth(true));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        ModelFolder model = ModelFolder.open(Runs.latest(run))) {
      assertTrue(model.config().heads().depth());
      ViewModel network = ViewModel.load(model, manager);
      TrainingBatch batch = views.batch(0).on(manager);
      NoisySamples noisy =
          NoisySamples.draw(manager, batch, StateCodec.of(model.config()), constant(16, 0.5), 0);
      StepInputs inputs =
          new StepInputs(
              noisy.x(),
              noisy.sigma(),
              StepCondition.raw(batch.context()),
              new Objective.Labels(List.of()));
      Outputs outputs =
          DenoiserBlock.denoiser(network, new EdmScaling(model.config().sigmaData()))
              .run(new ParameterStore(manager, false), inputs, Set.of(Outputs.DEPTH));
      float[] said = outputs.get(Outputs.DEPTH).toFloatArray();
      float[] truth = batch.depth().orElseThrow().toFloatArray();
      int pixels = TinyViews.SIZE * TinyViews.SIZE;
      double error = 0;
      double constantError = 0;
      int count = 0;
      int masks = 0;
      for (int i = 0; i < truth.length; i++) {
        int log = Math.floorDiv(i, pixels) * 2 * pixels + i % pixels;
        masks += (said[log + pixels] > 0) == (truth[i] > 0) ? 1 : 0;
        if (truth[i] > 0) {
          error += Math.abs(said[log] - Math.log(truth[i]));
          // About the median of what is there.
          constantError += Math.abs(Math.log(1.45) - Math.log(truth[i]));
          count++;
        }
      }
      String measured =
          String.format(
              "off by %.4f (a constant %.4f), mask right at %.4f of the pixels",
              error / count, constantError / count, masks / (double) truth.length);
      System.out.println(measured);
      assertTrue(error < 0.6 * constantError, measured);
      assertTrue(masks > 0.97 * truth.length, measured);
    }
  }

  private static double[] constant(int n, double value) {
    double[] values = new double[n];
    java.util.Arrays.fill(values, value);
    return values;
  }

  /** Through both stages; the head stays only where it has a loss. */
  @Test
  void runsWithDepthResumeAndTheHeadFollowsTheLoss() throws IOException {
    Path data = data();
    TrainingConfig first = withDepth(TinyViews.shortRun(TrainingConfig.diffusion()));
    Path r1 = folder.resolve("R1");
    Path r1Parts = folder.resolve("R1parts");
    Runs.teacher(data, r1).optConfig(first).build().train();
    Runs.teacher(data, r1Parts).optConfig(first).optStop(Runs.after(5)).build().train();
    Runs.teacher(data, r1Parts).optConfig(first).build().train();
    Runs.assertSameRun(r1, r1Parts);
    // The head reads what a segment gave, and is in none.
    TrainingConfig twice =
        first.toBuilder().compute(c -> c.withCheckpointLevels(List.of(0, 1))).build();
    Path once = folder.resolve("once");
    Path again = folder.resolve("again");
    Runs.teacher(data, once).optConfig(first).optStop(Runs.after(2)).build().train();
    Runs.teacher(data, again).optConfig(twice).optStop(Runs.after(2)).build().train();
    assertTrue(Runs.apart(once, again, "adam.m") < 1e-5);

    TrainingConfig second = withDepth(Runs.studentConfig(0.9));
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    Runs.student(Runs.latest(r1), data, whole, 0.9).optConfig(second).build().train();
    Runs.student(Runs.latest(r1), data, parts, 0.9)
        .optConfig(second)
        .optStop(Runs.after(7))
        .build()
        .train();
    Runs.student(Runs.latest(r1), data, parts, 0.9).optConfig(second).build().train();
    Runs.assertSameRun(whole, parts);

    Path beside = folder.resolve("beside");
    TrainingConfig joint = second.toBuilder().student(s -> s.trainTeacher(true)).build();
    Runs.student(Runs.latest(r1), data, beside, 0.9).optConfig(joint).build().train();
    Path without = folder.resolve("without");
    Runs.student(Runs.latest(r1), data, without, 0.9).build().train();
    try (ModelFolder with = ModelFolder.open(Runs.latest(whole));
        ModelFolder joined = ModelFolder.open(Runs.latest(beside));
        ModelFolder none = ModelFolder.open(Runs.latest(without))) {
      assertTrue(with.weights().names().contains("depth.conv.weight"));
      assertTrue(joined.weights().names().contains("depth.conv.weight"));
      assertFalse(none.weights().names().contains("depth.conv.weight"));
      assertFalse(none.config().heads().depth());
    }
    Path grown = folder.resolve("grown");
    Runs.teacherFrom(Runs.latest(r1), data, grown).build().train();
    try (ModelFolder none = ModelFolder.open(Runs.latest(grown))) {
      assertFalse(none.config().heads().depth());
    }
  }

  @Test
  void dataWithoutDepthIsRefused() throws IOException {
    Path data = folder.resolve("flat");
    TinyViews.write(data, 3, "train");
    String refused =
        assertThrows(
                IOException.class,
                () ->
                    Runs.teacher(data, folder.resolve("R"))
                        .optConfig(withDepth(TinyViews.shortRun(TrainingConfig.diffusion())))
                        .build()
                        .train())
            .getMessage();
    assertTrue(refused.contains("000.depth.npy: no depth, expected one a view"), refused);
    assertEquals(1, refused.lines().count());
  }
}
