package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.ConsistencyConfig;
import ai.fresnel.cvs.train.config.ConsistencyMethod;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.optim.EmaListener;
import ai.fresnel.cvs.train.optim.EmaWeights;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.util.Map;
import java.util.Optional;

/** Stage 2: a student learns to be consistent, from a teacher or without one. */
public final class ConsistencyPlan implements StagePlan {

  private final TrainingConfig settings;
  private final ConsistencyConfig config;
  private final SigmaPairs pairs;
  private final Optional<Lpips> lpips;
  private Optional<ViewModel> teacher;

  /**
   * Makes the plan.
   *
   * @param settings the run's settings
   * @param pairs the pairs of sigmas that are compared
   * @param lpips compares images for the losses that need it; may be empty where there are none
   * @param teacher the network that teaches and whose weights the student starts from; empty for
   *     random weights
   */
  public ConsistencyPlan(
      TrainingConfig settings,
      SigmaPairs pairs,
      Optional<Lpips> lpips,
      Optional<ViewModel> teacher) {
    this.settings = settings;
    this.config = settings.student();
    this.pairs = pairs;
    this.lpips = lpips;
    this.teacher = teacher;
  }

  /**
   * Returns the settings of a run's student.
   *
   * @param settings the run's settings
   * @return the student's
   * @throws IllegalArgumentException if the run has no student
   */
  public static ConsistencyConfig requireStudent(TrainingConfig settings) {
    if (settings.stage() instanceof StageConfig.SceneAlone scene) {
      throw new IllegalArgumentException(
          "volumeTargets is "
              + scene.volumeTargets()
              + ", expected 0 in stage 2: a student is a whole network");
    }
    return settings
        .stage()
        .consistency()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "stage is denoising, expected consistency or progressive in stage 2"));
  }

  /**
   * Returns the configuration of a student.
   *
   * @param model its teacher's configuration, or that of the same network as a diffusion model
   * @param settings the run's settings
   * @return the configuration
   * @throws IllegalArgumentException if the settings train no whole network
   */
  public static ModelConfig student(ModelConfig model, TrainingConfig settings) {
    boolean guided = requireStudent(settings).guidance().isLearned();
    return model.toBuilder()
        .kind(ModelConfig.Kind.CONSISTENCY)
        .conditioner(c -> c.withGuidanceInput(guided || c.guidanceInput()))
        .heads(h -> h.withDepth(settings.losses().depth() > 0))
        .build();
  }

  @Override
  public ViewModel create(ModelConfig model, Precision precision) {
    ViewModel made = new ViewModel(model, precision);
    if (config.keepEncoders()) {
      made.keepEncoders();
    }
    return made;
  }

  @Override
  public StateCodec codec(ModelConfig model, NDManager manager) {
    return teacher.map(ViewModel::codec).orElseGet(() -> StateCodec.of(model));
  }

  @Override
  public ConsistencyPlan on(NDManager manager) {
    return new ConsistencyPlan(
        settings,
        pairs,
        lpips.map(distance -> distance.on(manager)),
        teacher.map(original -> copy(original, manager)));
  }

  private ViewModel copy(ViewModel original, NDManager manager) {
    ViewModel copy = network(original.config(), manager);
    TensorLists.copy(original, copy);
    Weights.freeze(copy, !settings.stage().trainsTeacher());
    return copy;
  }

  @Override
  public TrainedBlock block(ViewModel network, ModelConfig model) {
    Scaling preconditioning = new EdmScaling(model.sigmaData());
    DenoiserBlock student =
        DenoiserBlock.consistency(network, preconditioning, model.noise().sigmaMin());
    return settings.stage().trainsTeacher()
        ? new JointBlock(student, DenoiserBlock.denoiser(teacher.orElseThrow(), preconditioning))
        : student;
  }

  @Override
  public void initialize(ViewModel network, NDManager manager, long seed) {
    Weights.initialize(network, manager, seed);
    if (teacher.isPresent()) {
      // A student that takes guidance weights has an embedding of them more, which starts silent;
      // its depth head comes and goes with the loss.
      TensorLists.copy(teacher.get(), network);
    } else if (settings.stage().trainsTeacher()) {
      ModelConfig its =
          network.config().toBuilder()
              .kind(ModelConfig.Kind.DIFFUSION)
              .conditioner(c -> c.withGuidanceInput(false))
              .heads(h -> h.withDepth(false))
              .build();
      ViewModel made = new ViewModel(its, settings.compute().precision());
      Weights.initialize(made, manager, seed);
      teacher = Optional.of(made);
    }
  }

  @Override
  public Stage stage(ViewModel network, ModelConfig model, NDManager manager, StageHost host) {
    ViewModel target = network;
    if (config.targetDecay() > 0) {
      target = network(model, manager);
      EmaWeights average = new EmaWeights(network, target);
      host.listen(new EmaListener(average, config.targetDecay()));
      host.keep("target", Weights.trainable(target));
    }
    StepEncoder encoder =
        config.keepEncoders() ? StepEncoder.shared(teacher.orElseThrow()) : StepEncoder.each();
    if (settings.stage().trainsTeacher()) {
      host.keep("teacher", Weights.trainable(teacher.orElseThrow()));
    }
    Optional<AdversarialTraining> adversary = Optional.empty();
    if (config.losses().adversarial() > 0) {
      adversary = Optional.of(AdversarialTraining.of(teacher.orElseThrow(), settings, manager));
      adversary.get().join(host);
    }
    ConsistencyObjective objective =
        ConsistencyObjective.of(
            DiffusionProcess.of(model, network.codec()),
            pairs,
            settings.of(model),
            lpips,
            adversary);
    if (settings.stage() instanceof StageConfig.Progressive) {
      ViewModel own = network(model, manager);
      // A saved state lacks what is never trained, an encoder used as it was published.
      TensorLists.copy(network, own);
      NDArray phase = manager.zeros(new Shape(1));
      host.keep("teacher", Weights.trainable(own));
      host.keep("phase", Map.of("teacher", phase));
      return new ProgressiveStage(teacher(), own, target, phase, encoder, objective);
    }
    ConsistencyStage.Partner partner =
        settings.stage().partner().equals(Optional.of(ConsistencyMethod.TRAINING))
            ? ConsistencyStage.Partner.sameNoise()
            : ConsistencyStage.Partner.step(teacher(), config.solver());
    return new ConsistencyStage(partner, target, encoder, objective);
  }

  private Teacher teacher() {
    ViewModel network = teacher.orElseThrow();
    return Teacher.of(
        network,
        new EdmScaling(network.config().sigmaData()),
        network.config().conditioner().guidanceInput(),
        config.guidance().fixed());
  }

  private ViewModel network(ModelConfig model, NDManager manager) {
    ViewModel network = new ViewModel(model, settings.compute().precision());
    Weights.initialize(network, manager, 0);
    return network;
  }

  @Override
  public Optional<ViewSampler> teacherSampler() {
    return teacher.map(
        network ->
            ViewSampler.of(network, network.config()).withGuidance(config.guidance().fixed()));
  }
}
