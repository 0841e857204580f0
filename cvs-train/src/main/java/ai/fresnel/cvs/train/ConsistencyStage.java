package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.nn.DenoiserNetwork;
import ai.fresnel.cvs.train.loss.PseudoHuberLoss;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;

/**
 * Stage 2: consistency distillation (Song et al. 2023, algorithm 2). A noisy state at one level of
 * a grid and the state one step of the teacher's ODE below it lie on one trajectory: the student
 * must give both the same x0. The lower partner, the target, has no gradient.
 */
final class ConsistencyStage implements Stage {

  private final Teacher teacher;
  private final DenoiserNetwork target;
  private final Preconditioning preconditioning;
  private final NoiseSchedule schedule;
  private final OdeSolver solver;
  private final IntervalSchedule intervals;
  private final double conditionDropout;
  private final Loss loss = new PseudoHuberLoss();

  /** The denoiser whose trajectories are learned, given the student's conditions. */
  @FunctionalInterface
  interface Teacher {

    /**
     * Binds the teacher to a batch's conditions, encoded once for all passes of the step.
     *
     * @param manager what owns the encoded conditions
     * @param conditions as in {@link StepInputs#data}, from the third on
     * @return the denoiser; the conditioning it is called with is ignored
     */
    Denoiser bind(NDManager manager, NDList conditions);

    /** A network and its preconditioning as a teacher. */
    static Teacher of(DenoiserNetwork network, Preconditioning preconditioning) {
      return (manager, conditions) -> {
        ParameterStore store = new ParameterStore(manager, false);
        Conditioning encoded = network.condition(store, conditions);
        Denoiser denoiser = network.denoiser(store, preconditioning);
        return (x, sigma, ignored) -> denoiser.denoise(x, sigma, encoded);
      };
    }
  }

  /**
   * @param teacher the denoiser to distil
   * @param target the network of the target: an average of the student, or the student itself
   * @param preconditioning the student's
   * @param schedule the range of noise levels
   * @param config solver, grid and dropout
   */
  ConsistencyStage(
      Teacher teacher,
      DenoiserNetwork target,
      Preconditioning preconditioning,
      NoiseSchedule schedule,
      TrainingConfig config) {
    this.teacher = teacher;
    this.target = target;
    this.preconditioning = preconditioning;
    this.schedule = schedule;
    this.solver = config.solver();
    this.intervals = config.intervals();
    this.conditionDropout = config.conditionDropout();
  }

  @Override
  public Loss loss() {
    return loss;
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    SigmaGrid grid = SigmaGrid.karras(schedule, intervals.intervals(progress));
    long[] seeds = batch.seeds();
    double[] high = new double[seeds.length];
    double[] low = new double[seeds.length];
    for (int i = 0; i < seeds.length; i++) {
      float u = SampleNoise.uniform(seeds[i], NoisyBatch.LEVEL, 1)[0];
      int interval = Math.min(grid.intervals() - 1, (int) (u * grid.intervals()));
      high[i] = grid.sigma(interval);
      low[i] = grid.sigma(interval + 1);
    }
    NDArray sigma = NoisyBatch.levels(manager, high);
    NDArray sigmaNext = NoisyBatch.levels(manager, low);
    NDArray x = NoisyBatch.noisy(manager, batch, sigma);
    NDList conditions = NoisyBatch.conditions(manager, batch, conditionDropout);

    NDArray xNext =
        solver.step(teacher.bind(manager, conditions), x, sigma, sigmaNext, Conditioning.none());
    ParameterStore store = new ParameterStore(manager, false);
    Denoiser f =
        new ConsistencyFunction(target.denoiser(store, preconditioning), schedule.sigmaMin());
    NDArray x0 = f.denoise(xNext, sigmaNext, target.condition(store, conditions));

    NDList data = new NDList(x, sigma);
    data.addAll(conditions);
    return new StepInputs(data, new NDList(x0, sigma.onesLike()));
  }
}
