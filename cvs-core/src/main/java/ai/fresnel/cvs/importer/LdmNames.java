package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.model.UNetConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says where the tensors of diffusers' and transformers' folders are in a checkpoint of latent
 * diffusion (Rombach et al. 2022; Liu et al. 2023), for any number of levels.
 *
 * @param unet the U-Net's shape: the checkpoint numbers its blocks through all levels
 * @param vaeLevels resolutions of the autoencoder, whose decoder the checkpoint lists from the
 *     finest, in the other order
 * @param averaged whether the U-Net's weights are the averaged ones, {@code model_ema}
 */
record LdmNames(UNetConfig unet, int vaeLevels, boolean averaged) {

  /** The prefix of the U-Net. */
  static final String UNET = "model.diffusion_model.";

  /** The prefix of the averaged weights of the model, which has the U-Net alone. */
  static final String AVERAGED = "model_ema.";

  /** The prefix of the autoencoder. */
  static final String VAE = "first_stage_model.";

  /** The prefix of CLIP's two networks. */
  static final String CLIP = "cond_stage_model.model.";

  /** The prefix of the one that is used. */
  static final String CLIP_VISION = CLIP + "visual.";

  private static final String CC_PROJECTION = "cc_projection.";

  private static final Pattern SIDE =
      Pattern.compile(
          "(down|up)_blocks\\.(\\d+)\\.(resnets|attentions|\\w+samplers)\\.(\\d+)\\.(.+)");

  private static final Pattern MIDDLE =
      Pattern.compile("mid_block\\.(resnets|attentions)\\.(\\d+)\\.(.+)");

  private static final Pattern CLIP_LAYER =
      Pattern.compile("vision_model\\.encoder\\.layers\\.(\\d+)\\.(.+)\\.(\\w+)");

  private static final Map<String, String> UNET_ENDS =
      names(
          "time_embedding.linear_1.", "time_embed.0.",
          "time_embedding.linear_2.", "time_embed.2.",
          "conv_in.", "input_blocks.0.0.",
          "conv_norm_out.", "out.0.",
          "conv_out.", "out.2.");

  private static final Map<String, String> UNET_RESIDUAL =
      names(
          "norm1.", "in_layers.0.",
          "conv1.", "in_layers.2.",
          "time_emb_proj.", "emb_layers.1.",
          "norm2.", "out_layers.0.",
          "conv2.", "out_layers.3.",
          "conv_shortcut.", "skip_connection.");

  private static final Map<String, String> VAE_ATTENTION =
      names(
          "group_norm.", "norm.",
          "to_q.", "q.",
          "to_k.", "k.",
          "to_v.", "v.",
          "to_out.0.", "proj_out.");

  private static final Map<String, String> CLIP_ENDS =
      names(
          "vision_model.embeddings.class_embedding", "class_embedding",
          "vision_model.embeddings.patch_embedding.", "conv1.",
          "vision_model.embeddings.position_embedding.weight", "positional_embedding",
          "vision_model.pre_layrnorm.", "ln_pre.",
          "vision_model.post_layernorm.", "ln_post.");

  private static final Map<String, String> CLIP_PARTS =
      names(
          "layer_norm1", "ln_1",
          "layer_norm2", "ln_2",
          "mlp.fc1", "mlp.c_fc",
          "mlp.fc2", "mlp.c_proj",
          "self_attn.out_proj", "attn.out_proj");

