package ai.fresnel.cvs.importer;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.importer.ImportSettings.UNetWeights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Reads models of the Zero123 family: pipelines of diffusers and checkpoints of latent diffusion.
 */
final class Zero123Import {

  /** The folders with the weights of a pipeline. */
  static final List<String> FOLDERS =
      List.of(
          DiffusersNames.UNET,
          DiffusersNames.VAE,
          DiffusersNames.IMAGE_ENCODER,
          DiffusersNames.CC_PROJECTION);

  private static final String BETAS = "betas";
  private static final double TOLERANCE = 1e-6;

  /** What a checkpoint has of its schedule, which is checked by its betas. */
  private static final Pattern SCHEDULE =
      Pattern.compile(
          "betas|(sqrt_|log_)?(recip_|recipm1_|one_minus_)?alphas_cumprod(_prev)?"
              + "|posterior_\\w+|lvlb_weights|logvar|scale_factor|ddim_\\w+");

  /** The averages' own numbers. */
  private static final Set<String> OF_AVERAGES = Set.of("model_ema.decay", "model_ema.num_updates");

  /** Image statistics that the encoder registers. */
  private static final Set<String> OF_CLIP =
      Set.of("cond_stage_model.mean", "cond_stage_model.std");

  /** A buffer that older versions of transformers saved. */
  private static final String POSITION_IDS =
      DiffusersNames.IMAGE_ENCODER + "/vision_model.embeddings.position_ids";

  private Zero123Import() {}

  /**
   * Finds the model's arrays in a pipeline.
   *
   * @param file the pipeline's weights
   * @param config the model
   * @throws ModelFormatException if they do not fit the model
   */
  static MappedWeights inPipeline(JoinedWeights file, ModelConfig config)
      throws ModelFormatException {
    return find(
        file,
        config,
        (folder, name) -> {
          String prefix = folder + "/";
          String found = folder.equals(DiffusersNames.VAE) ? OldNames.of(file, prefix, name) : name;
          return new Origin.Whole(prefix + found);
        },
        POSITION_IDS::equals);
  }

  /**
   * Returns whether a checkpoint has averages of the U-Net's weights.
   *
   * @param file the checkpoint
   */
  static boolean hasAverages(WeightFile file) {
    return file.names().stream()
        .anyMatch(name -> name.startsWith(LdmNames.AVERAGED) && !OF_AVERAGES.contains(name));
  }

  /**
   * Finds the model's arrays in a checkpoint.
   *
   * @param file the checkpoint
   * @param config the model
   * @param unet which of its U-Nets to take
   * @throws IOException if they do not fit the model, or its noise was another
   */
  static MappedWeights inCheckpoint(WeightFile file, ModelConfig config, UNetWeights unet)
      throws IOException {
    boolean averaged = unet == UNetWeights.AVERAGED;
    LdmNames names = new LdmNames(config.unet(), levelsOfVae(config), averaged);
    Predicate<String> otherUnet =
        averaged
            ? name -> name.startsWith(LdmNames.UNET) || OF_AVERAGES.contains(name)
            : name -> name.startsWith(LdmNames.AVERAGED);
    Predicate<String> text =
        name -> name.startsWith(LdmNames.CLIP) && !name.startsWith(LdmNames.CLIP_VISION);
    MappedWeights found =
        find(
            file,
            config,
            names::origin,
            otherUnet.or(text).or(OF_CLIP::contains).or(name -> SCHEDULE.matcher(name).matches()));
    if (file.names().contains(BETAS)) {
      requireSchedule(file, (ScalingConfig.Discrete) config.scaling());
    }
    return found;
  }

  private static void requireSchedule(WeightFile file, ScalingConfig.Discrete expected)
      throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        NDArray betas = file.read(manager, BETAS)) {
      float[] values = betas.toFloatArray();
      boolean same =
          values.length == expected.timesteps()
              && Math.abs(values[0] - expected.betaStart()) < TOLERANCE
              && Math.abs(values[values.length - 1] - expected.betaEnd()) < TOLERANCE;
      if (!same) {
        throw new ModelFormatException(
            "%s: %d betas%s, expected %d from %s to %s"
                .formatted(
                    file,
                    values.length,
                    values.length == 0
                        ? ""
                        : " from " + values[0] + " to " + values[values.length - 1],
                    expected.timesteps(),
                    expected.betaStart(),
                    expected.betaEnd()));
      }
    }
  }

  private static MappedWeights find(
      WeightFile file,
      ModelConfig config,
      BiFunction<String, String, Origin> origin,
      Predicate<String> leftAside)
      throws ModelFormatException {
    DiffusersNames names = new DiffusersNames(config.unet().levels().size(), levelsOfVae(config));
    return MappedWeights.of(
        file,
        Weights.shapes(new ViewModel(config)),
        path -> {
          DiffusersNames.Source source = names.source(path);
          return Origin.joined(
              source.names().stream().map(name -> origin.apply(source.folder(), name)).toList());
        },
        leftAside);
  }

  /** The factor is 2 for each level but the first. */
  private static int levelsOfVae(ModelConfig config) {
    int factor = config.codec().autoencoder().orElseThrow().factor();
    return 1 + Integer.numberOfTrailingZeros(factor);
  }
}
