package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.listener.EmaListener;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.schedule.LevelPairs;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Stage 2: makes a consistency student that draws in one pass, distilled from a diffusion teacher
 * or trained without one. The same call resumes a run that was stopped.
 *
 * <pre>{@code
 * ConsistencyTrainer.builder()
 *     .setTeacher(Path.of("R1/snapshots/latest"))
 *     .setData(Path.of("views"))
 *     .setRun(Path.of("R2"))
 *     .build()
 *     .train();
 * }</pre>
 */
public final class ConsistencyTrainer {

  private final Builder settings;

  private ConsistencyTrainer(Builder settings) {
    this.settings = settings;
  }

  /**
   * Returns a builder.
   *
   * @return a new builder with the default settings
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains to the end of the run, or until the process or {@link Builder#optStop} asks it to stop.
   *
   * @return the samples seen
   * @throws IOException if the teacher or data cannot be read or the run cannot be written
   * @throws IllegalArgumentException if the teacher is no diffusion model, the run was started with
   *     other settings, or the data does not fit the model
   */
  public long train() throws IOException {
    if (settings.hasMemory()) {
      plan();
    }
    if (settings.teacher == null) {
      return settings
          .viewRun()
          .train(
              stageName(),
              "",
              student(settings.model),
              settings.config(),
              new Plan(null, null, settings.lpips));
    }
    try (NDManager manager = TorchRuntime.newManager(settings.device());
        ModelFolder folder = ModelFolder.open(settings.teacher)) {
      ModelConfig config = folder.config();
      if (config.kind() != ModelConfig.Kind.DIFFUSION) {
        throw new IllegalArgumentException(
            "teacher " + settings.teacher + " is a consistency model, expected a diffusion model");
      }
      ViewModel teacher = teacher(folder, manager);
      return settings
          .viewRun()
          .train(
              stageName(),
              settings.teacher.toString(),
              student(config),
              settings.config(),
              new Plan(teacher, teacher.config(), settings.lpips));
    }
  }

  /**
   * Tells how the run fits into the memory that {@link Builder#optMemory} gives it.
   *
   * @return the plan, which {@link #train} follows
   * @throws IOException if the teacher, or the run that is to go on, cannot be read
   * @throws IllegalArgumentException if it cannot fit
   */
  public MemoryPlan plan() throws IOException {
    ModelConfig teacher = null;
    if (settings.teacher != null) {
      try (ModelFolder folder = ModelFolder.open(settings.teacher)) {
        teacher = folder.config();
      }
    } else if (settings.config().student().trainTeacher()) {
      teacher = settings.model;
    }
    ModelConfig from = settings.teacher == null ? settings.model : teacher;
    return settings.settle(MemoryModel.consistency(student(from), teacher));
  }

  private ViewModel teacher(ModelFolder folder, NDManager manager) throws IOException {
    boolean trained = settings.config().student().trainTeacher();
    // A teacher's head has no loss here: where it is trained, it goes without.
    boolean headless = trained && folder.config().heads().depth();
    ModelConfig config =
        headless
            ? folder.config().toBuilder().heads(h -> h.withDepth(false)).build()
            : folder.config();
    ViewModel teacher = new ViewModel(config, settings.config().precision());
    Weights.initialize(teacher, manager, 0);
    if (headless) {
      folder.loadWhatFits(Weights.arrays(teacher));
    } else {
      folder.load(Weights.arrays(teacher));
    }
    Weights.freeze(teacher, !trained);
    return teacher;
  }

  /** What a recipe does not say is part of what a run is resumed with, too. */
  private String stageName() {
    String name = "consistency";
    if (settings.levels != null) {
      name += " with " + settings.levels;
    }
    if (settings.config().student().needsLpips()) {
      name += " by LPIPS of " + settings.lpips.net() + " at " + settings.lpips.side();
    }
    return name;
  }

