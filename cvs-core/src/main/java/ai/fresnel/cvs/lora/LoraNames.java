package ai.fresnel.cvs.lora;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The naming of tensors in files of adapters. */
public enum LoraNames {

  /**
   * diffusers' and peft's: {@code unet.down_blocks.0.attentions.0.proj_in.lora_A.weight} and {@code
   * lora_B}. Alpha is in the file's metadata ({@code lora_adapter_metadata}), if anywhere.
   */
  PEFT {
    @Override
    String tensor(String module, Part part) {
      return "unet." + module + (part == Part.DOWN ? ".lora_A" : ".lora_B") + ".weight";
    }
  },

  /**
   * kohya's sd-scripts', in which LCM-LoRA was published: {@code
   * lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight}, {@code lora_up} and, for each
   * product, {@code alpha}.
   */
  KOHYA {
    @Override
    String tensor(String module, Part part) {
      String end = part.name().toLowerCase(Locale.ROOT);
      return key(module) + (part == Part.ALPHA ? ".alpha" : ".lora_" + end + ".weight");
    }
  };

  /** What a tensor is to its module. */
  enum Part {
    /** The product that comes first. */
    DOWN,
    /** The product that comes second. */
    UP,
    /** The number by which a delta is scaled, over its rank. */
    ALPHA
  }

  /**
   * A tensor of a file.
   *
   * @param module the key of its module, see {@link #key}
   * @param part what it is to it
   */
  record Tensor(String module, Part part) {}

  private static final Pattern DOTTED =
      Pattern.compile(
          "(?:base_model\\.model\\.)?(?:unet\\.)?(.+)\\.(lora_A|lora_B|lora\\.down|lora\\.up)\\.weight");

  private static final Pattern UNDERSCORED =
      Pattern.compile("(lora_unet_.+)\\.(lora_down\\.weight|lora_up\\.weight|alpha)");

  private static final String PREFIX = "lora_unet_";

  /** Names a tensor of a module, which is called as diffusers calls it. */
  abstract String tensor(String module, Part part);

  /** The key by which a module is found: kohya's, which loses the dots. */
  static String key(String module) {
    return PREFIX + module.replace('.', '_');
  }

  /** Reads the name of a tensor, in any naming. */
  static Optional<Tensor> parse(String name) {
    Matcher underscored = UNDERSCORED.matcher(name);
    if (underscored.matches()) {
      String end = underscored.group(2);
      Part part = end.equals("alpha") ? Part.ALPHA : end.contains("down") ? Part.DOWN : Part.UP;
      return Optional.of(new Tensor(underscored.group(1), part));
    }
    Matcher dotted = DOTTED.matcher(name);
    if (!dotted.matches()) {
      return Optional.empty();
    }
    String end = dotted.group(2);
    boolean down = end.equals("lora_A") || end.equals("lora.down");
    return Optional.of(new Tensor(key(dotted.group(1)), down ? Part.DOWN : Part.UP));
  }
}
