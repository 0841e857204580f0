package ai.fresnel.cvs.block;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A low-rank adapter of a network (Hu et al. 2022): a delta of few parameters beside chosen
 * products, while the network's own weights stay. With an adapter, {@link Weights#trainable} has
 * the adapter's parameters alone, so optimisers, averages and states move nothing else.
 *
 * <p>Switched {@linkplain #off off}, the network computes what it did without the adapter, bit for
 * bit: a teacher and its student share one copy of the weights. A network without an adapter is not
 * touched by any of this.
 */
public final class Lora {

  private static final TorchFunction COPY =
      TorchFunction.of("target: Tensor, source: Tensor", "return torch.copy_(target, source)");

  private final Map<String, LowRankDelta> deltas = new LinkedHashMap<>();
  private final List<FusedBlock> blocks = new ArrayList<>();
  private final Map<String, Parameter> weights;
  private final ThreadLocal<Integer> switchedOff = ThreadLocal.withInitial(() -> 0);
  private final Map<String, NDArray> unmerged = new LinkedHashMap<>();
  private volatile boolean merged;

  private Lora(Map<String, Parameter> weights) {
    this.weights = weights;
  }

  /**
   * Attaches an adapter to all products between hidden states ({@link NetworkBlock#isHidden}): of
   * latent diffusion's U-Net all convolutions and matrix products but its first, its last and the
   * embedding of the timestep, as LCM-LoRA does.
   *
   * @param network an initialised network without an adapter; its own weights are frozen
   * @param config the size of every delta
   * @param manager owns the adapter's parameters, on its device
   * @param seed decides their first values, together with their names
   * @return the adapter, without effect before training
   * @throws IllegalArgumentException if the network has an adapter, or no such product
   */
  public static Lora attach(Block network, LoraConfig config, NDManager manager, long seed) {
    return attach(
        network, (path, hidden) -> hidden ? Optional.of(config) : Optional.empty(), manager, seed);
  }

  /**
   * Attaches an adapter to chosen products.
   *
   * @param network an initialised network without an adapter; its own weights are frozen
   * @param choice the size of a product's delta, from the product's path, such as {@code
   *     unet.down0_block0.conv1}, and whether it maps hidden states to hidden states; empty for
   *     none
   * @param manager owns the adapter's parameters, on its device
   * @param seed decides their first values, together with their names
   * @return the adapter, without effect before training
   * @throws IllegalArgumentException if the network has an adapter, or no product is chosen
   */
  public static Lora attach(
      Block network,
      BiFunction<String, Boolean, Optional<LoraConfig>> choice,
      NDManager manager,
      long seed) {
    Lora lora = declare(network, choice);
    lora.initialize(
        manager, lora.weights.values().iterator().next().getArray().getDataType(), seed);
    return lora;
  }

  /**
   * Attaches an adapter to chosen products of a network without values: {@link Weights#initialize}
   * gives both theirs.
   *
   * @param network a network without an adapter; its own weights are frozen
   * @param choice as above
   * @return the adapter, without values
   * @throws IllegalArgumentException if the network has an adapter, or no product is chosen
   */
  public static Lora declare(
      Block network, BiFunction<String, Boolean, Optional<LoraConfig>> choice) {
    if (!Weights.adapters(network).isEmpty()) {
      throw new IllegalArgumentException("the network has an adapter, expected none");
    }
    Lora lora = new Lora(Weights.parameters(network));
    Weights.forEachFused(network, (path, hidden, block) -> lora.adapt(path, hidden, block, choice));
    if (lora.deltas.isEmpty()) {
      throw new IllegalArgumentException("no product of the network is chosen, expected one up");
    }
    lora.weights.values().forEach(parameter -> parameter.freeze(true));
    return lora;
  }

  /**
   * Returns the adapter of a network.
   *
   * @param network the network
   * @return its adapter; empty without one
   */
  public static Optional<Lora> of(Block network) {
    List<Lora> found = new ArrayList<>();
    Weights.forEachFused(network, (path, hidden, block) -> block.adapter().ifPresent(found::add));
    return found.stream().findFirst();
  }

  /** Gives the parameters their first values. */
  void initialize(NDManager manager, DataType type, long seed) {
    Map<String, Parameter> parameters = parameters();
    Weights.seed(parameters, seed);
    for (Parameter parameter : parameters.values()) {
      parameter.initialize(manager, type);
      parameter.getArray().setName(null);
    }
  }

  private void adapt(
      String path,
      boolean hidden,
      FusedBlock block,
      BiFunction<String, Boolean, Optional<LoraConfig>> choice) {
    List<LowRankDelta> own = new ArrayList<>();
    for (Product product : block.products()) {
      String name = path + product.name();
      choice
          .apply(name, hidden)
          .ifPresent(
              config -> {
                LowRankDelta delta = new LowRankDelta(product, config);
                own.add(delta);
                deltas.put(name, delta);
              });
    }
    if (!own.isEmpty()) {
      block.adapt(own, this);
      blocks.add(block);
    }
  }

  /**
   * Returns the products of a network, with an adapter or without.
   *
   * @param network the network
   * @return path to product, in the network's order
   */
  public static Map<String, Product> products(Block network) {
    Map<String, Product> products = new LinkedHashMap<>();
    Weights.forEachFused(
        network,
        (path, hidden, block) ->
            block.products().forEach(product -> products.put(path + product.name(), product)));
    return products;
  }

  /**
   * Returns the adapter's parameters.
   *
   * @return name to parameter, in the network's order: the path of each product with {@code
   *     .lora_down} and {@code .lora_up}
   */
  public Map<String, Parameter> parameters() {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    deltas.forEach(
        (path, delta) -> {
          parameters.put(path + ".lora_down", delta.down());
          parameters.put(path + ".lora_up", delta.up());
        });
    return parameters;
  }

  /**
   * Returns the size of each delta.
   *
   * @return path of the product to size, in the network's order
   */
  public Map<String, LoraConfig> configs() {
    Map<String, LoraConfig> configs = new LinkedHashMap<>();
    deltas.forEach((path, delta) -> configs.put(path, delta.config()));
    return configs;
  }

  /**
   * Returns how many products a product computes at once, each with a delta of its own.
   *
   * @param path path of the product
   * @return 1 or more
   */
  public int parts(String path) {
    return deltas.get(path).product().parts();
  }

  /** Keeps an adapter switched off on one thread until it is closed there. */
  public final class Off implements AutoCloseable {

    private Off() {
      switchedOff.set(switchedOff.get() + 1);
    }

    @Override
    public void close() {
      switchedOff.set(switchedOff.get() - 1);
    }
  }

  /**
   * Switches the adapter off for the calling thread.
   *
   * @return a handle that switches it on again when it is closed, on the same thread
   * @throws IllegalStateException if it is merged
   */
  public Off off() {
    requireUnmerged();
    return new Off();
  }

  /**
   * Tells whether the network computes the deltas.
   *
   * @return false where it is off for the calling thread, or merged
   */
  public boolean isOn() {
    return !merged && switchedOff.get() == 0;
  }

  /**
   * Adds the deltas to the network's own weights, so that it costs no more than without an adapter.
   * The weights as they were are kept. No other thread may use the network meanwhile.
   *
   * @throws IllegalStateException if it is merged
   */
  public void merge() {
    requireUnmerged();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      deltas.forEach(
          (path, delta) -> {
            NDArray weight = weights.get(path + ".weight").getArray();
            unmerged.put(path, weight.duplicate());
            try (NDArray sum = sum(weight, delta)) {
              COPY.call(weight, sum).close();
            }
          });
    }
    merged = true;
  }

  private static NDArray sum(NDArray weight, LowRankDelta delta) {
    try (NDManager numbers = weight.getManager().newSubManager(Device.cpu())) {
      NDArray sum =
          LowRankDelta.merged()
              .call(
                  weight,
                  delta.down().getArray(),
                  delta.up().getArray(),
                  numbers.create(delta.product().parts()),
                  numbers.create(delta.config().scale()));
      sum.attach(weight.getManager());
      return sum;
    }
  }

  /**
   * Restores the network's own weights, bit for bit.
   *
   * @throws IllegalStateException if it is not merged
   */
  public void unmerge() {
    if (!merged) {
      throw new IllegalStateException("the adapter is not merged");
    }
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      unmerged.forEach(
          (path, before) -> {
            COPY.call(weights.get(path + ".weight").getArray(), before).close();
            before.close();
          });
    }
    unmerged.clear();
    merged = false;
  }

  /**
   * Removes the adapter. A merged network keeps the deltas in its weights for good. The network's
   * own weights stay frozen until {@link Weights#freeze} says otherwise.
   */
  public void detach() {
    blocks.forEach(FusedBlock::removeAdapter);
    blocks.clear();
    unmerged.values().forEach(NDArray::close);
    unmerged.clear();
  }

  private void requireUnmerged() {
    if (merged) {
      throw new IllegalStateException("the adapter is merged into the weights");
    }
  }
}
