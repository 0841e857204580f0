package ai.fresnel.cvs.train;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.memory.MemoryModel;
import ai.fresnel.cvs.train.memory.MemoryPlan;
import ai.fresnel.cvs.train.stage.DiffusionPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * <p>With {@link Builder#setFrom} training goes on from an earlier model's weights, on the same
 * data or on other, in the same network or in one that has grown. The run's folder then holds
 * {@code snapshots/latest}, a model folder of the averaged weights.
 */
public final class DiffusionTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(DiffusionTrainer.class);

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
    if (settings.hasMemory()) {
      plan();
    }
    if (settings.from != null) {
      try (ModelFolder folder = ModelFolder.open(settings.from)) {
        requireDiffusion(folder.config());
        return settings
            .viewRun()
            .train(
                "diffusion",
                settings.from.toString(),
                grown(folder.config()),
                settings.config(),
                settings.stagePlan(
                    Optional.of(new DiffusionPlan.Start.Model(folder, settings.model != null))));
      }
    }
    requireDiffusion(settings.model);
    try (ImportedParts parts = ImportedParts.open(settings.encoder, settings.autoencoder)) {
      ModelConfig model = parts.in(settings.model);
      if (model.conditioner().hasEncoder() && settings.encoder == null) {
        LOG.warn(
            "{} has the encoder {}, whose weights are random here: import them and give them",
            model.name(),
            model.conditioner().encoder());
      }
      if (model.codec().autoencoder().isPresent() && settings.autoencoder == null) {
        throw new IllegalArgumentException(
            model.name()
                + " diffuses the latents of an autoencoder, expected the folder of an imported one"
                + " (--autoencoder)");
      }
      return train(model, parts.start());
    }
  }

  private long train(ModelConfig model, Optional<DiffusionPlan.Start> start) throws IOException {
    return settings
        .viewRun()
        .train("diffusion", "", withHeads(model), settings.config(), settings.stagePlan(start));
  }

  /**
   * Tells how the run fits into the memory that {@link Builder#optMemory} gives it.
   *
   * @return the plan, which {@link #train} follows
   * @throws IOException if the model to start from, or the run that is to go on, cannot be read
   * @throws IllegalArgumentException if it cannot fit
   */
  public MemoryPlan plan() throws IOException {
    ModelConfig model = settings.model;
    if (model == null) {
      try (ModelFolder folder = ModelFolder.open(settings.from)) {
        model = folder.config();
      }
    } else {
      try (ImportedParts parts = ImportedParts.open(settings.encoder, settings.autoencoder)) {
        model = parts.in(model);
      }
    }
    requireDiffusion(model);
    return settings.settle(MemoryModel.diffusion(withHeads(model)));
  }

  /** The network to train: weights keep the scale of the data they were trained with. */
  private ModelConfig grown(ModelConfig from) {
    if (settings.model == null) {
      return withHeads(from);
    }
    requireDiffusion(settings.model);
    return withHeads(settings.model).toBuilder().sigmaData(from.sigmaData()).build();
  }

  /** A head without a loss would learn nothing, so the recipe decides whether there is one. */
  private ModelConfig withHeads(ModelConfig model) {
    if (settings.config().stage() instanceof StageConfig.SceneAlone scene && !model.hasVolume()) {
      throw new IllegalArgumentException(
          "volumeTargets is "
              + scene.volumeTargets()
              + ", expected 0 for "
              + model.name()
              + ", which has no volume");
    }
    return model.toBuilder()
        .heads(h -> h.withDepth(settings.config().losses().depth() > 0))
        .build();
  }

  private static void requireDiffusion(ModelConfig model) {
    if (model.kind() != ModelConfig.Kind.DIFFUSION) {
      throw new IllegalArgumentException(
          "model " + model.name() + " is a consistency model, expected a diffusion model");
    }
  }

  /** Collects what a run needs: {@code set} methods are required, {@code opt} methods are not. */
  public static final class Builder extends RunBuilder<Builder> {

    private ModelConfig model;
    private Path from;
    private Lpips lpips;
    private Path encoder;
    private Path autoencoder;

    private Builder() {
      super(TrainingConfig.diffusion());
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets the network to train.
     *
     * @param value the configuration; its sigmaData is measured anew on the data, but for {@link
     *     #setFrom}
     * @return this builder
     */
    public Builder setModel(ModelConfig value) {
      model = value;
      return this;
    }

    /**
     * Starts from an earlier model in place of random weights. Its configuration stays; with {@link
     * #setModel} the network is that one's and takes every weight of the same name and shape, so
     * that a network grown by a part that adds nothing before training, such as the refiner, draws
     * what the smaller one drew. SigmaData is the earlier model's either way.
     *
     * @param value the model folder of a diffusion model
     * @return this builder
     */
    public Builder setFrom(Path value) {
      from = value;
      return this;
    }

    /**
     * Sets what compares images where the recipe has a perceptual loss. Unset by default.
     *
     * @param value LPIPS with its weights, on the run's device; stays the caller's to close
     * @return this builder
     */
    public Builder optLpips(Lpips value) {
      lpips = value;
      return this;
    }

    private DiffusionPlan stagePlan(Optional<DiffusionPlan.Start> start) {
      return new DiffusionPlan(config(), start, Optional.ofNullable(lpips));
    }

    /**
     * Gives the network of {@link #setModel} an imported frozen encoder, in place of the one that
     * its configuration names. Its weights are kept in the run's snapshots. A run that goes on
     * needs it again.
     *
     * @param value the folder of a DINOv2, as {@link ai.fresnel.cvs.importer.ModelImporter} writes
     *     it
     * @return this builder
     */
    public Builder optEncoder(Path value) {
      encoder = value;
      return this;
    }

    /**
     * Lets the network of {@link #setModel} diffuse the latents of an imported frozen autoencoder.
     * Its weights are kept in the run's snapshots. A run that goes on needs it again.
     *
     * @param value the folder of a KL-VAE or a TAESD, as {@link
     *     ai.fresnel.cvs.importer.ModelImporter} writes it
     * @return this builder
     */
    public Builder optAutoencoder(Path value) {
      autoencoder = value;
      return this;
    }

    /**
     * Makes the trainer.
     *
     * @return the trainer
     * @throws IllegalStateException if neither model nor from is set, or from and an imported part
     * @throws IllegalArgumentException if the settings are those of stage 2, or there is no LPIPS
     *     for a loss that needs it
     */
    public DiffusionTrainer build() {
      if (model == null && from == null) {
        throw new IllegalStateException("one of setModel and setFrom is required");
      }
      if (encoder != null && from != null) {
        throw new IllegalStateException("optEncoder is not for setFrom: the model has its own");
      }
      if (autoencoder != null && from != null) {
        throw new IllegalStateException("optAutoencoder is not for setFrom: the model has its own");
      }
      if (config().stage().consistency().isPresent()) {
        throw new IllegalArgumentException(
            "stage has a student, expected denoising or sceneAlone in stage 1");
      }
      if (lpips == null
          && config().stage() instanceof StageConfig.Denoising stage
          && stage.needsLpips()) {
        throw new IllegalArgumentException(
            "onePassLpips is " + stage.onePassLpips() + ", expected 0 without LPIPS's weights");
      }
      return new DiffusionTrainer(this);
    }
  }
}
