package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.listener.TrainingListener;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.nn.Weights;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Stage 1: trains a diffusion teacher on a view set. The same call resumes a run that was stopped.
 *
 * <pre>{@code
 * DiffusionTrainer.builder()
 *     .setModel(ModelConfig.tiny64())
 *     .setData(Path.of("views"))
 *     .setRun(Path.of("R1"))
 *     .build()
 *     .train();
 * }</pre>
 *
 * <p>The run's folder then holds {@code snapshots/latest}, a model folder of the averaged weights.
 */
public final class DiffusionTrainer {

  private final Builder settings;

  private DiffusionTrainer(Builder settings) {
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
   * @throws IOException if data cannot be read or the run cannot be written
   * @throws IllegalArgumentException if the model is no diffusion model, the run was started with
   *     other settings, or the data does not fit the model
   */
  public long train() throws IOException {
    if (settings.model.kind() != ModelConfig.Kind.DIFFUSION) {
      throw new IllegalArgumentException(
          "model " + settings.model.name() + " is a consistency model, expected a diffusion model");
    }
    ViewRun run =
        new ViewRun(settings.run, settings.data, settings.device, settings.progress, settings.stop);
    return run.train("diffusion", "", settings.model, settings.config, new Plan());
  }

  private final class Plan implements ViewRun.Plan {

    @Override
    public DenoiserBlock block(ViewNetwork network, ModelConfig model) {
      return DenoiserBlock.denoiser(network, new Preconditioning(model.sigmaData()));
    }

    @Override
    public void initialize(ViewNetwork network, NDManager manager, long seed) {
      Weights.initialize(network, manager, seed);
    }

    @Override
    public Stage stage(
        ViewNetwork network,
        ModelConfig model,
        NDManager manager,
        TrainingState state,
        Consumer<TrainingListener> listeners) {
      return new DenoisingStage(
          new Preconditioning(model.sigmaData()),
          new LogNormalLevels(model.noiseMean(), model.noiseDeviation()),
          settings.config.conditionDropout());
    }

    @Override
    public ViewSampler teacherSampler() {
      return null;
    }
  }

  /** Collects what a run needs: {@code set} methods are required, {@code opt} methods are not. */
  public static final class Builder {

    private ModelConfig model;
    private Path data;
    private Path run;
    private TrainingConfig config = TrainingConfig.diffusion();
    private Device device = Device.cpu();
    private Consumer<TrainingProgress> progress = p -> {};
    private BooleanSupplier stop = () -> false;

    private Builder() {}

    /**
     * Sets the network to train.
     *
     * @param value the configuration; its sigmaData is measured anew on the data
     * @return this builder
     */
    public Builder setModel(ModelConfig value) {
      model = value;
      return this;
    }

    /**
     * Sets the data.
     *
     * @param value a view set's folder
     * @return this builder
     */
    public Builder setData(Path value) {
      data = value;
      return this;
    }

    /**
     * Sets where the run is kept.
     *
     * @param value a new folder, or that of a run to resume
     * @return this builder
     */
    public Builder setRun(Path value) {
      run = value;
      return this;
    }

    /**
     * Sets how to train.
     *
     * @param value the settings; {@link TrainingConfig#diffusion} by default
     * @return this builder
     */
    public Builder optConfig(TrainingConfig value) {
      config = value;
      return this;
    }

    /**
     * Sets the device.
     *
     * @param value the device; the CPU by default
     * @return this builder
     */
    public Builder optDevice(Device value) {
      device = value;
      return this;
    }

    /**
     * Sets who hears of progress, about every ten seconds.
     *
     * @param value the listener
     * @return this builder
     */
    public Builder optProgress(Consumer<TrainingProgress> value) {
      progress = value;
      return this;
    }

    /**
     * Sets what may end this part of the run early.
     *
     * @param value asked after each step, on the thread that trains: true means save the state and
     *     return; the next call of {@code train} goes on from there
     * @return this builder
     */
    public Builder optStop(BooleanSupplier value) {
      stop = value;
      return this;
    }

    /**
     * Makes the trainer.
     *
     * @return the trainer
     */
    public DiffusionTrainer build() {
      Objects.requireNonNull(model, "setModel is required");
      Objects.requireNonNull(data, "setData is required");
      Objects.requireNonNull(run, "setRun is required");
      return new DiffusionTrainer(this);
    }
  }
}
