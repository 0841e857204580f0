package ai.fresnel.cvs.importer;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.model.DinoConfig;
import java.util.Optional;

/**
 * Reads DINOv2s: state dictionaries of facebookresearch in the original names, and folders of
 * transformers. The sizes are those of the arrays; the number of heads, which no array shows, is
 * that of transformers' configuration, or the published one of 64 channels a head.
 */
final class DinoImport {

  private static final int HEAD_CHANNELS = 64;

  private DinoImport() {}

  /**
   * An encoder in a file.
   *
   * @param config its sizes
   * @param weights its arrays by our names
   */
  record Found(DinoConfig config, MappedWeights weights) {}

  /**
   * Finds the encoder in a file.
   *
   * @param file the file
   * @param description transformers' {@code config.json}, if there is one
   * @throws ModelFormatException if it is no DINOv2
   */
  static Found find(WeightFile file, Optional<ForeignConfig> description)
      throws ModelFormatException {
    boolean foreign = file.names().contains(DinoNames.CLASS_TOKEN);
    DinoConfig config = sizes(file, foreign, description);
    if (description.isPresent()) {
      requireSizes(description.get(), config);
    }
    return new Found(
        config,
        MappedWeights.of(
            file,
            Weights.shapes(DinoV2.of(config)),
            foreign ? DinoNames::transformers : Origin.Whole::new,
            name -> false));
  }

  private static DinoConfig sizes(
      WeightFile file, boolean foreign, Optional<ForeignConfig> description)
      throws ModelFormatException {
    int width = (int) side(file, foreign, "cls_token", 3, 2);
    long positions = side(file, foreign, "pos_embed", 3, 1) - 1;
    int grid = (int) Math.round(Math.sqrt((double) positions));
    if ((long) grid * grid != positions) {
      throw new ModelFormatException(
          file + ": positions for " + positions + " patches, expected a square number");
    }
    int depth = 0;
    while (file.names().contains(name(foreign, "blocks." + depth + ".norm1.weight"))) {
      depth++;
    }
    if (file.names().stream().anyMatch(name -> name.matches(".*\\.mlp\\.(w12|weights_in)\\..*"))) {
      throw new ModelFormatException(
          file + ": a DINOv2 with SwiGLU (ViT-g), expected ViT-S, ViT-B or ViT-L");
    }
    boolean hasRegisters = file.names().contains(name(foreign, "register_tokens"));
    int registers = hasRegisters ? (int) side(file, foreign, "register_tokens", 3, 1) : 0;
    int heads = width / HEAD_CHANNELS;
    if (description.isPresent()) {
      heads = description.get().integer("num_attention_heads");
    } else if (width % HEAD_CHANNELS != 0) {
      throw new ModelFormatException(
          file
              + ": tokens of "
              + width
              + " channels, expected a multiple of 64 as published, or the number of heads in"
              + " transformers' config.json");
    }
    try {
      return new DinoConfig(width, depth, heads, grid, registers);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(file + ": no DINOv2: " + e.getMessage(), e);
    }
  }

  private static String name(boolean foreign, String ours) {
    return foreign ? DinoNames.transformers(ours).names().get(0) : ours;
  }

  /** Returns a side of an array, which fits an int. */
  private static long side(WeightFile file, boolean foreign, String ours, int rank, int axis)
      throws ModelFormatException {
    String name = name(foreign, ours);
    if (!file.names().contains(name)) {
      throw new ModelFormatException(file + ": no DINOv2: it has no tensor " + Json.quote(name));
    }
    Shape shape = file.shape(name);
    if (shape.dimension() != rank || shape.get(axis) < 1 || shape.get(axis) > 1 << 20) {
      throw new ModelFormatException(
          "%s: no DINOv2: tensor %s has %s".formatted(file, Json.quote(name), shape));
    }
    return shape.get(axis);
  }

  private static void requireSizes(ForeignConfig config, DinoConfig found)
      throws ModelFormatException {
    config
        .require("hidden_size", String.valueOf(found.width()))
        .require("num_hidden_layers", String.valueOf(found.depth()))
        .require("patch_size", String.valueOf(DinoConfig.PATCH))
        .require("num_channels", "3")
        .require("mlp_ratio", "4")
        .require("hidden_act", "\"gelu\"")
        .require("layer_norm_eps", "1e-6")
        .require("qkv_bias", "true")
        .require("use_swiglu_ffn", "false");
    String type = config.string("model_type");
    if (!type.equals("dinov2") && !type.equals("dinov2_with_registers")) {
      throw config.wrong("model_type", "\"dinov2\" or \"dinov2_with_registers\"");
    }
  }
}
