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
import java.util.Locale;

/**
 * A leaf of the network: its whole forward is one {@link TorchFunction} of its inputs and its
 * parameters, so a call crosses JNI once and leaves nothing behind but its result.
 *
 * <p>A subclass declares its parameters with {@link #weight}, {@link #linear} and their like, in
 * order, then gives the TorchScript with {@link #define}. In the script a parameter {@code
 * conv1.weight} is called {@code conv1_weight}, and has the type of the block's first input: a
 * block computes in whatever precision it is given. Only scales and shifts of norms keep their own
 * on a CPU; norms compute in float32 inside either way.
 */
public abstract class FusedBlock extends NetworkBlock {

  private TorchFunction function;
  private Parameter[] inOrder;

  /** A block without parameters or forward yet. */
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
   * Declares a convolution's kernel, without bias, that first hands through its first channels.
   *
   * @param name the parameter's name
   * @param in channels in
   * @param out channels out, at most as many
   * @param kernel side of the kernel, odd
   */
  protected final void identity(String name, long in, long out, long kernel) {
    Initializer initializer = new IdentityInitializer();
    declare(name, Parameter.Type.WEIGHT, initializer, out, in, kernel, kernel);
  }

  /**
   * Declares a vector or matrix of zeros: a bias, or a layer that starts silent.
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
   * @param name the start of both names
   * @param channels the number of channels
   */
  protected final void norm(String name, long channels) {
    ones(name + ".weight", channels);
    declare(name + ".bias", Parameter.Type.BETA, Initializer.ZEROS, channels);
  }

  /**
   * Declares a square convolution's kernel and bias.
   *
   * @param name the start of both names
   * @param gain the kernel's gain, 0 = zeros
   * @param in channels in
   * @param out channels out
   * @param kernel side of the kernel
   */
  protected final void convolution(String name, double gain, long in, long out, long kernel) {
    weightOrZeros(name + ".weight", gain, out, in, kernel, kernel);
    zeros(name + ".bias", out);
  }

  /**
   * Declares a matrix product's weight and bias.
   *
   * @param name the start of both names
   * @param gain the weight's gain, 0 = zeros
   * @param in channels in
   * @param out channels out
   */
  protected final void linear(String name, double gain, long in, long out) {
    weightOrZeros(name + ".weight", gain, out, in);
    zeros(name + ".bias", out);
  }

  private void weightOrZeros(String name, double gain, long... shape) {
    if (gain == 0) {
      zeros(name, shape);
    } else {
      weight(name, gain, shape);
    }
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
   * Gives the block its forward, once all parameters are declared.
   *
   * @param inputs names of the tensors passed to {@link #apply}, separated by a comma and a space
   * @param body the TorchScript body
   */
  protected final void define(String inputs, String body) {
    define("", inputs, body);
  }

  /**
   * Gives the block a forward that calls methods of its own.
   *
   * @param helpers the methods, each made by {@link TorchFunction#helper}
   * @param inputs names of the tensors passed to {@link #apply}, separated by a comma and a space
   * @param body the TorchScript body
   */
  protected final void define(String helpers, String inputs, String body) {
    StringBuilder arguments = new StringBuilder(inputs.replace(",", ": Tensor,") + ": Tensor");
    StringBuilder casts = new StringBuilder();
    String first = inputs.split(",", 2)[0];
    parameters.forEach(
        (path, parameter) -> {
          String name = path.replace('.', '_');
          arguments.append(", ").append(name).append(": Tensor");
          if (parameter.getType() == Parameter.Type.GAMMA
              || parameter.getType() == Parameter.Type.BETA) {
            // CUDA's norms take one type only.
            casts.append("if ops.prim.is_cuda(").append(first).append("):\n  ");
          }
          // No copy where the types are the same.
          casts.append(name).append(" = torch.type_as(").append(name).append(", ");
          casts.append(first).append(")\n");
        });
    function = TorchFunction.withHelpers(helpers, arguments.toString(), casts + body);
    inOrder = parameters.values().toArray(new Parameter[0]);
  }

  /**
   * The script of a group norm with eps 1e-5.
   *
   * @param x the expression it applies to
   * @param groups the number of groups
   * @param name the start of the parameters' names
   * @return the TorchScript expression
   */
  protected static String groupNorm(String x, int groups, String name) {
    return String.format(
        Locale.ROOT,
        "torch.group_norm(%s, %d, %s_weight, %s_bias, 1.0000000000000001e-05, True)",
        x,
        groups,
        name,
        name);
  }

  /**
   * The script of a layer norm over the last axis.
   *
   * @param x the expression it applies to
   * @param channels the length of the last axis
   * @param name the start of the parameters' names
   * @param eps what is added to the variance
   * @return the TorchScript expression
   */
  protected static String layerNorm(String x, int channels, String name, double eps) {
    return String.format(
        Locale.ROOT,
        "torch.layer_norm(%s, [%d], %s_weight, %s_bias, %s, True)",
        x,
        channels,
        name,
        name,
        eps);
  }

  /**
   * The script of a convolution with "same" padding.
   *
   * @param x the expression it applies to
   * @param name the start of the parameters' names
   * @param kernel side of the kernel, odd
   * @param stride its stride
   * @return the TorchScript expression
   */
  protected static String convolution(String x, String name, int kernel, int stride) {
    int padding = kernel / 2;
    return String.format(
        Locale.ROOT,
        "torch.conv2d(%s, %s_weight, %s_bias, [%d, %d], [%d, %d], [1, 1], 1)",
        x,
        name,
        name,
        stride,
        stride,
        padding,
        padding);
  }

  /**
   * The script of a matrix product with bias.
   *
   * @param x the expression it applies to
   * @param name the start of the parameters' names
   * @return the TorchScript expression
   */
  protected static String linear(String x, String name) {
    return String.format(Locale.ROOT, "torch.linear(%s, %s_weight, %s_bias)", x, name, name);
  }

  /**
   * Runs the block.
   *
   * @param store where the parameters' values are
   * @param manager what owns the result
   * @param inputs the tensors the script names, in order
   * @return the result
   */
  public final NDArray apply(ParameterStore store, NDManager manager, NDArray... inputs) {
    NDList list = new NDList(inputs.length + inOrder.length);
    for (NDArray input : inputs) {
      list.add(input);
    }
    for (Parameter parameter : inOrder) {
      list.add(store.getValue(parameter, inputs[0].getDevice(), true));
    }
    return function.call(manager, list);
  }

  @Override
  protected final NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(apply(store, inputs.get(0).getManager(), inputs.toArray(new NDArray[0])));
  }
}
