package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.listener.EmaListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Stage 2: distils a diffusion teacher into a consistency student that draws in one pass. The same
 * call resumes a run that was stopped.
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
    try (NDManager manager = TorchRuntime.newManager(settings.device());
        ModelFolder folder = ModelFolder.open(settings.teacher)) {
      ModelConfig config = folder.config();
      if (config.kind() != ModelConfig.Kind.DIFFUSION) {
        throw new IllegalArgumentException(
            "teacher " + settings.teacher + " is a consistency model, expected a diffusion model");
      }
      ViewNetwork teacher = new ViewNetwork(config, settings.config().precision());
      Weights.initialize(teacher, manager, 0);
      folder.load(Weights.arrays(teacher));
      Weights.freeze(teacher, true);
      ModelConfig student = config.toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build();
      return settings
          .viewRun()
          .train(
              "consistency",
              settings.teacher.toString(),
              student,
              settings.config(),
              new Plan(teacher, config));
    }
  }

  private final class Plan implements ViewRun.Plan {

    private final ViewNetwork teacher;
    private final ModelConfig teacherConfig;

    Plan(ViewNetwork teacher, ModelConfig teacherConfig) {
      this.teacher = teacher;
      this.teacherConfig = teacherConfig;
    }

    @Override
    public DenoiserBlock block(ViewNetwork network, ModelConfig model) {
      return DenoiserBlock.consistency(
          network, new Preconditioning(model.sigmaData()), model.sigmaMin());
    }

    @Override
    public void initialize(ViewNetwork network, NDManager manager, long seed) {
      Weights.initialize(network, manager, seed);
      Map<String, NDArray> from = Weights.arrays(teacher);
      Weights.arrays(network).forEach((name, array) -> TensorLists.copy(from.get(name), array));
    }

    @Override
    public Stage stage(
        ViewNetwork network,
        ModelConfig model,
        NDManager manager,
        TrainingState state,
        Consumer<TrainingListener> listeners) {
      Preconditioning preconditioning = new Preconditioning(model.sigmaData());
      ViewNetwork target = network;
      if (settings.config().targetDecay() > 0) {
        target = new ViewNetwork(model, settings.config().precision());
        Weights.initialize(target, manager, 0);
        EmaWeights average = new EmaWeights(network, target);
        listeners.accept(new EmaListener(average, settings.config().targetDecay()));
        state.with("target", Weights.trainable(target));
      }
      return new ConsistencyStage(
          ConsistencyStage.Teacher.of(teacher, preconditioning),
          target,
          preconditioning,
          new NoiseSchedule(model.sigmaMin(), model.sigmaMax(), model.rho()),
          settings.config());
    }

    @Override
    public ViewSampler teacherSampler() {
      return ViewSampler.of(teacher, teacherConfig);
    }
  }

  /** Collects what a run needs: {@code set} methods are required, {@code opt} methods are not. */
  public static final class Builder extends RunBuilder<Builder> {

    private Path teacher;

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
     * Makes the trainer.
     *
     * @return the trainer
     */
    public ConsistencyTrainer build() {
      Objects.requireNonNull(teacher, "setTeacher is required");
      return new ConsistencyTrainer(this);
    }
  }
}