  private ModelConfig student(ModelConfig model) {
    if (settings.config().volumeAlone()) {
      throw new IllegalArgumentException(
          "volumeTargets is "
              + settings.config().volumeTargets()
              + ", expected 0 in stage 2: a student is a whole network");
    }
    boolean guided = settings.config().student().learnsGuidance();
    return model.toBuilder()
        .kind(ModelConfig.Kind.CONSISTENCY)
        .conditioner(c -> c.withGuidanceInput(guided || c.guidanceInput()))
        .heads(h -> h.withDepth(settings.config().depth() > 0))
        .build();
  }

  private final class Plan implements ViewRun.Plan {

    private final StudentConfig config = settings.config().student();
    private final Lpips lpips;
    private ViewModel teacher;
    private ModelConfig teacherConfig;

    /**
     * @param teacher where the first weights come from, or null for random ones
     */
    Plan(ViewModel teacher, ModelConfig teacherConfig, Lpips lpips) {
      this.teacher = teacher;
      this.teacherConfig = teacherConfig;
      this.lpips = lpips;
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
    public Plan on(NDManager manager) {
      ViewModel copy = null;
      if (teacher != null) {
        copy = network(teacherConfig, manager);
        TensorLists.copy(teacher, copy);
        Weights.freeze(copy, !config.trainTeacher());
      }
      return new Plan(copy, teacherConfig, lpips == null ? null : lpips.on(manager));
    }

    @Override
    public TrainedBlock block(ViewModel network, ModelConfig model) {
      Scaling preconditioning = new EdmScaling(model.sigmaData());
      DenoiserBlock student =
          DenoiserBlock.consistency(network, preconditioning, model.noise().sigmaMin());
      return config.trainTeacher()
          ? new JointBlock(student, DenoiserBlock.denoiser(teacher, preconditioning))
          : student;
    }

    @Override
    public void initialize(ViewModel network, NDManager manager, long seed) {
      Weights.initialize(network, manager, seed);
      if (teacher == null) {
        if (config.trainTeacher()) {
          teacherConfig =
              network.config().toBuilder()
                  .kind(ModelConfig.Kind.DIFFUSION)
                  .conditioner(c -> c.withGuidanceInput(false))
                  .heads(h -> h.withDepth(false))
                  .build();
          teacher = new ViewModel(teacherConfig, settings.config().precision());
          Weights.initialize(teacher, manager, seed);
        }
        return;
      }
      // A student that takes guidance weights has an embedding of them more, which starts silent;
      // its depth head comes and goes with the loss.
      TensorLists.copy(teacher, network);
    }

    @Override
    public Stage stage(
        ViewModel network,
        ModelConfig model,
        NDManager manager,
        TrainingState state,
        Consumer<TrainingListener> listeners) {
      ViewModel target = network;
      if (config.targetDecay() > 0) {
        target = network(model, manager);
        EmaWeights average = new EmaWeights(network, target);
        listeners.accept(new EmaListener(average, config.targetDecay()));
        state.with("target", Weights.trainable(target));
      }
      StepEncoder encoder =
          config.keepEncoders() ? StepEncoder.shared(teacher) : StepEncoder.each();
      if (config.trainTeacher()) {
        state.with("teacher", Weights.trainable(teacher));
      }
      LevelPairs levels = settings.levels == null ? config.levelPairs() : settings.levels;
      Optional<Adversary> adversary = Optional.empty();
      if (config.adversarial() > 0) {
        Scaling scales = new EdmScaling(teacherConfig.sigmaData());
        Adversary opponent = new Adversary(teacher, scales, settings.config(), manager);
        opponent.keep(state);
        listeners.accept(opponent.listener());
        adversary = Optional.of(opponent);
      }
      ConsistencyObjective objective =
          ConsistencyObjective.of(
              DiffusionProcess.of(model),
              levels,
              settings.config().of(model),
              Optional.ofNullable(lpips),
              adversary);
      if (config.method() == ConsistencyMethod.PROGRESSIVE) {
        ViewModel own = network(model, manager);
        // A saved state lacks what is never trained, an encoder used as it was published.
        TensorLists.copy(network, own);
        NDArray phase = manager.zeros(new Shape(1));
        state.with("teacher", Weights.trainable(own)).with("phase", Map.of("teacher", phase));
        return new ProgressiveStage(teacher(), own, target, phase, encoder, objective);
      }
      ConsistencyStage.Partner partner =
          config.method() == ConsistencyMethod.TRAINING
              ? ConsistencyStage.Partner.sameNoise()
              : ConsistencyStage.Partner.step(teacher(), config.solver());
      return new ConsistencyStage(partner, target, encoder, objective);
    }

    private Teacher teacher() {
      return Teacher.of(
          teacher,
          new EdmScaling(teacherConfig.sigmaData()),
          teacherConfig.conditioner().guidanceInput(),
          config.fixedGuidance());
    }

    private ViewModel network(ModelConfig model, NDManager manager) {
      ViewModel network = new ViewModel(model, settings.config().precision());
      Weights.initialize(network, manager, 0);
      return network;
    }

    @Override
    public ViewSampler teacherSampler() {
      return teacher == null
          ? null
          : ViewSampler.of(teacher, teacherConfig).withGuidance(config.fixedGuidance());
    }
  }

