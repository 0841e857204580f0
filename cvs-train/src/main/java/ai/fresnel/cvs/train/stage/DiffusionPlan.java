package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.util.Pair;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stage 1: the whole network learns to denoise, or its volume alone learns to render. */
public final class DiffusionPlan implements StagePlan {

  private static final Logger LOG = LoggerFactory.getLogger(DiffusionPlan.class);

  private final TrainingConfig config;
  private final Optional<Start> start;
  private final Optional<Lpips> lpips;

  /** The weights that a network starts from. */
  public sealed interface Start {

    /**
     * The weights of a whole model.
     *
     * @param folder the open model folder
     * @param grows whether the network may differ from the model's: then it takes what fits
     */
    record Model(ModelFolder folder, boolean grows) implements Start {}

    /**
     * The weights of frozen parts, beside random ones.
     *
     * @param folders the open folders of the encoder and of the autoencoder that the network's
     *     configuration names, or of one of them
     */
    record Parts(List<PartFolder> folders) implements Start {

      /**
       * Copies the folders.
       *
       * @param folders as above
       */
      public Parts {
        folders = List.copyOf(folders);
      }
    }
  }

  /**
   * Makes the plan.
   *
   * @param config the run's settings
   * @param start the weights to start from; empty for random ones
   */
  public DiffusionPlan(TrainingConfig config, Optional<Start> start) {
    this(config, start, Optional.empty());
  }

  /**
   * Makes the plan.
   *
   * @param config the run's settings
   * @param start the weights to start from; empty for random ones
   * @param lpips compares images for the loss that needs it; may be empty where there is none
   */
  public DiffusionPlan(TrainingConfig config, Optional<Start> start, Optional<Lpips> lpips) {
    this.config = config;
    this.start = start;
    this.lpips = lpips;
  }

  @Override
  public ViewModel create(ModelConfig model, Precision precision) {
    ViewModel network = new ViewModel(model, precision);
    if (config.volumeAlone()) {
      network.keepAllButVolume();
    } else if (denoising().headAlone()) {
      network.keepEncoders();
    }
    return network;
  }

  @Override
  public TrainedBlock block(ViewModel network, ModelConfig model) {
    if (config.volumeAlone()) {
      return new VolumeBlock(network);
    }
    return DenoiserBlock.denoiser(network, new EdmScaling(model.sigmaData()));
  }

  @Override
  public void initialize(ViewModel network, NDManager manager, long seed) throws IOException {
    Weights.initialize(network, manager, seed);
    if (start.isPresent()) {
      if (start.get() instanceof Start.Parts parts) {
        for (PartFolder folder : parts.folders()) {
          folder.load(Weights.arrays(part(network, folder.config())));
        }
      } else if (start.get() instanceof Start.Model model) {
        load(model, network);
      }
    }
  }

  /** Returns the frozen block that a part's folder has the weights of. */
  private static Block part(ViewModel network, PartConfig config) {
    Class<? extends Block> kind =
        config instanceof PartConfig.Dino ? DinoV2.class : LatentCodec.class;
    return Weights.children(network).stream()
        .map(Pair::getValue)
        .filter(kind::isInstance)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public StateCodec codec(ModelConfig model, NDManager manager) throws IOException {
    StateCodec codec = StateCodec.of(model, Precision.FLOAT32);
    if (codec instanceof LatentCodec autoencoder) {
      Weights.initialize(autoencoder, manager, 0);
      if (start.isPresent() && start.get() instanceof Start.Model from) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        codec
            .blocks()
            .forEach(
                (name, block) ->
                    Weights.arrays(block)
                        .forEach((path, array) -> arrays.put(name + "." + path, array)));
        from.folder().loadWhatFits(arrays);
      } else if (start.isPresent() && start.get() instanceof Start.Parts parts) {
        for (PartFolder folder : parts.folders()) {
          if (folder.config() instanceof PartConfig.Autoencoder) {
            folder.load(Weights.arrays(autoencoder));
          }
        }
      }
    }
    return codec;
  }

  @Override
  public Map<String, String> parts() {
    Map<String, String> parts = new LinkedHashMap<>();
    if (start.isPresent() && start.get() instanceof Start.Parts imported) {
      for (PartFolder folder : imported.folders()) {
        boolean encodes = folder.config() instanceof PartConfig.Dino;
        parts.put(encodes ? "encoder" : "autoencoder", folder.identity());
      }
    }
    return parts;
  }

  private static void load(Start.Model start, ViewModel network) throws IOException {
    Map<String, NDArray> arrays = Weights.arrays(network);
    boolean sameHeads = network.config().heads().depth() == start.folder().config().heads().depth();
    if (sameHeads && !start.grows()) {
      start.folder().load(arrays);
      return;
    }
    Set<String> filled = start.folder().loadWhatFits(arrays);
    if (filled.isEmpty()) {
      throw new IllegalArgumentException(
          "model " + start.folder().path() + " has no weight that fits " + network.config().name());
    }
    LOG.info(
        "{} of {} weights start from {}, the others at random",
        filled.size(),
        arrays.size(),
        start.folder().path());
  }

  @Override
  public Stage stage(ViewModel network, ModelConfig model, NDManager manager, StageHost host) {
    if (config.stage() instanceof StageConfig.SceneAlone scene) {
      return new VolumeStage(model, scene);
    }
    StageConfig.Denoising stage = denoising();
    return new DenoisingStage(
        DiffusionProcess.of(model, network.codec()),
        new LogNormalSigmas(model.noise().mean(), model.noise().deviation()),
        stage.headAlone() ? StepEncoder.shared(network) : StepEncoder.each(),
        stage,
        lpips,
        config.of(model));
  }

  private StageConfig.Denoising denoising() {
    return config.stage() instanceof StageConfig.Denoising stage
        ? stage
        : StageConfig.Denoising.plain();
  }

  @Override
  public DiffusionPlan on(NDManager manager) {
    return new DiffusionPlan(config, start, lpips.map(distance -> distance.on(manager)));
  }

  @Override
  public Optional<ViewSampler> teacherSampler() {
    return Optional.empty();
  }
}
