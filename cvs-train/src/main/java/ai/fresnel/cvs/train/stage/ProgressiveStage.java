package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Broadcast;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import ai.fresnel.cvs.view.DenoiserNetwork;

/**
 * Stage 2 by progressive distillation (Salimans and Ho 2022, algorithm 2): the student learns to
 * cross an interval of the grid in one straight step where its teacher takes several; at the end of
 * a phase the student becomes the teacher of a coarser grid. With one interval left, a pass from
 * pure noise is an image.
 *
 * <p>The target is where the straight line from x through the state that the teacher reaches meets
 * sigmaMin: what f = bSkip·x + bOut·D must give so that Euler's step with D ends in that state.
 */
final class ProgressiveStage implements Stage {

  /** Steps of a diffusion model that cross an interval of the first grid well. */
  private static final int FIRST_STEPS = 2;

  private final DenoiserNetwork student;
  private final DenoiserNetwork own;
  private final NDArray phase;
  private final Teacher first;
  private final Teacher later;
  private final StepEncoder encoder;
  private final ConsistencyObjective objective;

  /**
   * @param first the diffusion model that teaches the first phase
   * @param own a network that takes the student's weights over, to teach the later ones
   * @param student an average of the student's weights
   * @param phase one number that resuming needs, the phase the weights in {@code own} teach
   * @param encoder encodes a step's condition
   * @param objective what is minimised
   */
  ProgressiveStage(
      Teacher first,
      DenoiserNetwork own,
      DenoiserNetwork student,
      NDArray phase,
      StepEncoder encoder,
      ConsistencyObjective objective) {
    this.first = first;
    this.own = own;
    this.student = student;
    this.phase = phase;
    this.later = Teacher.of(own, objective.process().preconditioning(), true);
    this.encoder = encoder;
    this.objective = objective;
  }

  @Override
  public boolean advance(double progress) {
    int now = objective.settings().student().sigmas().intervals().phase(progress);
    if (phase.getFloat() == now) {
      return false;
    }
    TensorLists.copy(student, own);
    phase.set(new float[] {now});
    return true;
  }

  /** {@inheritDoc} Sigmas depend on the phase the stage is in, not on how far the run is in it. */
  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    IntervalSchedule intervals = objective.settings().student().sigmas().intervals();
    int now = (int) phase.getFloat();
    double within = (now + 0.5) / intervals.phases().size();
    ConsistencySamples samples = ConsistencySamples.draw(manager, batch, objective, within);
    ParameterStore store = new ParameterStore(manager, false);
    StepCondition condition = encoder.encode(store, samples.noisy().context());
    int coarse = intervals.phases().get(now);
    int steps = now == 0 ? FIRST_STEPS : intervals.phases().get(now - 1) / coarse;
    Denoiser teacher = (now == 0 ? first : later).bind(manager, condition);
    OdeSolver solver = now == 0 ? objective.settings().student().solver() : OdeSolver.EULER;
    NDArray reached = samples.noisy().x();
    NDArray sigma = samples.noisy().sigma();
    for (int k = 1; k <= steps; k++) {
      double share = (double) k / steps;
      NDArray next = k == steps ? samples.sigmaNext() : samples.each(pair -> between(pair, share));
      reached = solver.step(teacher, reached, sigma, next, Conditioning.none());
      sigma = next;
    }
    // Where the line from (sigma, x) through (sigmaNext, reached) is at sigmaMin.
    double least = objective.process().schedule().sigmaMin();
    NDArray beyond = samples.each(p -> (p.sigmaNext() - least) / (p.sigma() - p.sigmaNext()));
    NDArray onward = reached.sub(samples.noisy().x()).mul(Broadcast.expand(beyond, reached));
    return objective.inputs(samples.at(progress), condition, reached.add(onward));
  }

  /** A sigma inside an interval, at a share of it on the grid's own warped axis. */
  private double between(SigmaPairs.Pair pair, double share) {
    double rho = objective.process().schedule().rho();
    double high = Math.pow(pair.sigma(), 1 / rho);
    double low = Math.pow(pair.sigmaNext(), 1 / rho);
    return Math.pow(high + share * (low - high), rho);
  }
}
