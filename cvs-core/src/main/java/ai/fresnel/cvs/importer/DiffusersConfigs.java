package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadNumber;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads the {@code config.json} of each part of a pipeline of diffusers. What our networks cannot
 * be is refused with the setting's name.
 */
final class DiffusersConfigs {

  /** Norms of transformers and of the autoencoder: diffusers has no setting for it. */
  private static final double FINE_EPSILON = 1e-6;

  private static final double TAESD_SCALE = 0.18215;
  private static final double TOLERANCE = 1e-9;

  private DiffusersConfigs() {}

  /** Reads a {@code UNet2DConditionModel}. */
  static UNetConfig unet(ForeignConfig config) throws ModelFormatException {
    config
        .require("_class_name", "\"UNet2DConditionModel\"")
        .require("act_fn", "\"silu\"")
        .require("addition_embed_type", "null")
        .require("attention_type", "\"default\"")
        .require("center_input_sample", "false")
        .require("class_embed_type", "null")
        .require("conv_in_kernel", "3")
        .require("conv_out_kernel", "3")
        .require("cross_attention_norm", "null")
        .require("downsample_padding", "1")
        .require("dual_cross_attention", "false")
        .require("encoder_hid_dim", "null")
        .require("encoder_hid_dim_type", "null")
        .require("flip_sin_to_cos", "true")
        .require("freq_shift", "0")
        .require("mid_block_scale_factor", "1")
        .require("mid_block_type", "\"UNetMidBlock2DCrossAttn\"")
        .require("num_class_embeds", "null")
        .require("only_cross_attention", "false")
        .require("resnet_out_scale_factor", "1.0")
        .require("resnet_skip_time_act", "false")
        .require("resnet_time_scale_shift", "\"default\"")
        .require("reverse_transformer_layers_per_block", "null")
        .require("time_cond_proj_dim", "null")
        .require("time_embedding_act_fn", "null")
        .require("time_embedding_dim", "null")
        .require("time_embedding_type", "\"positional\"")
        .require("timestep_post_act", "null");
    List<Integer> channels = config.integers("block_out_channels");
    List<String> down = config.strings("down_block_types");
    if (down.size() != channels.size()) {
      throw config.wrong("down_block_types", "as many as block_out_channels");
    }
    int blocks = config.integer("layers_per_block");
    int depth = config.integer("transformer_layers_per_block", 1);
    List<Integer> depths = new ArrayList<>();
    List<String> up = new ArrayList<>();
    for (String type : down) {
      boolean attends = type.equals("CrossAttnDownBlock2D");
      if (!attends && !type.equals("DownBlock2D")) {
        throw config.wrong("down_block_types", "CrossAttnDownBlock2D and DownBlock2D alone");
      }
      depths.add(attends ? depth : 0);
      up.add(attends ? "CrossAttnUpBlock2D" : "UpBlock2D");
    }
    Collections.reverse(up);
    if (!config.strings("up_block_types").equals(up)) {
      throw config.wrong("up_block_types", "those of the way down in reverse: " + up);
    }
    // The first name is the older one, and wrong: it is the number of heads.
    String heads =
        config.isGiven("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    int number = config.integer(heads);
    int context = config.integer("cross_attention_dim");
    int groups = config.integer("norm_num_groups");
    double epsilon = config.number("norm_eps", 1e-5);
    boolean linear = config.bool("use_linear_projection", false);
    return made(
        config,
        () -> {
          List<Level> levels = new ArrayList<>();
          for (int i = 0; i < channels.size(); i++) {
            levels.add(new Level(channels.get(i), blocks, depths.get(i)));
          }
          return new UNetConfig(
              levels,
              depth,
              new Attention(
                  new HeadNumber(number), context, linear, new Norm(groups, FINE_EPSILON)),
              new Norm(groups, epsilon),
              Modulation.SHIFT,
              4 * channels.get(0),
              false,
              false);
        });
  }

  /** Reads an {@code AutoencoderKL}. */
  static AutoencoderConfig.KlVae vae(ForeignConfig config) throws ModelFormatException {
    config
        .require("_class_name", "\"AutoencoderKL\"")
        .require("act_fn", "\"silu\"")
        .require("in_channels", "3")
        .require("out_channels", "3")
        .require("latents_mean", "null")
        .require("latents_std", "null")
        .require("mid_block_add_attention", "true")
        .require("shift_factor", "null")
        .require("use_post_quant_conv", "true")
        .require("use_quant_conv", "true");
    List<Integer> channels = config.integers("block_out_channels");
    requireAll(config, "down_block_types", "DownEncoderBlock2D", channels.size());
    requireAll(config, "up_block_types", "UpDecoderBlock2D", channels.size());
    int blocks = config.integer("layers_per_block");
    int groups = config.integer("norm_num_groups", 32);
    int latent = config.integer("latent_channels");
    double scale = config.number("scaling_factor", TAESD_SCALE);
    return made(
        config,
        () ->
            new AutoencoderConfig.KlVae(
                channels, blocks, new Norm(groups, FINE_EPSILON), latent, scale));
  }

  /** Reads an {@code AutoencoderTiny}. */
  static AutoencoderConfig.Taesd taesd(ForeignConfig config) throws ModelFormatException {
    config
        .require("_class_name", "\"AutoencoderTiny\"")
        .require("act_fn", "\"relu\"")
        .require("in_channels", "3")
        .require("out_channels", "3")
        .require("scaling_factor", "1.0")
        .require("shift_factor", "0.0")
        .require("upsample_fn", "\"nearest\"")
        .require("upsampling_scaling_factor", "2");
    List<Integer> widths = new ArrayList<>(config.integers("encoder_block_out_channels"));
    widths.addAll(config.integers("decoder_block_out_channels"));
    if (widths.isEmpty() || widths.stream().distinct().count() > 1) {
      throw config.wrong("encoder_block_out_channels", "one width, the decoder's as well");
    }
    List<Integer> encoder = config.integers("num_encoder_blocks");
    List<Integer> decoder = config.integers("num_decoder_blocks");
    int latent = config.integer("latent_channels");
    return made(
        config,
        () -> new AutoencoderConfig.Taesd(widths.get(0), encoder, decoder, latent, TAESD_SCALE));
  }

  /** Reads transformers' {@code CLIPVisionModelWithProjection}. */
  static ClipConfig clip(ForeignConfig config) throws ModelFormatException {
    config
        .require("model_type", "\"clip_vision_model\"")
        .require("hidden_act", "\"quick_gelu\"")
        .require("layer_norm_eps", "1e-5")
        .require("num_channels", "3");
    int[] sizes = {
      config.integer("image_size"),
      config.integer("patch_size"),
      config.integer("hidden_size"),
      config.integer("num_hidden_layers"),
      config.integer("num_attention_heads"),
      config.integer("intermediate_size"),
      config.integer("projection_dim")
    };
    return made(
        config,
        () -> new ClipConfig(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6]));
  }

