package ai.fresnel.cvs.view;

import ai.fresnel.cvs.block.NetworkBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of a model's parameters. Optimisers sum gradients in it, so that a run resumes bit for
 * bit in this order only.
 */
final class ParameterOrder {

  private static final List<String> NAMES =
      List.of(
          "detail",
          "volume",
          "pose",
          "noise",
          "guidance",
          "null_tokens",
          "null_pose",
          "unet",
          "refine",
          "depth",
          "dinov2",
          "dinov2_projection",
          "cc_projection",
          "clip",
          "vae",
          "taesd");

  private ParameterOrder() {}

  /** Sorts blocks by their names; those that are not known here come last. */
  static Map<String, NetworkBlock> sorted(Map<String, NetworkBlock> blocks) {
    Map<String, NetworkBlock> sorted = new LinkedHashMap<>();
    for (String name : NAMES) {
      NetworkBlock block = blocks.get(name);
      if (block != null) {
        sorted.put(name, block);
      }
    }
    blocks.forEach(sorted::putIfAbsent);
    return sorted;
  }
}
