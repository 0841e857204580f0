package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.optim.LossScaler;
import ai.fresnel.cvs.train.optim.ModelOptimizer;
import ai.fresnel.cvs.train.stage.DiffusionPlan;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.testing.Gradients;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training in float16: the scale of the loss, and what is left of gradients without it. */
class LossScalingTest {

  private static final TrainingConfig CONFIG =
      TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
          .compute(c -> c.withPrecision(Precision.FLOAT16))
          .build();

  @TempDir Path folder;

  private final Random random = new Random(3);

  private Map<String, NDArray> parameters(NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    arrays.put("matrix", array(manager, new Shape(4, 3)));
    arrays.put("bias", array(manager, new Shape(4)));
    return arrays;
  }

  private static NDArray array(NDManager manager, Shape shape) {
    NDArray array = manager.ones(shape);
    array.setRequiresGradient(true);
    return array;
  }

  private static ModelOptimizer optimizer(
      OptimizerKind kind, NDManager manager, Map<String, NDArray> parameters) {
    TrainingConfig config =
        CONFIG.toBuilder()
            .optimization(o -> o.withOptimizer(kind))
            .optimization(o -> o.withClipNorm(2))
            .optimization(o -> o.withWeightDecay(0.1))
            .build();
    return ModelOptimizer.of(manager, parameters, List.of("matrix"), config);
  }

