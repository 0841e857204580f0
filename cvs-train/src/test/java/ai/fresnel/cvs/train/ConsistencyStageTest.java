package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.PseudoHuberLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What stage 2 makes of a batch, against their formulas number by number. */
class ConsistencyStageTest {

  private static final int N = 40;
  private static final int D = 3;
  private static final double SIGMA_DATA = 0.7;
  private static final Scaling SCALES = new EdmScaling(SIGMA_DATA);
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
    return TrainingBatch.of(manager.create(x0, new Shape(N, D)), ViewContext.none(), seeds);
  }

  private StepInputs prepare(Stage stage, TrainingBatch batch) {
    return prepare(stage, batch, 0);
  }

  private StepInputs prepare(Stage stage, TrainingBatch batch, double progress) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      stage.advance(progress);
      return stage.prepare(manager, batch, progress);
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

  private static Stage stage(
      ConsistencyStage.Partner partner, ToyNetwork target, TrainingConfig config) {
    return new ConsistencyStage(partner, target, ToyTraining.objective(SCALES, SCHEDULE, config));
  }

  private static TrainingConfig config(OdeSolver solver) {
    return TrainingConfig.consistency().toBuilder()
        .student(s -> s.intervals(INTERVALS).solver(solver))
        .build();
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
          stage(ConsistencyStage.Partner.step((m, c) -> LINEAR, solver), target, config(solver));
      StepInputs inputs = prepare(stage, batch());
      float[] x = inputs.x().toFloatArray();
      float[] sigma = inputs.sigma().toFloatArray();
      float[] label = ToyTraining.label(inputs, "consistency").target().toFloatArray();
      Set<Integer> met = new TreeSet<>();
      float[] xNext = new float[N * D];
      float[] sigmaNext = new float[N];
      for (int n = 0; n < N; n++) {
        int interval = nearest(sigma[n]);
        met.add(interval);
        assertEquals(level(interval), sigma[n], 1e-5 * sigma[n]);
        sigmaNext[n] = (float) level(interval + 1);
        float[] noise = SampleNoise.normal(seeds[n], NoiseStreams.NOISE, D);
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
      for (float weight : ToyTraining.label(inputs, "consistency").weight().toFloatArray()) {
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

  private static TrainingConfig config(UnaryOperator<StudentConfigBuilder> change) {
    return config(OdeSolver.EULER).toBuilder().student(change).build();
  }

  /** Training without a teacher: the lower state is the same truth with the same noise. */
  @Test
  void withoutATeacherTheTruthIsThePartner() {
    ToyNetwork target = network(2);
    TrainingConfig config =
        config(
            s ->
                s.method(ConsistencyMethod.TRAINING)
                    .weighting(LossWeighting.INVERSE_GAP)
                    .photometric(2)
                    .truthSigma(1));
    StepInputs inputs =
        prepare(stage(ConsistencyStage.Partner.sameNoise(), target, config), batch());
    float[] sigma = inputs.sigma().toFloatArray();
    float[] xNext = new float[N * D];
    float[] sigmaNext = new float[N];
    float[] weights = ToyTraining.label(inputs, "consistency").weight().toFloatArray();
    float[] gates = ToyTraining.label(inputs, "photometric").weight().toFloatArray();
    for (int n = 0; n < N; n++) {
      double next = level(nearest(sigma[n]) + 1);
      sigmaNext[n] = (float) next;
      assertEquals(1 / (sigma[n] - next), weights[n], 1e-4 * weights[n]);
      assertEquals(sigma[n] <= 1 ? 1 : 0, gates[n]);
      float[] noise = SampleNoise.normal(seeds[n], NoiseStreams.NOISE, D);
      for (int d = 0; d < D; d++) {
        xNext[n * D + d] = (float) (x0[n * D + d] + next * noise[d]);
      }
    }
    float[] label = ToyTraining.label(inputs, "consistency").target().toFloatArray();
    float[] raw = raw(target, xNext, sigmaNext);
    for (int i = 0; i < N * D; i++) {
      double expected = consistency(xNext[i], sigmaNext[i / D], raw[i]);
      assertEquals(expected, label[i], 2e-4 * (1 + Math.abs(expected)));
    }
    assertArrayEquals(x0, ToyTraining.label(inputs, "photometric").target().toFloatArray());
  }

  /**
   * Progressive: the first phase's target leads Euler's step to where two of the teacher's steps
   * do; later the student's own weights teach, in as many steps as its grid was finer.
   */
  @Test
  void progressiveTargetsLeadToWhereTheTeacherGets() {
    ToyNetwork student = network(3);
    ToyNetwork own = network(1);
    TrainingConfig config = config(s -> s.method(ConsistencyMethod.PROGRESSIVE).intervals(6, 2));
    NDArray phase = manager.zeros(new Shape(1));
    Stage stage =
        new ProgressiveStage(
            (m, c) -> LINEAR,
            own,
            student,
            phase,
            StepEncoder.each(),
            ToyTraining.objective(SCALES, SCHEDULE, config));
    assertLeadsThere(prepare(stage, batch(), 0.49), LINEAR, 6, 2);
    assertEquals(0, phase.getFloat());
    Denoiser taught = student.denoiser(new ParameterStore(manager, false), SCALES);
    assertLeadsThere(prepare(stage, batch(), 0.5), taught, 2, 3);
    assertEquals(1, phase.getFloat());
    // Within a phase the teacher stays.
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      Weights.arrays(student).values().forEach(w -> w.muli(1.5f));
    }
    Denoiser before = own.denoiser(new ParameterStore(manager, false), SCALES);
    assertLeadsThere(prepare(stage, batch(), 0.9), before, 2, 3);
  }

  private void assertLeadsThere(StepInputs inputs, Denoiser teacher, int intervals, int steps) {
    SigmaGrid fine = SigmaGrid.karras(SCHEDULE, intervals * steps);
    float[] x = inputs.x().toFloatArray();
    float[] sigma = inputs.sigma().toFloatArray();
    float[] label = ToyTraining.label(inputs, "consistency").target().toFloatArray();
    for (int n = 0; n < N; n++) {
      int at = 0;
      while (fine.sigma(at) > sigma[n] * (1 + 1e-5)) {
        at += steps;
      }
      double next = fine.sigma(at + steps);
      NDArray state = manager.create(Arrays.copyOfRange(x, n * D, n * D + D), new Shape(1, D));
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        for (int k = 0; k < steps; k++) {
          NDArray from = manager.create(new float[] {(float) fine.sigma(at + k)});
          NDArray to = manager.create(new float[] {(float) fine.sigma(at + k + 1)});
          state = OdeSolver.EULER.step(teacher, state, from, to, Conditioning.none());
        }
      }
      float[] reached = state.toFloatArray();
      for (int d = 0; d < D; d++) {
        // The D whose f is the label, and Euler's step with it.
        double bSkip = SCHEDULE.sigmaMin() / sigma[n];
        double denoised = (label[n * D + d] - bSkip * x[n * D + d]) / (1 - bSkip);
        double share = next / sigma[n];
        double end = share * x[n * D + d] + (1 - share) * denoised;
        assertEquals(reached[d], end, 1e-4 * (1 + Math.abs(reached[d])), "from " + sigma[n]);
      }
    }
  }

  /** With guidance weights among the conditions: (1 + w)·D(x | c) − w·D(x | null). */
  @Test
  void theTeacherIsGuidedByEachSamplesWeight() {
    DenoiserNetwork shifted = new ShiftedNetwork();
    TrainingConfig config = config(s -> s.minGuidance(1).maxGuidance(3));
    NDArray shift = manager.create(SampleNoise.normal(5, 0, N), new Shape(N, 1));
    NoisySamples drawn = drawn(config, shift);
    float[] weights = drawn.context().guidance().orElseThrow().toFloatArray();
    StepCondition condition = StepCondition.raw(drawn.context());
    Denoiser teacher = Teacher.of(shifted, SCALES, false).bind(manager, condition);
    Denoiser plain = Teacher.of(shifted, SCALES, true).bind(manager, condition);
    float[] guided = teacher.denoise(drawn.x(), drawn.sigma(), Conditioning.none()).toFloatArray();
    float[] kept = plain.denoise(drawn.x(), drawn.sigma(), Conditioning.none()).toFloatArray();
    float[] sigma = drawn.sigma().toFloatArray();
    double sum = 0;
    for (int n = 0; n < N; n++) {
      assertTrue(weights[n] >= 1 && weights[n] <= 3, "weight " + weights[n]);
      sum += weights[n] / N;
      double cOut = sigma[n] * SIGMA_DATA / Math.hypot(sigma[n], SIGMA_DATA);
      double push = weights[n] * cOut * shift.toFloatArray()[n];
      for (int d = 0; d < D; d++) {
        int i = n * D + d;
        assertEquals(kept[i] + push, guided[i], 1e-4 * (1 + Math.abs(guided[i])));
      }
    }
    assertEquals(2, sum, 0.35);
  }

  /** With one weight for all there is none among the conditions, and the student has no input. */
  @Test
  void theTeacherIsGuidedByOneWeight() {
    TrainingConfig config = config(s -> s.minGuidance(1.5).maxGuidance(1.5));
    NDArray shift = manager.create(SampleNoise.normal(5, 0, N), new Shape(N, 1));
    NoisySamples drawn = drawn(config, shift);
    assertTrue(drawn.context().guidance().isEmpty());
    StepCondition condition = StepCondition.raw(drawn.context());
    DenoiserNetwork shifted = new ShiftedNetwork();
    double weight = config.student().fixedGuidance();
    float[] guided =
        Teacher.of(shifted, SCALES, false, weight)
            .bind(manager, condition)
            .denoise(drawn.x(), drawn.sigma(), Conditioning.none())
            .toFloatArray();
    float[] kept =
        Teacher.of(shifted, SCALES, false)
            .bind(manager, condition)
            .denoise(drawn.x(), drawn.sigma(), Conditioning.none())
            .toFloatArray();
    float[] sigma = drawn.sigma().toFloatArray();
    for (int i = 0; i < N * D; i++) {
      double cOut = sigma[i / D] * SIGMA_DATA / Math.hypot(sigma[i / D], SIGMA_DATA);
      double push = 1.5 * cOut * shift.toFloatArray()[i / D];
      assertEquals(kept[i] + push, guided[i], 1e-4 * (1 + Math.abs(guided[i])));
    }
  }

  private NoisySamples drawn(TrainingConfig config, NDArray shift) {
    NDArray cameras = manager.zeros(new Shape(N, 16));
    TrainingBatch batch =
        TrainingBatch.of(
            manager.create(x0, new Shape(N, D)), ViewContext.of(shift, cameras), seeds);
    ConsistencyObjective objective = ToyTraining.objective(SCALES, SCHEDULE, config);
    return ConsistencySamples.draw(manager, batch, objective, 0).noisy();
  }

  /** Its raw output is its condition, 0 where that is dropped. */
  private static final class ShiftedNetwork extends AbstractBlock implements DenoiserNetwork {

    @Override
    public Conditioning condition(ParameterStore store, ViewContext context) {
      return Conditioning.none()
          .withState(context.source())
          .withKeep(context.keep().orElseThrow())
          .withGuidance(context.guidance().orElse(null));
    }

    @Override
    public NDArray predict(
        ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
      NDArray shift = conditioning.state().mul(conditioning.keep().reshape(-1, 1));
      return scaledX.zerosLike().add(shift);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** Nothing is frozen here: only how the stage is called keeps gradients away. */
  @Test
  void onlyTheStudentHasAGradient() {
    ToyNetwork teacher = network(1);
    ToyNetwork target = network(2);
    ToyNetwork student = network(3);
    Stage stage =
        stage(
            ConsistencyStage.Partner.step(Teacher.of(teacher, SCALES, false), OdeSolver.HEUN),
            target,
            config(OdeSolver.HEUN));
    backward(student, prepare(stage, batch()));
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
        stage(
            ConsistencyStage.Partner.step((m, c) -> LINEAR, OdeSolver.EULER),
            student,
            config(OdeSolver.EULER));
    StepInputs inputs = prepare(stage, batch());
    backward(student, inputs);
    double own = gradientNorm(student);
    ToyNetwork twin = network(3);
    Label label = ToyTraining.label(inputs, "consistency");
    NDArray fixed = manager.create(label.target().toFloatArray(), new Shape(N, D));
    Objective<Label> alone =
        new Objective<>(
            List.of(
                new Term<Label, Label>(
                    "consistency", 1, new PseudoHuberLoss(), Outputs.X0, l -> l)));
    backward(
        twin,
        new StepInputs(
            inputs.x(),
            inputs.sigma(),
            inputs.condition(),
            alone.label(new Label(fixed, label.weight()))));
    assertTrue(own > 0);
    assertEquals(gradientNorm(twin), own);
  }

  private void backward(ToyNetwork student, StepInputs inputs) {
    DenoiserBlock block = DenoiserBlock.consistency(student, SCALES, SCHEDULE.sigmaMin());
    try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      collector.backward(ToyTraining.loss(block, manager, inputs));
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
