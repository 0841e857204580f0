package ai.fresnel.cvs.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says where the parameters of a model of the Zero123 family are in the folders that diffusers and
 * transformers write. Several tensors of theirs are one parameter here where one product computes
 * them: queries, keys and values. Shapes agree otherwise.
 *
 * <p>Our paths begin with the part of the model: {@code noise} and {@code unet} (the U-Net with its
 * time embedding), {@code vae}, {@code taesd}, {@code clip} and {@code cc_projection}.
 *
 * @param unetLevels resolutions of the U-Net, whose way up diffusers counts from the coarsest
 * @param vaeLevels resolutions of the VAE, whose decoder is counted likewise
 */
public record DiffusersNames(int unetLevels, int vaeLevels) {

  /** The folder of the U-Net in a pipeline's folder. */
  public static final String UNET = "unet";

  /** The folder of the KL-VAE. */
  public static final String VAE = "vae";

  /** The folder of the tiny VAE, which has the folder {@link #VAE} in pipelines that use it. */
  public static final String TAESD = "taesd";

  /** The folder of CLIP's vision transformer. */
  public static final String IMAGE_ENCODER = "image_encoder";

  /** The folder of the projection of embedding and pose. */
  public static final String CC_PROJECTION = "cc_projection";

  /**
   * The tensors that make one parameter.
   *
   * @param folder one of the folders above
   * @param names names in the folder's file, to be concatenated along the first axis
   */
  public record Source(String folder, List<String> names) {

    /**
     * Copies the list.
     *
     * @param folder the folder
     * @param names the names, at least one
     */
    public Source {
      names = List.copyOf(names);
    }
  }

  /** A place in a network of levels: {@code down0_block1.conv1.weight}. */
  private static final Pattern PLACE =
      Pattern.compile("(down|middle|up)(\\d?)_(block|attention|resample)(\\d*)\\.(.*)");

  private static final Pattern TRANSFORMER = Pattern.compile("block(\\d+)\\.(.*)");

  private static final Map<String, String> PARTS_OF_TRANSFORMER =
      names(
          "self.out.", "attn1.to_out.0.",
          "cross.q.", "attn2.to_q.",
          "cross.out.", "attn2.to_out.0.",
          "gate.", "ff.net.0.proj.",
          "out.", "ff.net.2.");

  private static final Map<String, String> OUTER =
      names(
          "in.conv.", "conv_in.",
          "out.norm.", "conv_norm_out.",
          "out.conv.", "conv_out.");

  private static final Map<String, String> RESIDUAL =
      names(
          "modulation.", "time_emb_proj.",
          "shortcut.", "conv_shortcut.");

  private static final Map<String, String> CLIP =
      names(
          "class_embedding", "vision_model.embeddings.class_embedding",
          "position_embedding", "vision_model.embeddings.position_embedding.weight",
          "patch_embedding.", "vision_model.embeddings.patch_embedding.",
          // The reference spells it so.
          "pre_norm.", "vision_model.pre_layrnorm.",
          "post_norm.", "vision_model.post_layernorm.",
          "projection.", "visual_projection.");

  private static final Map<String, String> PARTS_OF_CLIP =
      names(
          "norm1.", "layer_norm1.",
          "norm2.", "layer_norm2.",
          "out.", "self_attn.out_proj.",
          "fc1.", "mlp.fc1.",
          "fc2.", "mlp.fc2.");

