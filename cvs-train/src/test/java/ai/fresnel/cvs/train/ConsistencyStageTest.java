package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stage 2 makes of a batch, against their formulas number by number. */
class ConsistencyStageTest {

  private static final int N = 40;
  private static final int D = 3;
  private static final double SIGMA_DATA = 0.7;
  private static final Preconditioning SCALES = new Preconditioning(SIGMA_DATA);
  private static final NoiseSchedule SCHEDULE = new NoiseSchedule(0.01, 10, 7);
  private static final int INTERVALS = 6;

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final long[] seeds = SampleNoise.seeds(8, 100, N);
  private final float[] x0 = SampleNoise.normal(21, 0, N * D);

  @AfterEach
  void close() {
    manager.close();
  }

  private TrainingBatch batch() {
    return new TrainingBatch(manager.create(x0, new Shape(N, D)), new NDList(), seeds);
  }

  private StepInputs prepare(Stage stage, TrainingBatch batch) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return stage.prepare(manager, batch, 0);
    }
  }

  private ToyNetwork network(long seed) {
    ToyNetwork network = new ToyNetwork(D, 8);
    Weights.initialize(network, manager, seed);
    // Its last layer starts silent.
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      Weights.arrays(network).values().forEach(w -> w.addi(0.1f * seed));
    }
    return network;
  }

  private static TrainingConfig config(OdeSolver solver) {
    return TrainingConfig.consistency().toBuilder().intervals(INTERVALS).solver(solver).build();
  }

  /** The teacher of these tests: D(x, sigma) = x·a(sigma) + 0.3, so that steps are plain sums. */
  private static final Denoiser LINEAR =
      (x, sigma, c) -> x.mul(share(sigma.toFloatArray(), x.getManager(), x.getShape())).add(0.3f);

  private static double share(double sigma) {
    return 1 / (1 + 2 * sigma);
  }

  private static NDArray share(float[] sigma, NDManager manager, Shape shape) {
    float[] out = new float[sigma.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) share(sigma[i]);
    }
    return manager.create(out).reshape(-1, 1).broadcast(shape).duplicate();
  }

  private static double slowStep(OdeSolver solver, double x, double sigma, double next) {
    double slope = (x - (share(sigma) * x + 0.3)) / sigma;
    double euler = x + (next - sigma) * slope;
    if (solver == OdeSolver.EULER) {
      return euler;
    }
    double slopeNext = (euler - (share(next) * euler + 0.3)) / next;
    return x + (next - sigma) * (slope + slopeNext) / 2;
  }

  /** sigma of EDM's grid, equation 5. */
  private static double level(int i) {
    double max = Math.pow(10, 1 / 7.0);
    double min = Math.pow(0.01, 1 / 7.0);
    return Math.pow(max + (double) i / INTERVALS * (min - max), 7);
  }

  @Test
  void theTargetIsTheTargetNetworksEndOfOneTeacherStep() {
    for (OdeSolver solver : OdeSolver.values()) {
      ToyNetwork target = network(2);
      Stage stage =
          new ConsistencyStage((m, c) -> LINEAR, target, SCALES, SCHEDULE, config(solver));
      StepInputs inputs = prepare(stage, batch());
      float[] x = inputs.data().get(0).toFloatArray();
      float[] sigma = inputs.data().get(1).toFloatArray();
      float[] label = inputs.labels().get(0).toFloatArray();
      Set<Integer> met = new TreeSet<>();
      float[] xNext = new float[N * D];
      float[] sigmaNext = new float[N];
      for (int n = 0; n < N; n++) {
        int interval = nearest(sigma[n]);
        met.add(interval);
        assertEquals(level(interval), sigma[n], 1e-5 * sigma[n]);
        sigmaNext[n] = (float) level(interval + 1);
        float[] noise = SampleNoise.normal(seeds[n], NoisyBatch.NOISE, D);
        for (int d = 0; d < D; d++) {
          int i = n * D + d;
          double noisy = x0[i] + level(interval) * noise[d];
          assertEquals(noisy, x[i], 1e-5 * (1 + sigma[n]));
          xNext[i] = (float) slowStep(solver, noisy, level(interval), level(interval + 1));
        }
      }
      assertEquals(INTERVALS, met.size(), "every interval is met: " + met);
      float[] raw = raw(target, xNext, sigmaNext);
      for (int n = 0; n < N; n++) {
        for (int d = 0; d < D; d++) {
          int i = n * D + d;
          double expected = consistency(xNext[i], sigmaNext[n], raw[i]);
          assertEquals(expected, label[i], 2e-4 * (1 + Math.abs(expected)));
          if (nearest(sigma[n]) == INTERVALS - 1) {
            // f(x, sigmaMin) = x: the last interval learns from the teacher alone.
            assertEquals(xNext[i], label[i], 1e-5 * (1 + Math.abs(xNext[i])));
          }
        }
      }
      for (float weight : inputs.labels().get(1).toFloatArray()) {
        assertEquals(1, weight);
      }
    }
  }

  private static int nearest(double sigma) {
    int best = 0;
    for (int i = 1; i < INTERVALS; i++) {
      if (Math.abs(Math.log(level(i) / sigma)) < Math.abs(Math.log(level(best) / sigma))) {
        best = i;
      }
    }
    return best;
  }

  /** F(cIn·x, cNoise) of the network. */
  private float[] raw(ToyNetwork network, float[] x, float[] sigma) {
    float[] scaled = new float[x.length];
    float[] cNoise = new float[sigma.length];
    for (int n = 0; n < sigma.length; n++) {
      cNoise[n] = (float) (Math.log(sigma[n]) / 4);
      for (int d = 0; d < D; d++) {
        scaled[n * D + d] = (float) (x[n * D + d] / Math.hypot(sigma[n], SIGMA_DATA));
      }
    }
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return network
          .predict(
              new ParameterStore(manager, false),
              manager.create(scaled, new Shape(sigma.length, D)),
              manager.create(cNoise),
              null)
          .toFloatArray();
    }
  }

  /** f = bSkip·x + bOut·(cSkip·x + cOut·F). */
  private static double consistency(double x, double sigma, double raw) {
    double variance = sigma * sigma + SIGMA_DATA * SIGMA_DATA;
    double denoised =
        SIGMA_DATA * SIGMA_DATA / variance * x + sigma * SIGMA_DATA / Math.sqrt(variance) * raw;
    return 0.01 / sigma * x + (1 - 0.01 / sigma) * denoised;
  }

  /** Nothing is frozen here: only how the stage is called keeps gradients away. */
  @Test
  void onlyTheStudentHasAGradient() {
    ToyNetwork teacher = network(1);
    ToyNetwork target = network(2);
    ToyNetwork student = network(3);
    Stage stage =
        new ConsistencyStage(
            ConsistencyStage.Teacher.of(teacher, SCALES),
            target,
            SCALES,
            SCHEDULE,
            config(OdeSolver.HEUN));
    backward(stage, student, prepare(stage, batch()).labels(), batch());
    assertEquals(0, gradientNorm(teacher));
    assertEquals(0, gradientNorm(target));
    for (NDArray weight : Weights.arrays(student).values()) {
      assertTrue(weight.getGradient().square().sum().getFloat() > 0);
    }
  }

  /** With the student's own weights as the target, its gradient is that of fixed numbers. */
  @Test
  void theStudentAsItsOwnTargetHasNoGradientThroughIt() {
    ToyNetwork student = network(3);
    Stage stage =
        new ConsistencyStage((m, c) -> LINEAR, student, SCALES, SCHEDULE, config(OdeSolver.EULER));
    NDList labels = prepare(stage, batch()).labels();
    backward(stage, student, labels, batch());
    double own = gradientNorm(student);
    ToyNetwork twin = network(3);
    NDArray fixed = manager.create(labels.get(0).toFloatArray(), new Shape(N, D));
    backward(stage, twin, new NDList(fixed, labels.get(1)), batch());
    assertTrue(own > 0);
    assertEquals(gradientNorm(twin), own);
  }

  private void backward(Stage stage, ToyNetwork student, NDList labels, TrainingBatch batch) {
    NDList data = prepare(stage, batch).data();
    DenoiserBlock block = DenoiserBlock.consistency(student, SCALES, SCHEDULE.sigmaMin());
    try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDList predictions = block.forward(new ParameterStore(manager, false), data, true);
      collector.backward(stage.loss().evaluate(labels, predictions));
    }
  }

  private static double gradientNorm(ToyNetwork network) {
    double sum = 0;
    for (NDArray weight : Weights.arrays(network).values()) {
      sum += weight.getGradient().square().sum().getFloat();
    }
    return sum;
  }
}