  /**
   * Checks the schedule of Stable Diffusion 1.x, with which Zero123 was trained. A converter once
   * wrote betas from 0.02 to 0.085, with which no view is right.
   */
  static void requireSchedule(ForeignConfig config) throws ModelFormatException {
    config
        .require("beta_schedule", "\"scaled_linear\"")
        .require("num_train_timesteps", "1000")
        .require("prediction_type", "\"epsilon\"")
        .require("clip_sample", "false")
        .require("thresholding", "false")
        .require("trained_betas", "null")
        .require("rescale_betas_zero_snr", "false");
    double start = config.number("beta_start");
    double end = config.number("beta_end");
    if (Math.abs(start - 0.02) < TOLERANCE && Math.abs(end - 0.085) < TOLERANCE) {
      throw new ModelFormatException(
          config
              + ": betas from 0.02 to 0.085: a converter is known to have written these by mistake;"
              + " expected beta_start 0.00085 and beta_end 0.012, as the network was trained");
    }
    if (Math.abs(start - 0.00085) > TOLERANCE) {
      throw config.wrong("beta_start", "0.00085");
    }
    if (Math.abs(end - 0.012) > TOLERANCE) {
      throw config.wrong("beta_end", "0.012");
    }
  }

  private static void requireAll(ForeignConfig config, String setting, String type, int count)
      throws ModelFormatException {
    if (!config.strings(setting).equals(Collections.nCopies(count, type))) {
      throw config.wrong(setting, type + " for each of block_out_channels");
    }
  }

  /** Makes a configuration of ours, whose checks do not know the file. */
  private static <T> T made(ForeignConfig config, Supplier<T> maker) throws ModelFormatException {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException(config + ": not supported: " + e.getMessage(), e);
    }
  }
}