  private float[] numbers(int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = scale * (float) random.nextGaussian();
    }
    return values;
  }

  /** A power of two leaves no trace, of steps that are clipped and of such that are not. */
  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void scaledGradientsGiveTheSameUpdate(OptimizerKind kind) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Map<String, NDArray> plain = parameters(manager);
      Map<String, NDArray> scaled = parameters(manager);
      ModelOptimizer one = optimizer(kind, manager, plain);
      ModelOptimizer other = optimizer(kind, manager, scaled);
      for (int step = 1; step <= 8; step++) {
        float[] matrix = numbers(12, step % 2 == 0 ? 3 : 0.1f);
        float[] bias = numbers(4, 0.1f);
        Gradients.give(manager, plain, Map.of("matrix", matrix, "bias", bias));
        Gradients.give(
            manager, scaled, Map.of("matrix", times(matrix, 1024), "bias", times(bias, 1024)));
        assertEquals(one.step(step, 0.01), other.step(step, 0.01, 1024));
        plain.forEach(
            (name, array) ->
                assertArrayEquals(array.toFloatArray(), scaled.get(name).toFloatArray(), name));
      }
    }
  }

  private static float[] times(float[] values, float factor) {
    float[] out = values.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] *= factor;
    }
    return out;
  }

  /** One parameter's infinity keeps all others where they are. */
  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void aStepIsMadeWholeOrNotAtAll(OptimizerKind kind) {
    for (String bad : new String[] {"matrix", "bias"}) {
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        Map<String, NDArray> parameters = parameters(manager);
        ModelOptimizer optimizer = optimizer(kind, manager, parameters);
        Map<String, float[]> gradients = Map.of("matrix", numbers(12, 1), "bias", numbers(4, 1));
        gradients.get(bad)[2] = Float.NEGATIVE_INFINITY;
        Gradients.give(manager, parameters, gradients);
        assertFalse(Double.isFinite(optimizer.step(1, 0.1, 8)));
        parameters.forEach(
            (name, array) -> {
              assertEquals(array.size(), array.eq(1).sum().getLong(), name);
              assertEquals(0, array.getGradient().abs().sum().getFloat(), name);
            });
        optimizer
            .state()
            .forEach(
                (group, arrays) ->
                    arrays.forEach(
                        (name, array) -> assertEquals(0, array.abs().sum().getFloat(), group)));
      }
    }
  }

  @Test
  void theScaleGrowsAfterCalmAndHalvesAtOnce() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      LossScaler scaler = new LossScaler(manager);
      for (int step = 0; step < 1999; step++) {
        scaler.grow();
      }
      assertEquals(65536, scaler.scale());
      scaler.grow();
      assertEquals(131072, scaler.scale());
      scaler.grow();
      scaler.backOff();
      assertEquals(65536, scaler.scale());
      for (int step = 0; step < 1999; step++) {
        scaler.grow();
      }
      assertEquals(65536, scaler.scale());
      scaler.grow();
      assertEquals(131072, scaler.scale());
    }
  }

  private BatchSource source() throws IOException {
    Path data = folder.resolve("views");
    if (!data.toFile().exists()) {
      TinyViews.write(data, 4, "train", "train");
    }
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(4, 1));
    return (manager, index) -> pairs.batch(index).on(manager);
  }

  private static TrainingSetup setup(Precision precision) throws IOException {
    TrainingConfig config = CONFIG.toBuilder().compute(c -> c.withPrecision(precision)).build();
    TrainingSetup setup =
        new TrainingSetup(
            TinyViews.model(),
            config,
            new DiffusionPlan(config, Optional.empty()),
            List.of(Device.cpu()));
    // Away from the start, where the last layer is silent and lets no gradient through.
    int[] seed = {0};
    setup
        .state()
        .forEach(
            (group, name, array) -> {
              if (group.equals("weights")) {
                float[] values = array.toFloatArray();
                Random draws = new Random(seed[0]++);
                for (int i = 0; i < values.length; i++) {
                  values[i] += 0.05f * (float) draws.nextGaussian();
                }
                array.set(values);
              }
            });
    return setup;
  }

  @SuppressWarnings("unchecked") // both terms have labels of this type
  private static Term.Labelled<?> faint(Term.Labelled<?> term) {
    Term.Labelled<Label> own = (Term.Labelled<Label>) term;
    Label label = own.label();
    return new Term.Labelled<>(own.term(), new Label(label.target(), label.weight().mul(1e-6f)));
  }

  /** The first step's gradients, ten times the first moments, by name. */
  private Map<String, float[]> gradients(Precision precision, float scale) throws IOException {
    try (TrainingSetup setup = setup(precision);
        NDManager manager = setup.manager().newSubManager()) {
      if (precision == Precision.FLOAT16) {
        setup.state().get("scaler", "scale").set(new float[] {scale});
      }
      StepInputs inputs;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        inputs = setup.stage().prepare(manager, source().batch(manager, 0), 0);
        // A millionth of both losses' weights.
        inputs =
            new StepInputs(
                inputs.x(),
                inputs.sigma(),
                inputs.condition(),
                new Objective.Labels(
                    inputs.labels().terms().stream().map(LossScalingTest::faint).toList()));
        assertEquals(2, inputs.labels().terms().size());
      }
      setup.trainer().accumulate(setup.trainer().worker(setup.stage()), inputs, 1);
      setup.trainer().update();
      assertFalse(setup.trainer().leftOut());
      Map<String, float[]> found = new LinkedHashMap<>();
      setup
          .state()
          .forEach(
              (group, name, array) -> {
                if (group.equals("adam.m")) {
                  found.put(name, array.toFloatArray());
                }
              });
      found.put("loss", new float[] {(float) setup.trainer().lastLoss()});
      found.put("norm", new float[] {(float) setup.trainer().lastNorm()});
      return found;
    }
  }

  private static double difference(Map<String, float[]> a, Map<String, float[]> b) {
    double off = 0;
    double size = 0;
    for (String name : a.keySet()) {
      float[] one = a.get(name);
      float[] other = b.get(name);
      for (int i = 0; i < one.length; i++) {
        off += Math.pow((double) one[i] - other[i], 2);
        size += Math.pow((double) one[i], 2);
      }
    }
    return Math.sqrt(off / size);
  }

  @Test
  void gradientsThatWouldVanishAreThoseOfFloat32() throws IOException {
    Map<String, float[]> exact = gradients(Precision.FLOAT32, 1);
    Map<String, float[]> scaled = gradients(Precision.FLOAT16, 1 << 20);
    Map<String, float[]> bare = gradients(Precision.FLOAT16, 1);
    for (String number : new String[] {"loss", "norm"}) {
      double expected = exact.get(number)[0];
      assertEquals(expected, scaled.get(number)[0], 0.02 * expected, number);
    }
    assertTrue(difference(exact, scaled) < 0.02, "scaled: off by " + difference(exact, scaled));
    assertTrue(difference(exact, bare) > 0.3, "unscaled: off by " + difference(exact, bare));
  }

  /** All that a run keeps but the scale itself. */
  private static Map<String, float[]> kept(TrainingSetup setup) {
    Map<String, float[]> all = new LinkedHashMap<>();
    setup
        .state()
        .forEach(
            (group, name, array) -> {
              if (!group.equals("scaler")) {
                all.put(group + "/" + name, array.toFloatArray());
              }
            });
    return all;
  }

  @Test
  void anOverflowIsLeftOutAndHalvesTheScale() throws IOException {
    try (TrainingSetup setup = setup(Precision.FLOAT16)) {
      NDArray scale = setup.state().get("scaler", "scale");
      TrainingLoop loop =
          new TrainingLoop(
              setup.trainer(), setup.stage(), source(), CONFIG, null, null, p -> {}, () -> false);
      loop.step();
      assertFalse(setup.trainer().leftOut());
      assertEquals(1, setup.position().steps());
      scale.set(new float[] {0x1p60f});
      Map<String, float[]> before = kept(setup);
      int left = 0;
      while (true) {
        loop.step();
        if (!setup.trainer().leftOut()) {
          break;
        }
        left++;
        assertEquals(Math.scalb(1.0, 60 - left), setup.trainer().lossScale());
        assertTrue(setup.trainer().lastLoss() > 0 && setup.trainer().lastLoss() < 1e3);
        Map<String, float[]> after = kept(setup);
        before.forEach((name, values) -> assertArrayEquals(values, after.get(name), name));
        // The next batch is another, and seen samples count.
        assertEquals(1, setup.position().steps());
        assertEquals(1 + left, setup.position().batch());
        assertEquals(4L * (1 + left), setup.position().samples());
      }
      assertTrue(left > 10 && left < 60, left + " steps left out");
      assertEquals(2, setup.position().steps());
      assertNotEquals(
          before.get("weights/unet.in.conv.weight")[0],
          kept(setup).get("weights/unet.in.conv.weight")[0]);
    }
  }

  /** Batches that give no finite loss at any scale: 17 are left out, then the run is at its end. */
  @Test
  void whatNoScaleHelpsIsADivergence() throws IOException {
    BatchSource sound = source();
    BatchSource broken =
        (manager, index) -> {
          TrainingBatch batch = sound.batch(manager, index);
          return batch.withTargets(batch.targets().mul(Float.NaN));
        };
    TrainingConfig config = CONFIG.toBuilder().run(r -> r.withMaxSamples(1000)).build();
    try (TrainingSetup setup = setup(Precision.FLOAT16)) {
      TrainingLoop.Keeper keeper =
          new TrainingLoop.Keeper() {
            @Override
            public boolean isSound() {
              return true;
            }

            @Override
            public TrainingState.Counters restore() {
              throw new IllegalStateException("goes back");
            }

            @Override
            public double validate(TrainingState.Counters counters) {
              return Double.NaN;
            }

            @Override
            public void save(TrainingState.Counters counters) {}

            @Override
            public void preview(long images) {}
          };
      TrainingLoop loop =
          new TrainingLoop(
              setup.trainer(), setup.stage(), broken, config, keeper, null, p -> {}, () -> false);
      assertEquals(
          "goes back", assertThrows(IllegalStateException.class, () -> loop.run(0)).getMessage());
      assertEquals(0.5, setup.trainer().lossScale());
      assertEquals(17 * 4, setup.position().samples());
      assertEquals(0, setup.position().steps());
    }
  }

  @Test
  void aRunResumesBitForBitAndTellsItsScale() throws IOException {
    Path data = folder.resolve("data");
    TinyViews.write(data, 4, "train", "train", "validation");
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    assertEquals(48, Runs.teacher(data, whole).optConfig(CONFIG).build().train());
    Runs.teacher(data, parts).optConfig(CONFIG).optStop(Runs.after(5)).build().train();
    assertEquals(48, Runs.teacher(data, parts).optConfig(CONFIG).build().train());
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(TrainingState.FILE));
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      assertEquals(65536, state.read(manager, "scaler/scale").getFloat());
      assertEquals(12, state.read(manager, "scaler/calm").getFloat());
    }
    List<JsonObject> metrics = new MetricsFile(whole).read();
    JsonObject last = metrics.get(metrics.size() - 1);
    assertEquals(65536, last.get("loss_scale").getAsDouble());
    assertEquals(0, last.get("steps_left_out").getAsLong());
  }
}
