package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Lists, initialises and counts a network's parameters by name.
 *
 * <p>A name is the path of blocks that leads to the parameter, joined by dots, for instance {@code
 * unet.down0_block0.conv1.weight}. A block without a name adds nothing to the path. Names are
 * stable, because model files contain them.
 */
public final class Weights {

  private Weights() {}

  /**
   * Returns the parameters of a block and of all its children.
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
   * Counts a network's numbers by its top-level blocks.
   *
   * @param network the network
   * @return block to the count of its numbers
   */
  public static Map<String, Long> counts(Block network) {
    Map<String, Long> counts = new LinkedHashMap<>();
    children(network).forEach(child -> counts.put(child.getKey(), count(child.getValue())));
    return counts;
  }

  /**
   * Returns the parameters of a network's low-rank adapter.
   *
   * @param block the block
   * @return name to parameter, in the order of declaration; empty without an adapter
   * @see Lora
   */
  public static Map<String, Parameter> adapters(Block block) {
    Map<String, Parameter> found = new LinkedHashMap<>();
    forEachFused(
        block,
        (path, hidden, fused) ->
            fused.adapterParameters().forEach((name, p) -> found.put(path + name, p)));
    return found;
  }

  /**
   * Returns the values that training changes: those of an adapter where there is one, else all
   * except those of frozen encoders. The arrays are the block's own, not copies.
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
   * Returns those of {@link #trainable} that map hidden states to hidden states: weights of two
   * dimensions or more, in blocks that are {@linkplain NetworkBlock#isHidden hidden}. An adapter
   * has none.
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
    if (!adapters(block).isEmpty()) {
      return found;
    }
    collect("", block, network -> network.isTrainable() && network.isHidden(), found);
    found.values().removeIf(parameter -> parameter.getShape().dimension() < 2);
    return found;
  }

  private static Map<String, Parameter> trainableParameters(Block block) {
    Map<String, Parameter> found = adapters(block);
    if (!found.isEmpty()) {
      return found;
    }
    collect("", block, NetworkBlock::isTrainable, found);
    return found;
  }

  /**
   * Returns the shapes of a block's parameters.
   *
   * @param block the block, initialised or not
   * @return name to shape, in the order of declaration
   */
  public static Map<String, Shape> shapes(Block block) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    parameters(block).forEach((name, parameter) -> shapes.put(name, parameter.getShape()));
    return shapes;
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
   * Initialises every parameter.
   *
   * @param block the block
   * @param manager owner of the values
   * @param seed seed of the random values, together with the parameter's name
   */
  public static void initialize(Block block, NDManager manager, long seed) {
    Map<String, Parameter> parameters = parameters(block);
    seed(parameters, seed);
    block.initialize(manager, DataType.FLOAT32, new Shape(1));
    // DJL names an array after its parameter. When the array is passed to TorchScript, DJL takes a
    // dot in the name for a dictionary's key.
    parameters.values().forEach(parameter -> parameter.getArray().setName(null));
    Lora.of(block).ifPresent(lora -> lora.initialize(manager, DataType.FLOAT32, seed));
  }

  /**
   * Lets a network without values take those of another, the arrays themselves: both then compute
   * with one copy of the weights. They are frozen. Parameters of other names are its own.
   *
   * @param source an initialised network, which outlives the target
   * @param target a network without values, initialised afterwards
   */
  public static void share(Block source, Block target) {
    share(parameters(source), target);
  }

  /**
   * Lets a network without values take those of another that training never changes, such as those
   * of a published autoencoder: there is one copy of them.
   *
   * @param source an initialised network, which outlives the target
   * @param target a network without values, initialised afterwards
   * @see #trainable
   */
  public static void shareFrozen(Block source, Block target) {
    Map<String, Parameter> frozen = parameters(source);
    frozen.keySet().removeAll(trainableParameters(source).keySet());
    share(frozen, target);
  }

  private static void share(Map<String, Parameter> from, Block target) {
    parameters(target)
        .forEach(
            (name, parameter) -> {
              if (from.containsKey(name)) {
                NDArray array = from.get(name).getArray();
                parameter.freeze(true);
                parameter.setInitializer((manager, shape, type) -> array);
              }
            });
  }