  private static Map<String, String> names(String... pairs) {
    Map<String, String> names = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      names.put(pairs[i], pairs[i + 1]);
    }
    return names;
  }

  /**
   * Finds a tensor.
   *
   * @param folder a folder of {@link DiffusersNames}
   * @param name a name in it
   * @return where it comes from in a checkpoint
   */
  Origin origin(String folder, String name) {
    return switch (folder) {
      case DiffusersNames.UNET -> new Origin.Whole(stored(UNET + unetName(name)));
      case DiffusersNames.VAE -> vae(VAE, vaeLevels, name);
      case DiffusersNames.IMAGE_ENCODER -> clip(name);
      case DiffusersNames.CC_PROJECTION ->
          new Origin.Whole(CC_PROJECTION + name.replaceFirst("^projection\\.", ""));
      default -> throw new IllegalArgumentException("folder is " + folder);
    };
  }

  /** The averaged weights have names without dots: names of parameters may not have them. */
  private String stored(String name) {
    return averaged ? AVERAGED + name.substring("model.".length()).replace(".", "") : name;
  }

  private String unetName(String name) {
    Matcher middle = MIDDLE.matcher(name);
    if (middle.matches()) {
      boolean residual = middle.group(1).equals("resnets");
      int place = residual ? 2 * Integer.parseInt(middle.group(2)) : 1;
      return "middle_block." + place + "." + inside(residual, middle.group(3));
    }
    Matcher side = SIDE.matcher(name);
    if (!side.matches()) {
      return renamed(name, UNET_ENDS);
    }
    boolean down = side.group(1).equals("down");
    int step = Integer.parseInt(side.group(2));
    int index = Integer.parseInt(side.group(4));
    String rest = side.group(5);
    int first = firstBlock(down, step);
    String blocks = down ? "input_blocks." : "output_blocks.";
    int level = level(down, step);
    int count = unet.levels().get(level).blocks();
    return switch (side.group(3)) {
      case "resnets" -> blocks + (first + index) + ".0." + inside(true, rest);
      case "attentions" -> blocks + (first + index) + ".1." + rest;
      // On the way down this is a block of its own, on the way up the last part of the last one.
      case "downsamplers" -> blocks + (first + count) + ".0." + rest.replaceFirst("^conv", "op");
      default ->
          blocks
              + (first + count)
              + (unet.levels().get(level).attentionDepth() > 0 ? ".2." : ".1.")
              + rest;
    };
  }

  private int level(boolean down, int step) {
    return Math.max(0, down ? step : unet.levels().size() - 1 - step);
  }

  /**
   * Returns the number of a level's first block. Both ways have one block more than residual ones.
   */
  private int firstBlock(boolean down, int step) {
    int first = down ? 1 : 0;
    for (int before = 0; before < step; before++) {
      first += unet.levels().get(level(down, before)).blocks() + 1;
    }
    return first;
  }

  private static String inside(boolean residual, String name) {
    return residual ? renamed(name, UNET_RESIDUAL) : name;
  }

  /**
   * Finds a tensor of the autoencoder.
   *
   * @param prefix what the names begin with in the checkpoint
   * @param levels its resolutions, which the checkpoint's decoder lists from the finest
   * @param name a name of diffusers
   */
  static Origin vae(String prefix, int levels, String name) {
    int half = name.indexOf('.') + 1;
    String side = prefix + name.substring(0, half);
    String rest = name.substring(half);
    Matcher middle = MIDDLE.matcher(rest);
    if (middle.matches()) {
      int place = Integer.parseInt(middle.group(2)) + 1;
      if (middle.group(1).equals("resnets")) {
        return new Origin.Whole(side + "mid.block_" + place + "." + shortcut(middle.group(3)));
      }
      String stored = side + "mid.attn_" + place + "." + renamed(middle.group(3), VAE_ATTENTION);
      // Products are 1×1 convolutions in the checkpoint.
      return stored.endsWith(".weight") && !stored.contains(".norm.")
          ? new Origin.Flattened(stored)
          : new Origin.Whole(stored);
    }
    Matcher level = SIDE.matcher(rest);
    if (!level.matches()) {
      return new Origin.Whole(side + rest.replaceFirst("^conv_norm_out", "norm_out"));
    }
    int step = Integer.parseInt(level.group(2));
    String place =
        level.group(1).equals("down") ? "down." + step + "." : "up." + (levels - 1 - step) + ".";
    return new Origin.Whole(
        switch (level.group(3)) {
          case "resnets" ->
              side + place + "block." + level.group(4) + "." + shortcut(level.group(5));
          default -> side + place + level.group(1) + "sample." + level.group(5);
        });
  }

  private static String shortcut(String name) {
    return name.replaceFirst("^conv_shortcut", "nin_shortcut");
  }

  /** Finds a tensor of CLIP: OpenAI's names, with one product for queries, keys and values. */
  private static Origin clip(String name) {
    if (name.equals("visual_projection.weight")) {
      return new Origin.Transposed(CLIP_VISION + "proj");
    }
    Matcher layer = CLIP_LAYER.matcher(name);
    if (!layer.matches()) {
      return new Origin.Whole(CLIP_VISION + renamed(name, CLIP_ENDS));
    }
    String inside = CLIP_VISION + "transformer.resblocks." + layer.group(1) + ".";
    String part = layer.group(2);
    String end = layer.group(3);
    String joined = inside + "attn.in_proj_" + end;
    return switch (part) {
      case "self_attn.q_proj" -> new Origin.Rows(joined, 0, 3);
      case "self_attn.k_proj" -> new Origin.Rows(joined, 1, 3);
      case "self_attn.v_proj" -> new Origin.Rows(joined, 2, 3);
      default -> new Origin.Whole(inside + CLIP_PARTS.getOrDefault(part, part) + "." + end);
    };
  }

  /** Replaces the beginning of a name. */
  private static String renamed(String name, Map<String, String> beginnings) {
    for (Map.Entry<String, String> entry : beginnings.entrySet()) {
      if (name.startsWith(entry.getKey())) {
        return entry.getValue() + name.substring(entry.getKey().length());
      }
    }
    return name;
  }
}
