package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.ConsistencyTrainer;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.AdversarialLoss;
import ai.fresnel.cvs.train.objective.Discriminator;
import ai.fresnel.cvs.train.optim.ModelOptimizer;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The discriminator with a teacher's features, and whole runs with it. */
@SuppressWarnings("try") // the handle of a gradient mode is only closed
class AdversarialTrainingTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacher;

  @TempDir Path folder;

  @BeforeAll
  static void trainTheTeacher() throws IOException {
    data = shared.resolve("views");
    teacher = Runs.trainedTeacher(data, shared.resolve("teacher"));
  }

  private static TrainingConfig config(String recipe, double weight, double start) {
    return TinyViews.shortRun(Recipes.named(recipe, TrainingConfig.consistency())).toBuilder()
        .student(s -> s.adversarial(weight).adversarialStart(start))
        .build();
  }

  private Path run(String name, TrainingConfig config, int stop) throws IOException {
    Path run = folder.resolve(name);
    Runs.student(teacher, data, run, 0).optConfig(config).optStop(Runs.after(stop)).build().train();
    return run;
  }

  /** The game begins at step 4 of 12; one stop is before it, one within. */
  @ParameterizedTest
  @ValueSource(strings = {"cd", "ect", "progressive"})
  void aRunStoppedAndResumedEqualsOneLeftAlone(String recipe) throws IOException {
    TrainingConfig config = config(recipe, 0.2, 0.3);
    Path whole = run("whole", config, 99);
    run("parts", config, 2);
    run("parts", config, 5);
    Path parts = run("parts", config, 99);
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(Runs.STATE))) {
      assertTrue(state.names().contains("discriminator/head0.mid.weight"));
      assertTrue(state.names().contains("discriminator.adam.v/head1.enter.weight"));
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        assertEquals(8, state.read(manager, "discriminator.steps/steps").getFloat());
      }
    }
  }

  /** Where levels are recomputed, those of the teacher that features come from are, too. */
  @Test
  void levelsComputedTwiceChangeNothingButRounding() throws IOException {
    TrainingConfig config = config("cd", 0.2, 0);
    Path once = run("once", config, 3);
    Path twice =
        run(
            "twice",
            config.toBuilder().compute(c -> c.withCheckpointLevels(List.of(0, 1))).build(),
            3);
    for (String group : new String[] {"adam.m", "discriminator.adam.m"}) {
      double apart = Runs.apart(once, twice, group);
      assertTrue(apart < 1e-5, group + ": " + apart);
    }
  }

  /** Until it begins it changes nothing; then it does. */
  @Test
  void aGameThatDoesNotBeginChangesNothing() throws IOException {
    Path without = run("without", config("cd", 0, 0), 99);
    Path never = run("never", config("cd", 0.2, 1), 99);
    Path with = run("with", config("cd", 0.2, 0.3), 99);
    try (Safetensors one = Safetensors.open(without.resolve(Runs.STATE));
        Safetensors same = Safetensors.open(never.resolve(Runs.STATE));
        Safetensors other = Safetensors.open(with.resolve(Runs.STATE))) {
      for (String name : one.names()) {
        assertEquals(one.bytes(name), same.bytes(name), name);
      }
      String weight = "weights/unet.down0_block0.conv1.weight";
      assertNotEquals(one.bytes(weight), other.bytes(weight));
      String head = "discriminator/head0.mid.weight";
      assertNotEquals(same.bytes(head), other.bytes(head));
    }
  }

  @Test
  void itNeedsATeacherThatStandsStill() {
    String scratch =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ConsistencyTrainer.builder()
                        .setModel(TinyViews.model())
                        .setData(data)
                        .setRun(folder.resolve("R"))
                        .optConfig(config("ct", 0.2, 0))
                        .build())
            .getMessage();
    assertEquals(
        "adversarial is 0.2, expected 0 where there is no teacher, through whose features the"
            + " discriminator looks",
        scratch);
    TrainingConfig fine = config("cd", 0.2, 0);
    String trained =
        assertThrows(
                IllegalArgumentException.class,
                () -> fine.toBuilder().student(s -> s.trainTeacher(true)).build())
            .getMessage();
    assertEquals(
        "adversarial is 0.2, expected 0 where the teacher is trained (trainTeacher): what the"
            + " discriminator looks through must stand still",
        trained);
  }

  /** Nothing is frozen here; the gradient passes through the teacher and leaves nothing there. */
  @Test
  void noGradientReachesTheTeacher() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = TinyNetwork.of(manager, TinyViews.model());
      AdversarialTraining adversary =
          AdversarialTraining.of(network, config("cd", 1, 0.5), manager);
      long[] seeds = SampleNoise.seeds(1, 0, 2);
      NDArray x0 = SampleNoise.normal(manager, seeds, 0, new Shape(3, 16, 16)).mul(0.3f);
      NDArray pose = SampleNoise.normal(manager, seeds, 1, new Shape(16));
      NoisySamples noisy =
          NoisySamples.draw(
              manager,
              TrainingBatch.of(x0, ViewContext.of(x0, pose), seeds),
              StateCodec.identity(),
              new double[] {1, 1},
              0);
      AdversarialLoss.DiscriminatorInputs game;
      AdversarialLoss.DiscriminatorInputs before;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        game =
            adversary.discriminatorInputs(
                new ConsistencySamples(noisy, noisy.sigma(), List.of(), 0.5));
        before =
            adversary.discriminatorInputs(
                new ConsistencySamples(noisy, noisy.sigma(), List.of(), 0.49));
      }
      assertEquals(0, before.weight().sum().getFloat());
      assertEquals(2, game.weight().sum().getFloat());
      float[] noise = SampleNoise.normal(seeds[0], NoiseStreams.GAME_NOISE, 3 * 256);
      float sigma = game.sigma().getFloat(0);
      assertTrue(sigma >= 0.024 && sigma <= 0.51, sigma + "");
      assertEquals(sigma * noise[5], game.noise().toFloatArray()[5], 1e-5);
      assertEquals(x0.toFloatArray()[5] + sigma * noise[5], game.truth().toFloatArray()[5], 1e-5);
      NDArray fake = x0.mul(0.9f).duplicate();
      fake.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        collector.backward(adversary.loss().perSample(fake, game).mean());
      }
      assertTrue(fake.getGradient().abs().sum().getFloat() > 0);
      for (NDArray weight : Weights.arrays(network).values()) {
        assertEquals(0, weight.getGradient().abs().sum().getFloat());
      }
    }
  }

  /** True ones lie around +0.5, drawn ones around −0.5, with as much noise. */
  @Test
  void aDiscriminatorLearnsToTellTwoKindsApart() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Discriminator discriminator = new Discriminator(List.of(4));
      Weights.initialize(discriminator, manager, 1);
      AdversarialLoss loss =
          new AdversarialLoss(discriminator, (store, x, sigma, given) -> new NDList(x));
      TrainingConfig config =
          TrainingConfig.consistency().toBuilder().optimization(o -> o.withBeta1(0)).build();
      ModelOptimizer optimizer = ModelOptimizer.of(manager, discriminator, config);
      for (int step = 1; step <= 80; step++) {
        try (NDManager sub = manager.newSubManager()) {
          AdversarialLoss.DiscriminatorInputs game = game(sub, step);
          try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
            collector.backward(loss.perSample(drawn(sub, step), game).mean());
          }
          optimizer.step(step, 2e-3);
        }
      }
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        NDArray level = manager.create(new float[16]);
        ParameterStore store = new ParameterStore(manager, false);
        NDArray yes =
            discriminator
                .forward(store, new NDList(game(manager, 99).truth(), level), false)
                .get(0);
        NDArray no =
            discriminator.forward(store, new NDList(drawn(manager, 99), level), false).get(0);
        String said = yes.mean().getFloat() + " of true ones, " + no.mean().getFloat();
        assertTrue(yes.mean().getFloat() > 0.5 && no.mean().getFloat() < -0.5, said);
        assertTrue(
            yes.mean(new int[] {1}).min().getFloat() > no.mean(new int[] {1}).max().getFloat(),
            said);
      }
    }
  }

  private static NDArray points(NDManager manager, int step, int stream) {
    return SampleNoise.normal(manager, SampleNoise.seeds(step, 0, 16), stream, new Shape(4, 3, 3));
  }

  private static NDArray drawn(NDManager manager, int step) {
    return points(manager, step, 1).mul(0.5f).sub(0.5f);
  }

  private static AdversarialLoss.DiscriminatorInputs game(NDManager manager, int step) {
    NDArray real = points(manager, step, 0).mul(0.5f).add(0.5f);
    NDArray ones = manager.ones(new Shape(16));
    return new AdversarialLoss.DiscriminatorInputs(
        real, real.zerosLike(), ones, ones, Conditioning.none());
  }
}
