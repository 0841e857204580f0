package ai.fresnel.cvs.importer;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of a DINOv2's arrays in transformers, by those of the original, which are ours: {@code
 * transformers.models.dinov2} and {@code dinov2_with_registers}.
 */
final class DinoNames {

  /** An array that only files of transformers have. */
  static final String CLASS_TOKEN = "embeddings.cls_token";

  private static final Pattern BLOCK = Pattern.compile("blocks\\.([0-9]+)\\.(.+)\\.(\\w+)");

  private static final Map<String, String> ENDS =
      Map.of(
          "cls_token", CLASS_TOKEN,
          "mask_token", "embeddings.mask_token",
          "pos_embed", "embeddings.position_embeddings",
          "register_tokens", "embeddings.register_tokens",
          "patch_embed.proj.weight", "embeddings.patch_embeddings.projection.weight",
          "patch_embed.proj.bias", "embeddings.patch_embeddings.projection.bias",
          "norm.weight", "layernorm.weight",
          "norm.bias", "layernorm.bias");

  private static final Map<String, String> PARTS =
      Map.of(
          "norm1", "norm1",
          "attn.proj", "attention.output.dense",
          "ls1", "layer_scale1",
          "norm2", "norm2",
          "mlp.fc1", "mlp.fc1",
          "mlp.fc2", "mlp.fc2",
          "ls2", "layer_scale2");

  private DinoNames() {}

  /** Returns where an array comes from in a file of transformers. */
  static Origin transformers(String name) {
    Matcher block = BLOCK.matcher(name);
    if (!block.matches()) {
      return new Origin.Whole(ENDS.get(name));
    }
    String layer = "encoder.layer." + block.group(1) + ".";
    String part = block.group(2);
    String end = block.group(3).equals("gamma") ? "lambda1" : block.group(3);
    if (part.equals("attn.qkv")) {
      return Origin.joined(
          Stream.of("query", "key", "value")
              .<Origin>map(
                  one -> new Origin.Whole(layer + "attention.attention." + one + "." + end))
              .toList());
    }
    return new Origin.Whole(layer + PARTS.get(part) + "." + end);
  }
}
