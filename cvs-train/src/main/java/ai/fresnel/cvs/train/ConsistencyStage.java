package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.nn.DenoiserNetwork;

/**
 * Stage 2: consistency models. A noisy state and a partner on a lower level lie on one trajectory,
 * the teacher's or, on average, the data's own: the student must give both the same x0. The lower
 * one, the target, has no gradient.
 */
final class ConsistencyStage implements Stage {

  private final Partner partner;
  private final DenoiserNetwork target;
  private final StudentGoal goal;
  private int phase;

  /** Finds the lower partner of a state. */
  @FunctionalInterface
  interface Partner {

    /**
     * Finds the partners of a batch.
     *
     * @param manager what owns the result
     * @param batch the upper states and both levels
     * @return states at sigmaNext, (N, ...)
     */
    NDArray of(NDManager manager, StudentBatch batch);

    /** One step of a teacher's ODE: distillation. */
    static Partner step(Teacher teacher, OdeSolver solver) {
      return (manager, batch) ->
          solver.step(
              teacher.bind(manager, batch.conditions()),
              batch.x(),
              batch.sigma(),
              batch.sigmaNext(),
              Conditioning.none());
    }

    /**
     * The truth with the same noise at the lower level: training without a teacher. Over all truths
     * that could have given x, this is one Euler step on average.
     */
    static Partner sameNoise() {
      return (manager, batch) -> NoisyBatch.noisy(manager, batch.clean(), batch.sigmaNext());
    }
  }

  /**
   * @param partner finds the lower states
   * @param target the network of the target: an average of the student, or the student itself
   * @param goal what the student learns
   */
  ConsistencyStage(Partner partner, DenoiserNetwork target, StudentGoal goal) {
    this.partner = partner;
    this.target = target;
    this.goal = goal;
  }

  @Override
  public Loss loss() {
    return goal.loss();
  }

  @Override
  public boolean advance(double progress) {
    int before = phase;
    phase = goal.config().student().intervals().phase(progress);
    return phase != before;
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch clean, double progress) {
    StudentBatch batch = StudentBatch.draw(manager, clean, goal, progress);
    NDArray xNext = partner.of(manager, batch);
    ParameterStore store = new ParameterStore(manager, false);
    Denoiser f =
        new ConsistencyFunction(
            target.denoiser(store, goal.preconditioning()), goal.schedule().sigmaMin());
    NDArray x0 = f.denoise(xNext, batch.sigmaNext(), target.condition(store, batch.conditions()));
    return batch.inputs(x0, goal, progress);
  }
}
