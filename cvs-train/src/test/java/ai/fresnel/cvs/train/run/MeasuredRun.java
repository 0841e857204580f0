package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.SampleLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.optim.EmaWeights;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.stage.DenoiserBlock;
import ai.fresnel.cvs.train.stage.Stage;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.train.stage.ToyTraining;
import ai.fresnel.cvs.train.stage.TrainedBlock;
import ai.fresnel.cvs.train.testing.LiveMemory;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The memory that a step of training takes, with all that a run holds beside it, on noise in place
 * of images.
 *
 * @param fixed bytes held between steps
 * @param forward bytes held at the end of a forward pass
 * @param peak the most bytes held in a step
 */
public record MeasuredRun(long fixed, long forward, long peak) {

  /** Notes what is held when the losses are asked for: right after the forward pass. */
  private static final class Watch {
    private long held;

    StepInputs on(StepInputs inputs) {
      List<Term.Labelled<?>> terms = new ArrayList<>(inputs.labels().terms());
      terms.add(0, first(terms.remove(0)));
      return new StepInputs(
          inputs.x(), inputs.sigma(), inputs.condition(), new Objective.Labels(terms));
    }

    private <L> Term.Labelled<L> first(Term.Labelled<L> labelled) {
      Term<?, L> term = labelled.term();
      SampleLoss<L> watched =
          (output, label) -> {
            held = LiveMemory.now();
            return term.loss().perSample(output, label);
          };
      return new Term.Labelled<>(
          new Term<>(term.name(), term.weight(), watched, term.output(), samples -> null),
          labelled.label());
    }
  }

  /**
   * The second step of a run and those after it; in stage 2 the student has a target and a teacher.
   *
   * @param times how many are measured: Java's compiler takes and gives native memory, too, now and
   *     then, so that each step is compared with what was held right before it, and the median is
   *     the truest
   */
  public static MeasuredRun of(ModelConfig model, TrainingConfig config, boolean student, int times)
      throws InterruptedException {
    long before = LiveMemory.settled();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Model djlModel = Model.newInstance("measured", Device.cpu(), "PyTorch")) {
      Scaling scales = new EdmScaling(model.sigmaData());
      ViewModel network = network(model, config, manager);
      EmaWeights ema = new EmaWeights(network, network(model, config, manager));
      ViewModel target = student ? network(model, config, manager) : null;
      ViewModel teacher = student ? network(model, config, manager) : null;
      Stage stage;
      TrainedBlock block;
      if (student) {
        Weights.freeze(target, true);
        Weights.freeze(teacher, true);
        NoiseSchedule schedule =
            new NoiseSchedule(
                model.noise().sigmaMin(), model.noise().sigmaMax(), model.noise().rho());
        stage =
            ToyTraining.distillation(
                teacher, target, scales, schedule, config, StateCodec.of(model));
        block = DenoiserBlock.consistency(network, scales, model.noise().sigmaMin());
      } else {
        stage =
            ToyTraining.denoising(
                scales,
                new LogNormalSigmas(0, 1),
                config.data().conditionDropout(),
                StateCodec.of(model));
        block = DenoiserBlock.denoiser(network, scales);
      }
      djlModel.setBlock(block);
      Watch watch = new Watch();
      try (StageTrainer trainer = new StageTrainer(djlModel, config, new Position())) {
        step(trainer, stage, model, config, watch);
        ema.update(0.9);
        long[] fixed = new long[times];
        long[] forward = new long[times];
        long[] peak = new long[times];
        for (int i = 0; i < times; i++) {
          long settled = LiveMemory.settled();
          fixed[i] = settled - before;
          peak[i] = LiveMemory.peak(() -> step(trainer, stage, model, config, watch)) - settled;
          forward[i] = watch.held - settled;
        }
        long held = median(fixed);
        return new MeasuredRun(held, held + median(forward), held + median(peak));
      }
    }
  }

  private static long median(long[] values) {
    return LongStream.of(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }

  private static ViewModel network(ModelConfig model, TrainingConfig config, NDManager manager) {
    ViewModel network = new ViewModel(model, config.compute().precision());
    Weights.initialize(network, manager, 1);
    return network;
  }

  private static void step(
      StageTrainer trainer, Stage stage, ModelConfig model, TrainingConfig config, Watch watch) {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      int n = config.data().batchSize();
      Shape images = new Shape(n, model.codec().channels(), model.imageSize(), model.imageSize());
      float[] poses = new float[16 * n];
      Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 64);
      for (int i = 0; i < n; i++) {
        float[] pose =
            RelativePose.features(
                CameraPose.orbit(i, 0.3, 1.7), lens, CameraPose.orbit(1.7 * i, 0.1, 1.8), lens);
        System.arraycopy(pose, 0, poses, 16 * i, 16);
      }
      ViewContext context =
          ViewContext.of(
              manager.randomUniform(-1, 1, images), manager.create(poses, new Shape(n, 16)));
      TrainingBatch batch =
          TrainingBatch.of(
              manager.randomUniform(-1, 1, images), context, LongStream.range(0, n).toArray());
      for (TrainingBatch part : batch.split(manager, config.compute().accumulation())) {
        try (NDManager scope = manager.newSubManager()) {
          StepInputs inputs;
          try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
            inputs = watch.on(stage.prepare(scope, part, 0.5));
          }
          trainer.accumulate(trainer.worker(stage), inputs, part.size() / (double) n);
        }
      }
      trainer.update();
    }
  }
}
