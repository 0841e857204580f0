package ai.fresnel.cvs.importer;

import ai.fresnel.cvs.checkpoint.WeightFile;
import java.util.LinkedHashMap;
import java.util.Map;

/** Older names of diffusers: before 0.18 the autoencoder's attention had its own. */
final class OldNames {

  private static final String ATTENTION = "mid_block.attentions.0.";
  private static final Map<String, String> BEFORE = new LinkedHashMap<>();

  static {
    BEFORE.put("to_q.", "query.");
    BEFORE.put("to_k.", "key.");
    BEFORE.put("to_v.", "value.");
    BEFORE.put("to_out.0.", "proj_attn.");
  }

  private OldNames() {}

  /**
   * Returns the name that a file has for a tensor of the autoencoder.
   *
   * @param file the file
   * @param prefix what names begin with in it
   * @param name today's name
   * @return today's name, or the older one if the file has it
   */
  static String of(WeightFile file, String prefix, String name) {
    if (!name.contains(ATTENTION) || file.names().contains(prefix + name)) {
      return name;
    }
    for (Map.Entry<String, String> renamed : BEFORE.entrySet()) {
      String old = name.replace(ATTENTION + renamed.getKey(), ATTENTION + renamed.getValue());
      if (!old.equals(name) && file.names().contains(prefix + old)) {
        return old;
      }
    }
    return name;
  }
}
