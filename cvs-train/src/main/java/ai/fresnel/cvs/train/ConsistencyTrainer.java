package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.ConsistencyMethod;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.memory.MemoryModel;
import ai.fresnel.cvs.train.memory.MemoryPlan;
import ai.fresnel.cvs.train.schedule.SigmaPairs;
import ai.fresnel.cvs.train.stage.ConsistencyPlan;
import ai.fresnel.cvs.train.stage.LatentConsistencyPlan;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

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
              ConsistencyPlan.student(settings.model, settings.config()),
              settings.config(),
              settings.plan(Optional.empty()));
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
              settings.student(config),
              settings.config(),
              settings.latent().isPresent()
                  ? new LatentConsistencyPlan(settings.config(), teacher)
                  : settings.plan(Optional.of(teacher)));
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
    } else if (settings.config().stage().trainsTeacher()) {
      teacher = settings.model;
    }
    ModelConfig from = settings.teacher == null ? settings.model : teacher;
    return settings.settle(MemoryModel.consistency(settings.student(from), teacher));
  }

  private ViewModel teacher(ModelFolder folder, NDManager manager) throws IOException {
    boolean trained = settings.config().stage().trainsTeacher();
    // A teacher's head has no loss here: where it is trained, it goes without.
    boolean headless = trained && folder.config().heads().depth();
    ModelConfig config =
        headless
            ? folder.config().toBuilder().heads(h -> h.withDepth(false)).build()
            : folder.config();
    ViewModel teacher = new ViewModel(config, settings.config().compute().precision());
    Weights.initialize(teacher, manager, 0);
    if (headless) {
      folder.loadWhatFits(Weights.arrays(teacher));
    } else {
      folder.load(Weights.arrays(teacher));
    }
    Weights.freeze(teacher, !trained);
    return teacher;
  }

  /** The stage with all that a recipe does not say: a run resumes only with the same. */
  private String stageName() {
    if (settings.latent().isPresent()) {
      return "latent consistency";
    }
    String name = "consistency";
    if (settings.pairs != null) {
      name += " with " + settings.pairs;
    }
    if (settings.config().student().needsLpips()) {
      name += " by LPIPS of " + settings.lpips.net() + " at " + settings.lpips.side();
    }
    return name;
  }

  /** Collects what a run needs: {@code set} methods are required, {@code opt} methods are not. */
  public static final class Builder extends RunBuilder<Builder> {

    private Path teacher;
    private ModelConfig model;
    private SigmaPairs pairs;
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
     * Pairs sigmas otherwise than a recipe can say.
     *
     * @param value the schedule, to be given again where the run is resumed
     * @return this builder
     */
    public Builder optSigmaPairs(SigmaPairs value) {
      pairs = value;
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

    /** The stage, where it is that of a published latent model. */
    private Optional<StageConfig.LatentConsistency> latent() {
      return config().stage() instanceof StageConfig.LatentConsistency stage
          ? Optional.of(stage)
          : Optional.empty();
    }

    private ModelConfig student(ModelConfig from) {
      return latent()
          .map(stage -> LatentConsistencyPlan.student(from, stage))
          .orElseGet(() -> ConsistencyPlan.student(from, config()));
    }

    private ConsistencyPlan plan(Optional<ViewModel> network) {
      SigmaPairs drawn = pairs == null ? config().student().sigmas().pairs() : pairs;
      return new ConsistencyPlan(config(), drawn, Optional.ofNullable(lpips), network);
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
      if (latent().isPresent()) {
        if (teacher == null) {
          throw new IllegalArgumentException(
              "stage is latentConsistency, expected consistency where there is no teacher");
        }
        return new ConsistencyTrainer(this);
      }
      ConsistencyPlan.requireStudent(config());
      ConsistencyMethod method = config().stage().partner().orElseThrow();
      boolean taught = method != ConsistencyMethod.TRAINING && !config().stage().trainsTeacher();
      if (teacher == null && taught) {
        throw new IllegalArgumentException(
            "method is "
                + method.toString().toLowerCase(Locale.ROOT)
                + ", expected training, or trainTeacher, where there is no teacher");
      }
      if (teacher == null && config().student().losses().adversarial() > 0) {
        throw new IllegalArgumentException(
            "adversarial is "
                + config().student().losses().adversarial()
                + ", expected 0 where there is no teacher, through whose features the discriminator"
                + " looks");
      }
      if (lpips == null && config().student().needsLpips()) {
        throw new IllegalArgumentException(
            "distance is "
                + config().student().match().distance().toString().toLowerCase(Locale.ROOT)
                + " and perceptual is "
                + config().student().losses().perceptual()
                + ", expected no lpips and 0 without LPIPS's weights");
      }
      return new ConsistencyTrainer(this);
    }
  }
}
