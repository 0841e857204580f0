package ai.fresnel.cvs.train.stage;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.ConsistencyConfigBuilder;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.testing.ToyNetwork;
import ai.fresnel.cvs.view.ViewContext;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** Samples of points, networks and a teacher whose steps are plain sums. */
abstract class LinearTeacher {

  static final int N = 40;

  static final int D = 3;

  static final double SIGMA_DATA = 0.7;

  static final Scaling SCALES = new EdmScaling(SIGMA_DATA);

  static final NoiseSchedule SCHEDULE = new NoiseSchedule(0.01, 10, 7);

  static final int INTERVALS = 6;

  final NDManager manager = TorchRuntime.newManager(Device.cpu());

  final long[] seeds = SampleNoise.seeds(8, 100, N);

  final float[] x0 = SampleNoise.normal(21, 0, N * D);

  @AfterEach
  void close() {
    manager.close();
  }

  TrainingBatch batch() {
    return TrainingBatch.of(manager.create(x0, new Shape(N, D)), ViewContext.none(), seeds);
  }

  StepInputs prepare(Stage stage, TrainingBatch batch) {
    return prepare(stage, batch, 0);
  }

  StepInputs prepare(Stage stage, TrainingBatch batch, double progress) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      stage.advance(progress);
      return stage.prepare(manager, batch, progress);
    }
  }

  ToyNetwork network(long seed) {
    ToyNetwork network = new ToyNetwork(D, 8);
    Weights.initialize(network, manager, seed);
    // Its last layer starts silent.
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      Weights.arrays(network).values().forEach(w -> w.addi(0.1f * seed));
    }
    return network;
  }

  static Stage stage(ConsistencyStage.Partner partner, ToyNetwork target, TrainingConfig config) {
    return new ConsistencyStage(partner, target, ToyTraining.objective(SCALES, SCHEDULE, config));
  }

  static TrainingConfig config(OdeSolver solver) {
    return TrainingConfig.consistency().toBuilder()
        .student(s -> s.intervals(INTERVALS).solver(solver))
        .build();
  }

  /** The teacher of these tests: D(x, sigma) = x·a(sigma) + 0.3, so that steps are plain sums. */
  static final Denoiser LINEAR =
      (x, sigma, c) -> x.mul(share(sigma.toFloatArray(), x.getManager(), x.getShape())).add(0.3f);

  static double share(double sigma) {
    return 1 / (1 + 2 * sigma);
  }

  static NDArray share(float[] sigma, NDManager manager, Shape shape) {
    float[] out = new float[sigma.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) share(sigma[i]);
    }
    return manager.create(out).reshape(-1, 1).broadcast(shape).duplicate();
  }

  static double slowStep(OdeSolver solver, double x, double sigma, double next) {
    double slope = (x - (share(sigma) * x + 0.3)) / sigma;
    double euler = x + (next - sigma) * slope;
    if (solver == OdeSolver.EULER) {
      return euler;
    }
    if (solver == OdeSolver.DPM_2S) {
      double middle = Math.sqrt(sigma * next);
      double between = x + (middle - sigma) * slope;
      double x0 = share(middle) * between + 0.3;
      return next / sigma * x + (1 - next / sigma) * x0;
    }
    double slopeNext = (euler - (share(next) * euler + 0.3)) / next;
    return x + (next - sigma) * (slope + slopeNext) / 2;
  }

  /** sigma of EDM's grid, equation 5. */
  static double level(int i) {
    double max = Math.pow(10, 1 / 7.0);
    double min = Math.pow(0.01, 1 / 7.0);
    return Math.pow(max + (double) i / INTERVALS * (min - max), 7);
  }

  static TrainingConfig config(UnaryOperator<ConsistencyConfigBuilder> change) {
    return config(OdeSolver.EULER).toBuilder().student(change).build();
  }
}