  /** Collects what a run needs: {@code set} methods are required, {@code opt} methods are not. */
  public static final class Builder extends RunBuilder<Builder> {

    private Path teacher;
    private ModelConfig model;
    private LevelPairs levels;
    private Lpips lpips;

    private Builder() {
      super(TrainingConfig.consistency());
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the teacher.
     *
     * @param value the model folder of a diffusion model; the student starts from its weights
     * @return this builder
     */
    public Builder setTeacher(Path value) {
      teacher = value;
      return this;
    }

    /**
     * Starts from random weights in place of a teacher's: with {@link ConsistencyMethod#TRAINING},
     * or with a teacher that is trained in the same steps. Set this or {@link #setTeacher}.
     *
     * @param value the network; its sigmaData is measured anew on the data
     * @return this builder
     */
    public Builder setModel(ModelConfig value) {
      model = value;
      return this;
    }

    /**
     * Pairs noise levels otherwise than a recipe can say.
     *
     * @param value the schedule, to be given again where the run is resumed
     * @return this builder
     */
    public Builder optLevels(LevelPairs value) {
      levels = value;
      return this;
    }

    /**
     * Gives the losses that compare images what they compare with.
     *
     * @param value LPIPS with its weights, on the run's device; stays the caller's to close
     * @return this builder
     */
    public Builder optLpips(Lpips value) {
      lpips = value;
      return this;
    }

    /** The student of a teacher's configuration. */
    ModelConfig student(ModelConfig teacherConfig) {
      return new ConsistencyTrainer(this).student(teacherConfig);
    }

    /** The stage with a teacher in memory, for what trains without a run's folder. */
    ViewRun.Plan plan(ViewModel inMemory) {
      return new ConsistencyTrainer(this).new Plan(inMemory, inMemory.config(), lpips);
    }

    /**
     * Makes the trainer.
     *
     * @return the trainer
     * @throws IllegalStateException unless one of teacher and model is set
     * @throws IllegalArgumentException if there is no teacher for a method or a loss that needs
     *     one, or no LPIPS for a loss that does
     */
    public ConsistencyTrainer build() {
      if ((teacher == null) == (model == null)) {
        throw new IllegalStateException("one of setTeacher and setModel is required");
      }
      ConsistencyMethod method = config().student().method();
      boolean taught = method != ConsistencyMethod.TRAINING && !config().student().trainTeacher();
      if (teacher == null && taught) {
        throw new IllegalArgumentException(
            "method is "
                + method.toString().toLowerCase(Locale.ROOT)
                + ", expected training, or trainTeacher, where there is no teacher");
      }
      if (teacher == null && config().student().adversarial() > 0) {
        throw new IllegalArgumentException(
            "adversarial is "
                + config().student().adversarial()
                + ", expected 0 where there is no teacher, through whose features the discriminator"
                + " looks");
      }
      if (lpips == null && config().student().needsLpips()) {
        throw new IllegalArgumentException(
            "distance is "
                + config().student().distance().toString().toLowerCase(Locale.ROOT)
                + " and perceptual is "
                + config().student().perceptual()
                + ", expected no lpips and 0 without LPIPS's weights");
      }
      return new ConsistencyTrainer(this);
    }
  }
}