  private static Map<String, String> names(String... pairs) {
    Map<String, String> names = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      names.put(pairs[i], pairs[i + 1]);
    }
    return names;
  }

  /**
   * Finds a parameter.
   *
   * @param path the parameter's path in our model, such as {@code
   *     unet.down0_attention0.block0.self.qkv.weight}
   * @return where its value is
   * @throws IllegalArgumentException if such a parameter is not part of the Zero123 family
   */
  public Source source(String path) {
    int dot = path.indexOf('.');
    String rest = path.substring(dot + 1);
    return switch (dot < 0 ? "" : path.substring(0, dot)) {
      case "noise" ->
          source(
              UNET,
              renamed(rest, names("in.", "linear_1.", "out.", "linear_2."), "time_embedding."));
      case "unet" -> new Source(UNET, inLevels(rest, unetLevels));
      case "vae" -> new Source(VAE, vae(rest));
      case "taesd" -> source(TAESD, rest);
      case "clip" -> new Source(IMAGE_ENCODER, clip(rest));
      case "cc_projection" -> source(CC_PROJECTION, rest);
      default ->
          throw new IllegalArgumentException(
              "parameter is \"" + path + "\", expected one of the Zero123 family");
    };
  }

  private static Source source(String folder, String name) {
    return new Source(folder, List.of(name));
  }

  private static List<String> inLevels(String path, int levels) {
    Matcher at = PLACE.matcher(path);
    if (!at.matches()) {
      return List.of(renamed(path, OUTER, ""));
    }
    String way = at.group(1);
    String prefix =
        switch (way) {
          case "down" -> "down_blocks." + at.group(2) + ".";
          case "up" -> "up_blocks." + (levels - 1 - Integer.parseInt(at.group(2))) + ".";
          default -> "mid_block.";
        };
    String rest = at.group(5);
    return switch (at.group(3)) {
      case "resample" -> List.of(prefix + way + "samplers.0." + rest);
      case "block" ->
          List.of(prefix + "resnets." + at.group(4) + "." + renamed(rest, RESIDUAL, ""));
      default -> attention(prefix + "attentions." + at.group(4) + ".", rest);
    };
  }

  private static List<String> attention(String prefix, String path) {
    Matcher block = TRANSFORMER.matcher(path);
    if (!block.matches()) {
      Map<String, String> outer = names("enter.norm.", "norm.", "enter.in.", "proj_in.");
      outer.put("leave.out.", "proj_out.");
      return List.of(prefix + renamed(path, outer, ""));
    }
    String inside = prefix + "transformer_blocks." + block.group(1) + ".";
    String rest = block.group(2);
    return switch (rest) {
      case "self.qkv.weight" -> each(inside + "attn1.", "weight", "to_q", "to_k", "to_v");
      case "cross.kv.weight" -> each(inside + "attn2.", "weight", "to_k", "to_v");
      default -> List.of(inside + renamed(rest, PARTS_OF_TRANSFORMER, ""));
    };
  }

  private List<String> vae(String path) {
    if (path.startsWith("encoder.quant.")) {
      return List.of("quant_conv." + path.substring("encoder.quant.conv.".length()));
    }
    if (path.startsWith("decoder.quant.")) {
      return List.of("post_quant_conv." + path.substring("decoder.quant.conv.".length()));
    }
    int half = path.indexOf('.') + 1;
    String rest = path.substring(half);
    if (!rest.startsWith("middle_attention0.")) {
      return inLevels(rest, vaeLevels).stream().map(path.substring(0, half)::concat).toList();
    }
    String part = rest.substring("middle_attention0.".length());
    String inside = path.substring(0, half) + "mid_block.attentions.0.";
    if (part.startsWith("qkv.")) {
      return each(inside, part.substring("qkv.".length()), "to_q", "to_k", "to_v");
    }
    return List.of(inside + renamed(part, names("norm.", "group_norm.", "out.", "to_out.0."), ""));
  }

  private static List<String> clip(String path) {
    Matcher block = TRANSFORMER.matcher(path);
    if (!block.matches()) {
      return List.of(renamed(path, CLIP, ""));
    }
    String inside = "vision_model.encoder.layers." + block.group(1) + ".";
    String rest = block.group(2);
    if (rest.startsWith("qkv.")) {
      String end = rest.substring("qkv.".length());
      return each(inside + "self_attn.", end, "q_proj", "k_proj", "v_proj");
    }
    return List.of(inside + renamed(rest, PARTS_OF_CLIP, ""));
  }

  private static List<String> each(String prefix, String end, String... names) {
    List<String> all = new ArrayList<>();
    for (String name : names) {
      all.add(prefix + name + "." + end);
    }
    return all;
  }

  /** Replaces the beginning of a name. */
  private static String renamed(String name, Map<String, String> beginnings, String prefix) {
    for (Map.Entry<String, String> entry : beginnings.entrySet()) {
      if (name.startsWith(entry.getKey())) {
        return prefix + entry.getValue() + name.substring(entry.getKey().length());
      }
    }
    return prefix + name;
  }
}
