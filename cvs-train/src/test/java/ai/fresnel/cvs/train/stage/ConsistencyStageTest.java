package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.ConsistencyMethod;
import ai.fresnel.cvs.train.config.LossWeighting;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.PseudoHuberLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.train.testing.ToyNetwork;
import ai.fresnel.cvs.view.Outputs;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What stage 2 makes of a batch, against their formulas number by number. */
class ConsistencyStageTest extends LinearTeacher {

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
