package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderedPairs;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stage 2 with the losses that need depth. */
class MultiViewTrainingTest {

  private static final Scaling SCALES = new EdmScaling(0.5);

  @TempDir Path folder;

  /** Nothing is frozen here: only how the stage is called keeps gradients away. */
  @Test
  void onlyTheStudentHasAGradient() {
    PairOptions options = PairOptions.of(4, 1).withMaxAngle(0.2).withDepth(true).withTargets(2);
    RenderedPairs pairs =
        new RenderedPairs(ProceduralScenes.sources(3, 5), 32, options, new MeshVariation(0, 0, 0));
    ModelConfig model =
        TinyViews.model().toBuilder()
            .codec(c -> c.withImageSize(32))
            .conditioner(c -> c.withTokenGrid(8))
            .heads(h -> h.withDepth(true))
            .build();
    TrainingConfig config =
        TrainingConfig.consistency().toBuilder()
            .data(d -> d.withBatchSize(4))
            .losses(l -> l.withDepth(0.5))
            .student(s -> s.multiView(0.5))
            .build();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      StateCodec codec = StateCodec.of(model);
      TrainingBatch batch = pairs.batch(0).on(manager);
      ViewModel student = TinyNetwork.of(manager, model);
      ViewModel target = TinyNetwork.of(manager, model);
      ViewModel teacher = TinyNetwork.of(manager, model);
      Stage stage =
          new ConsistencyStage(
              ConsistencyStage.Partner.step(Teacher.of(teacher, SCALES, false), OdeSolver.EULER),
              target,
              ToyTraining.objective(SCALES, new NoiseSchedule(0.01, 10, 7), config, codec));
      StepInputs inputs;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        inputs = stage.prepare(manager, batch, 0);
      }
      // Twins: one source, one sigma, one noise.
      float[] sigma = inputs.sigma().toFloatArray();
      assertEquals(sigma[0], sigma[1]);
      assertEquals(sigma[2], sigma[3]);
      NDArray seen = ToyTraining.label(inputs, "multi_view").target().get(":, 2");
      assertTrue(seen.sum().getFloat() > 20, "the two views share a surface");
      DenoiserBlock block = DenoiserBlock.consistency(student, SCALES, 0.01);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        Outputs outputs = block.run(new ParameterStore(manager, false), inputs);
        assertEquals(Set.of(Outputs.DEPTH), outputs.heads().keySet());
        collector.backward(inputs.labels().perSample(outputs).mean());
      }
      for (NDArray weight : Weights.arrays(teacher).values()) {
        assertEquals(0, weight.getGradient().abs().sum().getFloat());
      }
      for (NDArray weight : Weights.arrays(target).values()) {
        assertEquals(0, weight.getGradient().abs().sum().getFloat());
      }
      NDArray head = Weights.arrays(student).get("depth.conv.weight");
      assertTrue(head.getGradient().abs().sum().getFloat() > 0);
      NDArray first = Weights.arrays(student).get("unet.in.conv.weight");
      assertTrue(first.getGradient().abs().sum().getFloat() > 0);
    }
  }

  /** All losses together, each with its own labels. */
  @Test
  void runsWithTwinsResumeAndWhatTheyNeedIsSaid() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.writeWithDepth(data, 6, "train", "validation");
    Path flat = folder.resolve("flat");
    TinyViews.write(flat, 3, "train");
    Path r1 = folder.resolve("R1");
    Runs.teacher(data, r1).build().train();
    TrainingConfig config =
        Runs.studentConfig(0.9).toBuilder()
            .compute(c -> c.withAccumulation(2))
            .losses(l -> l.withDepth(0.2))
            .student(s -> s.photometric(0.1).multiView(0.3).adversarial(0.1))
            .build();
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    Runs.student(Runs.latest(r1), data, whole, 0.9).optConfig(config).build().train();
    Runs.student(Runs.latest(r1), data, parts, 0.9)
        .optConfig(config)
        .optStop(Runs.after(5))
        .build()
        .train();
    Runs.student(Runs.latest(r1), data, parts, 0.9).optConfig(config).build().train();
    Runs.assertSameRun(whole, parts);
    String refused =
        assertThrows(
                IOException.class,
                () ->
                    Runs.student(Runs.latest(r1), flat, folder.resolve("R"), 0.9)
                        .optConfig(config)
                        .build()
                        .train())
            .getMessage();
    assertTrue(refused.contains("no depth, expected one a view"), refused);
    TrainingConfigBuilder odd = config.toBuilder().data(d -> d.withBatchSize(6));
    assertEquals(
        "batchSize is 6, expected a multiple of 4, the targets of a source (multiView,"
            + " volumeTargets) times the accumulation",
        assertThrows(IllegalArgumentException.class, odd::build).getMessage());
  }
}
