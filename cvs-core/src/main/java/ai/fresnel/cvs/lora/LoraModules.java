package ai.fresnel.cvs.lora;

import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Says what the products of a network are called in files of adapters: a stack of products has a
 * name for each.
 */
@FunctionalInterface
public interface LoraModules {

  /**
   * Names a product.
   *
   * @param path its path in our network, such as {@code unet.down0_block0.conv1}
   * @param product the product
   * @return its modules' names in order, one for each part; empty if adapters cannot name it
   */
  List<String> of(String path, Product product);

  /**
   * Names the U-Net of the Zero123 family as diffusers does: {@code down_blocks.0.resnets.0.conv1}.
   *
   * @param names the family's names
   * @return the names of its U-Net; no others
   */
  static LoraModules diffusers(DiffusersNames names) {
    return (path, product) -> {
      if (!path.startsWith("unet.") && !path.startsWith("noise.")) {
        return List.of();
      }
      String end = ".weight";
      return names.source(path + end).names().stream()
          .map(name -> name.substring(0, name.length() - end.length()))
          .toList();
    };
  }

  /**
   * Names the U-Net of a model: as diffusers does where it is one of the Zero123 family.
   *
   * @param model its configuration
   * @return the names
   */
  static LoraModules of(ModelConfig model) {
    int levels = model.unet().levels().size();
    return model.scaling() instanceof ScalingConfig.Discrete
        ? diffusers(new DiffusersNames(levels, levels))
        : own();
  }

  /**
   * Keeps our own paths, for networks that nobody else has.
   *
   * @return the path without the U-Net's own name, with a number from 0 after that of a stack
   */
  static LoraModules own() {
    return (path, product) -> {
      String name = path.startsWith("unet.") ? path.substring("unet.".length()) : path;
      return product.parts() == 1
          ? List.of(name)
          : IntStream.range(0, product.parts()).mapToObj(i -> name + "." + i).toList();
    };
  }
}