  /** Gives random first values a seed of their own, from a seed and their names. */
  static void seed(Map<String, Parameter> parameters, long seed) {
    parameters.forEach(
        (name, parameter) -> {
          if (parameter.getInitializer() instanceof FanInInitializer fanIn) {
            parameter.setInitializer(fanIn.withSeed(seed ^ hash(name)));
          }
        });
  }

  /**
   * Switches the gradients of all that is {@link #trainable} off or on.
   *
   * @param block an initialised block
   * @param frozen true to switch gradients off
   */
  public static void freeze(Block block, boolean frozen) {
    trainableParameters(block).values().forEach(parameter -> parameter.freeze(frozen));
  }

  /**
   * Stores the weights and biases of products in a narrower type, for inference in that type: a
   * pass, which would round them each time, gives the same bits with half the memory. Scales and
   * shifts of norms stay. The float32 values are gone.
   *
   * @param block an initialised block that computes in this precision only
   * @param precision the type; {@link Precision#FLOAT32} changes nothing
   */
  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  public static void narrow(Block block, Precision precision) {
    if (precision == Precision.FLOAT32) {
      return;
    }
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      for (Parameter parameter : parameters(block).values()) {
        Parameter.Type type = parameter.getType();
        if (type != Parameter.Type.GAMMA && type != Parameter.Type.BETA) {
          NDArray wide = parameter.getArray();
          NDArray narrow = precision.narrow(wide.getManager(), wide);
          // Closes the array that it had, and forgets its shape, which setArray sets.
          parameter.close();
          parameter.setShape(null);
          parameter.setArray(narrow);
          narrow.setName(null);
        }
      }
    }
  }

  /**
   * Counts the values in a block's parameters.
   *
   * @param block the block, initialised or not
   * @return the count
   */
  public static long count(Block block) {
    return parameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  /**
   * Counts the values that training changes.
   *
   * @param block the block, initialised or not
   * @return the count
   * @see #trainable
   */
  public static long trainableCount(Block block) {
    return trainableParameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  /**
   * Counts the values of {@link #hidden}.
   *
   * @param block the block, initialised or not
   * @return the count
   */
  public static long hiddenCount(Block block) {
    return hiddenParameters(block).values().stream().mapToLong(p -> p.getShape().size()).sum();
  }

  private static long hash(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits();
  }

  /** Collects the parameters of the network blocks that pass the filter. */
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

  /** Takes a fused block of a network. */
  @FunctionalInterface
  interface FusedVisitor {
    /**
     * Visits a block.
     *
     * @param path the path to its parameters, ending in a dot where it is not empty
     * @param hidden whether it and the blocks around it are hidden
     * @param block the block
     */
    void visit(String path, boolean hidden, FusedBlock block);
  }

  /** Visits all fused blocks of a network. */
  static void forEachFused(Block network, FusedVisitor visitor) {
    visit("", true, network, visitor);
  }

  private static void visit(String path, boolean hidden, Block block, FusedVisitor visitor) {
    boolean inside = hidden && !(block instanceof NetworkBlock network && !network.isHidden());
    if (block instanceof FusedBlock fused) {
      visitor.visit(path, inside, fused);
    }
    for (Pair<String, Block> child : children(block)) {
      String name = child.getKey();
      visit(name.isEmpty() ? path : path + name + ".", inside, child.getValue(), visitor);
    }
  }

  /**
   * Returns the direct children of a block under the names they were added with.
   *
   * @param block the block
   * @return name to block, in order
   */
  public static PairList<String, Block> children(Block block) {
    PairList<String, Block> found = new PairList<>();
    for (Pair<String, Block> child : block.getChildren()) {
      // DJL numbers children from 1 ("01unet", "100unet"); the number is not part of the name.
      int digits = Math.max(2, Integer.toString(found.size() + 1).length());
      found.add(child.getKey().substring(digits), child.getValue());
    }
    return found;
  }

  /**
   * Returns whether all values of an array are finite.
   *
   * @param array (...) of any floating type
   * @return false if it has a NaN or an infinity
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
