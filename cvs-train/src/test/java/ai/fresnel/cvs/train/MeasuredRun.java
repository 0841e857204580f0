package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import java.util.stream.LongStream;

/**
 * The memory that a step of training takes, with all that a run holds beside it, on noise in place
 * of pictures.
 *
 * @param fixed bytes held between steps
 * @param forward bytes held at the end of a forward pass
 * @param peak the most bytes held in a step
 */
record MeasuredRun(long fixed, long forward, long peak) {

  /** Notes what is held when it is asked for: right after the forward pass. */
  private static final class WatchedLoss extends Loss {
    private final Loss loss;
    private long held;

    WatchedLoss(Loss loss) {
      super("watched");
      this.loss = loss;
    }

    @Override
    public NDArray evaluate(NDList labels, NDList predictions) {
      held = LiveMemory.now();
      return loss.evaluate(labels, predictions);
    }
  }

  /**
   * The second step of a run and those after it; in stage 2 the student has a target and a teacher.
   *
   * @param times how many are measured: Java's compiler takes and gives native memory, too, now and
   *     then, so that each step is compared with what was held right before it, and the median is
   *     the truest
   */
  static MeasuredRun of(ModelConfig model, TrainingConfig config, boolean student, int times)
      throws InterruptedException {
    long before = LiveMemory.settled();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Model djlModel = Model.newInstance("measured", Device.cpu(), "PyTorch")) {
      Preconditioning scales = new Preconditioning(model.sigmaData());
      ViewNetwork network = network(model, config, manager);
      EmaWeights ema = new EmaWeights(network, network(model, config, manager));
      ViewNetwork target = student ? network(model, config, manager) : null;
      ViewNetwork teacher = student ? network(model, config, manager) : null;
      Stage stage;
      Block block;
      if (student) {
        Weights.freeze(target, true);
        Weights.freeze(teacher, true);
        NoiseSchedule schedule =
            new NoiseSchedule(
                model.noise().sigmaMin(), model.noise().sigmaMax(), model.noise().rho());
        stage =
            new ConsistencyStage(
                ConsistencyStage.Partner.step(
                    Teacher.of(teacher, scales, false), config.student().solver()),
                target,
                StudentGoal.of(
                    scales, schedule, config.student().levelPairs(), config, null, null, null));
        block = DenoiserBlock.consistency(network, scales, model.noise().sigmaMin());
      } else {
        stage = new DenoisingStage(scales, new LogNormalLevels(0, 1), config.conditionDropout());
        block = DenoiserBlock.denoiser(network, scales);
      }
      djlModel.setBlock(block);
      WatchedLoss loss = new WatchedLoss(stage.loss());
      DefaultTrainingConfig djl =
          new DefaultTrainingConfig(loss).optDevices(new Device[] {Device.cpu()});
      try (StageTrainer trainer = new StageTrainer(djlModel, djl, config, new Position())) {
        step(trainer, stage, model, config);
        ema.update(0.9);
        long[] fixed = new long[times];
        long[] forward = new long[times];
        long[] peak = new long[times];
        for (int i = 0; i < times; i++) {
          long settled = LiveMemory.settled();
          fixed[i] = settled - before;
          peak[i] = LiveMemory.peak(() -> step(trainer, stage, model, config)) - settled;
          forward[i] = loss.held - settled;
        }
        long held = median(fixed);
        return new MeasuredRun(held, held + median(forward), held + median(peak));
      }
    }
  }

  private static long median(long[] values) {
    return LongStream.of(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
  }

  private static ViewNetwork network(ModelConfig model, TrainingConfig config, NDManager manager) {
    ViewNetwork network = new ViewNetwork(model, config.precision());
    Weights.initialize(network, manager, 1);
    return network;
  }

  private static void step(
      StageTrainer trainer, Stage stage, ModelConfig model, TrainingConfig config) {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      int n = config.batchSize();
      Shape pictures = new Shape(n, model.codec().channels(), model.imageSize(), model.imageSize());
      float[] poses = new float[16 * n];
      Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 64);
      for (int i = 0; i < n; i++) {
        float[] pose =
            RelativePose.features(
                CameraPose.orbit(i, 0.3, 1.7), lens, CameraPose.orbit(1.7 * i, 0.1, 1.8), lens);
        System.arraycopy(pose, 0, poses, 16 * i, 16);
      }
      NDList conditions =
          new NDList(
              manager.randomUniform(-1, 1, pictures), manager.create(poses, new Shape(n, 16)));
      // The target as a picture, too, as a batch of views brings it.
      manager.zeros(pictures);
      TrainingBatch batch =
          new TrainingBatch(
              manager.randomUniform(-1, 1, pictures), conditions, LongStream.range(0, n).toArray());
      for (TrainingBatch part : batch.split(manager, config.accumulation())) {
        try (NDManager scope = manager.newSubManager()) {
          StepInputs inputs;
          try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
            inputs = stage.prepare(scope, part, 0.5);
          }
          trainer.accumulate(inputs, part.seeds().length / (double) n);
        }
      }
      trainer.update();
    }
  }
}
