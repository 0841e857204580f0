package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * A network's parameters by name.
 *
 * <p>A name is the path of blocks that leads to the parameter, joined by dots, for instance {@code
 * unet.down0_block0.conv1.weight}; a block without a name adds nothing to the path. Names are what
 * model files hold: they are stable.
 */
public final class Weights {

  private Weights() {}

  /**
   * Returns the parameters of a block and of all blocks inside it.
   *
   * @param block the block
   * @return name to parameter, in the order of declaration
   */
  public static Map<String, Parameter> parameters(Block block) {
    Map<String, Parameter> found = new LinkedHashMap<>();
    collect("", block, network -> true, found);
    return found;
  }

  /**
   * Returns the values that training changes: all but those of encoders used as they were
   * published. The arrays are the block's own, not copies.
   *
   * @param block an initialised block
   * @return name to value, in the order of declaration
   */
  public static Map<String, NDArray> trainable(Block block) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    trainableParameters(block).forEach((name, p) -> arrays.put(name, p.getArray()));
    return arrays;
  }

  /**
   * Returns those of {@link #trainable} that are products between hidden states: of two dimensions
   * or more, in blocks that say so.
   *
   * @param block an initialised block
   * @return name to value, in the order of declaration
   * @see NetworkBlock#isHidden
   */
  public static Map<String, NDArray> hidden(Block block) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    hiddenParameters(block).forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
    return arrays;
  }

  private static Map<String, Parameter> hiddenParameters(Block block) {
    Map<String, Parameter> found = new LinkedHashMap<>();
    collect("", block, network -> network.isTrainable() && network.isHidden(), found);
    found.values().removeIf(parameter -> parameter.getShape().dimension() < 2);
    return found;
  }

  private static Map<String, Parameter> trainableParameters(Block block) {
    Map<String, Parameter> found = new LinkedHashMap<>();
    collect("", block, NetworkBlock::isTrainable, found);
    return found;
  }

  /**
   * Returns the values of a block's parameters; the arrays are the block's own, not copies.
   *
   * @param block an initialised block
   * @return name to value, in the order of declaration
   */
  public static Map<String, NDArray> arrays(Block block) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    parameters(block).forEach((name, parameter) -> arrays.put(name, parameter.getArray()));
    return arrays;
  }

  /**
   * Gives every parameter its first value.
   *
   * @param block the block
   * @param manager what will own the values
   * @param seed decides every random value, together with the parameter's name
   */
  public static void initialize(Block block, NDManager manager, long seed) {
    Map<String, Parameter> parameters = parameters(block);
    parameters.forEach(
        (name, parameter) -> {
          if (parameter.getInitializer() instanceof FanInInitializer fanIn) {
            parameter.setInitializer(fanIn.withSeed(seed ^ hash(name)));
          }
        });
    block.initialize(manager, DataType.FLOAT32, new Shape(1));
    // DJL names an array after its parameter, and takes a dot in a name for a dictionary's key when
    // the array is passed to TorchScript.
    parameters.values().forEach(parameter -> parameter.getArray().setName(null));
  }

  /**
   * Switches the gradients of a whole network off or on. Encoders used as they were published never
   * have any.
   *
   * @param block an initialised block
   * @param frozen whether its parameters shall have no gradient
   */
  public static void freeze(Block block, boolean frozen) {
    trainableParameters(block).values().forEach(parameter -> parameter.freeze(frozen));
  }

  /**
   * Counts the numbers in a block's parameters.
   *
   * @param block the block, initialised or not
   * @return how many
   */
  public static long count(Block block) {
    return parameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  /**
   * Counts the numbers that training changes, of blocks initialised or not.
   *
   * @param block the block
   * @return how many
   * @see #trainable
   */
  public static long trainableCount(Block block) {
    return trainableParameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  /**
   * Counts the numbers of {@link #hidden}, of blocks initialised or not.
   *
   * @param block the block
   * @return how many
   */
  public static long hiddenCount(Block block) {
    return hiddenParameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  private static long hash(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits();
  }

  /** Collects parameters, but not those of network blocks that are not wanted. */
  private static void collect(
      String path, Block block, Predicate<NetworkBlock> wanted, Map<String, Parameter> found) {
    if (block instanceof NetworkBlock network && !wanted.test(network)) {
      return;
    }
    for (Pair<String, Parameter> parameter : block.getDirectParameters()) {
      found.put(path + parameter.getKey(), parameter.getValue());
    }
    for (Pair<String, Block> child : children(block)) {
      String name = child.getKey();
      collect(name.isEmpty() ? path : path + name + ".", child.getValue(), wanted, found);
    }
  }

  /**
   * Returns the blocks directly inside a block under the names they were added with.
   *
   * @param block the block
   * @return name to block, in order
   */
  public static PairList<String, Block> children(Block block) {
    PairList<String, Block> found = new PairList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      // DJL numbers children from 1 ("01unet", "100unet"); the number is no part of the name.
      int digits = Math.max(2, Integer.toString(found.size() + 1).length());
      found.add(child.getKey().substring(digits), child.getValue());
    }
    return found;
  }

  /**
   * Tells whether an array has neither a NaN nor an infinity.
   *
   * @param array (...) of any floating type
   * @return true if all its numbers are finite
   */
  public static boolean isFinite(NDArray array) {
    // Infinity times 0 is NaN, and one NaN makes the sum NaN.
    try (NDArray zeros = array.mul(0);
        NDArray wide = zeros.toType(DataType.FLOAT32, true);
        NDArray sum = wide.sum()) {
      return sum.getFloat() == 0;
    }
  }
}
