package ai.fresnel.cvs.block;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A leaf of the network whose whole forward is one {@link TorchFunction} of its inputs and its
 * parameters. A call crosses JNI once and leaves only its result.
 *
 * <p>A subclass declares its parameters in order, with {@link #weight}, {@link #norm} and similar
 * methods, and its matrix products and convolutions with {@link #product}. Then it sets the
 * TorchScript with {@link #define}. In the script a parameter {@code conv1.weight} is called {@code
 * conv1_weight} and has the type of the block's first input, so a block computes in the precision
 * of its input. On a CPU, scales and shifts of norms keep their own type. Norms always compute in
 * float32 inside.
 */
public abstract class FusedBlock extends NetworkBlock {

  private final List<Product> products = new ArrayList<>();
  private String helpers;
  private String inputs;
  private String body;
  private Forward forward;
  private Optional<Adapted> adapted = Optional.empty();

  /** A forward and the parameters it takes after its inputs. */
  private record Forward(TorchFunction function, List<Parameter> inOrder) {}

  /** The forward with an adapter, taken where that is on. */
  private record Adapted(List<LowRankDelta> deltas, Forward forward, Lora adapter) {}

  /** Makes a block without parameters or forward yet. */
  protected FusedBlock() {}

  /**
   * Declares a weight drawn from a normal distribution of variance gain² over its fan-in.
   *
   * @param name the parameter's name
   * @param gain the gain
   * @param shape its shape; all dimensions but the first are the fan-in
   */
  protected final void weight(String name, double gain, long... shape) {
    declare(name, Parameter.Type.WEIGHT, new FanInInitializer(gain), shape);
  }

  /**
   * Declares a vector or matrix of zeros: a bias, or a layer whose output starts at 0.
   *
   * @param name the parameter's name
   * @param shape its shape
   */
  protected final void zeros(String name, long... shape) {
    declare(name, Parameter.Type.BIAS, Initializer.ZEROS, shape);
  }

  /**
   * Declares a vector or matrix of ones: a scale that starts without effect.
   *
   * @param name the parameter's name
   * @param shape its shape
   */
  protected final void ones(String name, long... shape) {
    declare(name, Parameter.Type.GAMMA, Initializer.ONES, shape);
  }

  /**
   * Declares the scale (ones) and shift (zeros) of a normalisation.
   *
   * @param name prefix of both names
   * @param channels the number of channels
   */
  protected final void norm(String name, long channels) {
    ones(name + ".weight", channels);
    declare(name + ".bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
  }

  /**
   * Declares a square convolution that keeps the map's size, with bias.
   *
   * @param name prefix of its parameters' names
   * @param gain the kernel's gain, 0 = zeros
   * @param in channels in
   * @param out channels out
   * @param kernel side of the kernel, odd
   * @return the convolution, for the script
   */
  protected final Product convolution(String name, double gain, long in, long out, int kernel) {
    return product(Product.convolution(name, in, out, kernel).withGain(gain));
  }

  /**
   * Declares a matrix product with bias.
   *
   * @param name prefix of its parameters' names
   * @param gain the weight's gain, 0 = zeros
   * @param in channels in
   * @param out channels out
   * @return the product, for the script
   */
  protected final Product linear(String name, double gain, long in, long out) {
    return product(Product.linear(name, in, out).withGain(gain));
  }

  /**
   * Declares the parameters of a matrix product or a convolution.
   *
   * @param product the product
   * @return the same, for the script
   */
  protected final Product product(Product product) {
    long[] shape = product.weight().getShape();
    declare(product.name() + ".weight", product.weightType(), product.first(), shape);
    if (product.hasBias()) {
      zeros(product.name() + ".bias", shape[0]);
    }
    products.add(product);
    return product;
  }

  /**
   * Returns the block's matrix products and convolutions.
   *
   * @return in the order of declaration
   */
  public final List<Product> products() {
    return Collections.unmodifiableList(products);
  }

  /**
   * Counts the multiply-adds of the block's products. Attention between positions is not counted.
   *
   * @param positions number of positions per sample, counted in the result where a convolution
   *     changes the size
   * @return multiply-adds per sample
   */
  public final long multiplyAddsAt(long positions) {
    return products.stream().mapToLong(p -> p.multiplyAdds(p.isOfVector() ? 1 : positions)).sum();
  }

  private void declare(String name, Parameter.Type type, Initializer initializer, long... shape) {
    addParameter(
        Parameter.builder()
            .setName(name)
            .setType(type)
            .optShape(new Shape(shape))
            .optInitializer(initializer)
            .build());
  }

  /**
   * Defines the forward of the block. Call it after all parameters are declared.
   *
   * @param inputs names of the tensors passed to {@link #apply}, separated by a comma and a space
   * @param body the TorchScript body
   */
  protected final void define(String inputs, String body) {
    define("", inputs, body);
  }

  /**
   * Defines a forward that calls helper methods.
   *
   * @param helpers the methods, each made by {@link TorchFunction#helper}
   * @param inputs names of the tensors passed to {@link #apply}, separated by a comma and a space
   * @param body the TorchScript body
   */
  protected final void define(String helpers, String inputs, String body) {
    this.helpers = helpers;
    this.inputs = inputs;
    this.body = body;
    forward = forward(helpers, body, parameters);
  }

  private Forward forward(String methods, String script, Map<String, Parameter> taken) {
    StringBuilder arguments = new StringBuilder(inputs.replace(",", ": Tensor,") + ": Tensor");
    StringBuilder casts = new StringBuilder();
    String first = inputs.split(",", 2)[0];
    taken.forEach(
        (path, parameter) -> {
          String name = path.replace('.', '_');
          arguments.append(", ").append(name).append(": Tensor");
          if (parameter.getType() == Parameter.Type.GAMMA
              || parameter.getType() == Parameter.Type.BETA) {
            // CUDA's norms need equal types.
            casts.append("if ops.prim.is_cuda(").append(first).append("):\n  ");
          }
          // No copy where the types are the same.
          casts.append(name).append(" = torch.type_as(").append(name).append(", ");
          casts.append(first).append(")\n");
        });
    return new Forward(
        TorchFunction.withHelpers(methods, arguments.toString(), casts + script),
        List.copyOf(taken.values()));
  }

  /** Adds low-rank deltas to some products, which are computed where the adapter is on. */
  final void adapt(List<LowRankDelta> deltas, Lora adapter) {
    StringBuilder methods = new StringBuilder(helpers);
    String script = body;
    Map<String, Parameter> taken = new LinkedHashMap<>(parameters);
    for (LowRankDelta delta : deltas) {
      methods.append(delta.helper());
      script = delta.into(script);
      taken.put(delta.down().getName(), delta.down());
      taken.put(delta.up().getName(), delta.up());
    }
    Forward with = forward(methods.toString(), script, taken);
    adapted = Optional.of(new Adapted(List.copyOf(deltas), with, adapter));
  }

  /** Takes the deltas away again. */
  final void removeAdapter() {
    adapted = Optional.empty();
  }

  /** Returns the adapter that the deltas are part of. */
  final Optional<Lora> adapter() {
    return adapted.map(Adapted::adapter);
  }

  /** Returns the deltas' parameters by name. */
  final Map<String, Parameter> adapterParameters() {
    Map<String, Parameter> found = new LinkedHashMap<>();
    adapted.map(Adapted::deltas).orElse(List.of()).stream()
        .flatMap(delta -> Stream.of(delta.down(), delta.up()))
        .forEach(parameter -> found.put(parameter.getName(), parameter));
    return found;
  }

  /**
   * Writes the script of a group norm with eps 1e-5.
   *
   * @param x the expression to normalise
   * @param groups the number of groups
   * @param name prefix of the parameters' names
   * @return the TorchScript expression
   */
  protected static String groupNorm(String x, int groups, String name) {
    return groupNorm(x, groups, name, 1e-5);
  }

  /**
   * Writes the script of a group norm.
   *
   * @param x the expression to normalise
   * @param groups the number of groups
   * @param name prefix of the parameters' names
   * @param eps added to the variance
   * @return the TorchScript expression
   */
  protected static String groupNorm(String x, int groups, String name, double eps) {
    return norm("group_norm", x, String.valueOf(groups), name, eps);
  }

  /**
   * Writes the script of a layer norm over the last axis.
   *
   * @param x the expression to normalise
   * @param channels the length of the last axis
   * @param name prefix of the parameters' names
   * @param eps added to the variance
   * @return the TorchScript expression
   */
  protected static String layerNorm(String x, int channels, String name, double eps) {
    return norm("layer_norm", x, "[" + channels + "]", name, eps);
  }

  private static String norm(String function, String x, String size, String name, double eps) {
    return String.format(
        Locale.ROOT,
        "torch.%s(%s, %s, %s_weight, %s_bias, %s, True)",
        function,
        x,
        size,
        name,
        name,
        eps);
  }

  /**
   * Runs the block.
   *
   * @param store the parameters' values
   * @param manager owner of the result
   * @param inputs the tensors that the script names, in order
   * @return the result
   */
  public final NDArray apply(ParameterStore store, NDManager manager, NDArray... inputs) {
    Forward run = adapted.filter(with -> with.adapter.isOn()).map(Adapted::forward).orElse(forward);
    NDList list = new NDList(inputs.length + run.inOrder.size());
    for (NDArray input : inputs) {
      list.add(input);
    }
    for (Parameter parameter : run.inOrder) {
      list.add(store.getValue(parameter, inputs[0].getDevice(), true));
    }
    return run.function.call(manager, list);
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(apply(store, inputs.get(0).getManager(), inputs.toArray(new NDArray[0])));
  }
}
