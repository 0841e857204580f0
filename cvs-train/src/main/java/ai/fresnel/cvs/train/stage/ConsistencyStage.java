package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.view.DenoiserNetwork;

/**
 * Stage 2: consistency models. A noisy state and a partner at a lower sigma lie on one trajectory,
 * the teacher's or, on average, the data's own: the student must give both the same x0. The lower
 * one, the target, has no gradient.
 */
final class ConsistencyStage implements Stage {

  private final Partner partner;
  private final DenoiserNetwork target;
  private final StepEncoder encoder;
  private final ConsistencyObjective objective;
  private int phase;

  /** Finds the lower partner of a state. */
  @FunctionalInterface
  interface Partner {

    /**
     * Finds the partners of a batch.
     *
     * @return the states at the lower sigmas, (N, ...)
     */
    NDArray of(NDManager manager, ConsistencySamples samples, StepCondition condition);

    /** One step of a teacher's ODE: distillation. */
    static Partner step(Teacher teacher, OdeSolver solver) {
      return (manager, samples, condition) ->
          solver.step(
              teacher.bind(manager, condition),
              samples.noisy().x(),
              samples.noisy().sigma(),
              samples.sigmaNext(),
              Conditioning.none());
    }

    /**
     * The truth with the same noise at the lower sigma: training without a teacher. Over all truths
     * that could have given x, this is one Euler step on average.
     */
    static Partner sameNoise() {
      return (manager, samples, condition) -> samples.noisy().at(manager, samples.sigmaNext());
    }
  }

  ConsistencyStage(Partner partner, DenoiserNetwork target, ConsistencyObjective objective) {
    this(partner, target, StepEncoder.each(), objective);
  }

  /**
   * Makes the stage.
   *
   * @param partner finds the lower partner
   * @param target the network whose prediction there is the target
   * @param encoder encodes a step's condition
   * @param objective what is minimised
   */
  ConsistencyStage(
      Partner partner,
      DenoiserNetwork target,
      StepEncoder encoder,
      ConsistencyObjective objective) {
    this.partner = partner;
    this.target = target;
    this.encoder = encoder;
    this.objective = objective;
  }

  @Override
  public boolean advance(double progress) {
    int before = phase;
    phase = objective.settings().student().sigmas().intervals().phase(progress);
    return phase != before;
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    ConsistencySamples samples = ConsistencySamples.draw(manager, batch, objective, progress);
    ParameterStore store = new ParameterStore(manager, false);
    StepCondition condition = encoder.encode(store, samples.noisy().context());
    NDArray xNext = partner.of(manager, samples, condition);
    DiffusionProcess process = objective.process();
    Denoiser f =
        new ConsistencyFunction(
            target.denoiser(store, process.preconditioning()), process.schedule().sigmaMin());
    NDArray x0 = f.denoise(xNext, samples.sigmaNext(), condition.of(target, store));
    return objective.inputs(samples, condition, x0);
  }
}
