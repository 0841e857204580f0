package ai.fresnel.cvs.block;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.Locale;

/**
 * A matrix product or a convolution inside a {@link FusedBlock}. It knows its name, its weight's
 * shape and whether it has a bias, writes its own TorchScript and counts its own cost: the one
 * place for what holds of every product of a network. Immutable; a block declares it with {@link
 * FusedBlock#product} and writes {@link #of} into its script.
 *
 * <p>The parameters are {@code <name>.weight}, (out, in) for a matrix product and (out, in, kernel,
 * kernel) for a convolution, and {@code <name>.bias}, (out).
 */
public final class Product {

  private final String name;
  private final Shape weight;
  private final boolean bias;
  private final int stride;
  private final int padding;
  private final boolean once;
  private final Initializer first;

  private Product(
      String name,
      Shape weight,
      boolean bias,
      int stride,
      int padding,
      boolean once,
      Initializer first) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
    this.stride = stride;
    this.padding = padding;
    this.once = once;
    this.first = first;
  }

  /**
   * A matrix product of the last axis, with bias and a gain of 1.
   *
   * @param name the start of its parameters' names
   * @param in channels in
   * @param out channels out
   * @return (..., in) to (..., out)
   */
  public static Product linear(String name, long in, long out) {
    return new Product(name, new Shape(out, in), true, 1, 0, false, new FanInInitializer(1));
  }

  /**
   * A square convolution with stride 1, zeros around the map so that it keeps its size, bias and a
   * gain of 1.
   *
   * @param name the start of its parameters' names
   * @param in channels in
   * @param out channels out
   * @param kernel side of the kernel, odd
   * @return (N, in, H, W) to (N, out, H, W)
   */
  public static Product convolution(String name, long in, long out, int kernel) {
    Shape shape = new Shape(out, in, kernel, kernel);
    return new Product(name, shape, true, 1, kernel / 2, false, new FanInInitializer(1));
  }

  /**
   * The same without bias.
   *
   * @return the product
   */
  public Product withoutBias() {
    return new Product(name, weight, false, stride, padding, once, first);
  }

  /**
   * The same with first weights of another size: normal, of variance gain² over the fan-in.
   *
   * @param gain the gain, 0 = zeros
   * @return the product
   */
  public Product withGain(double gain) {
    Initializer initializer = gain == 0 ? Initializer.ZEROS : new FanInInitializer(gain);
    return new Product(name, weight, bias, stride, padding, once, initializer);
  }

  /**
   * The same convolution, but it first hands through its first channels.
   *
   * @return the product
   */
  public Product startingAsIdentity() {
    return new Product(name, weight, bias, stride, padding, once, new IdentityInitializer());
  }

  /**
   * The same convolution at every other position.
   *
   * @return the product, (N, in, H, W) to (N, out, H/2, W/2)
   */
  public Product halving() {
    return new Product(name, weight, bias, 2, padding, once, first);
  }

  /**
   * The same convolution of patches beside each other, nothing around the map.
   *
   * @return the product, (N, in, H, W) to (N, out, H/kernel, W/kernel)
   */
  public Product ofPatches() {
    int kernel = (int) weight.get(2);
    return new Product(name, weight, bias, kernel, 0, once, first);
  }

  /**
   * The same, of one vector a sample instead of one at each position: it counts once.
   *
   * @return the product
   */
  public Product ofVector() {
    return new Product(name, weight, bias, stride, padding, true, first);
  }

  /**
   * Returns the start of the parameters' names.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns the weight's shape.
   *
   * @return (out, in) or (out, in, kernel, kernel)
   */
  public Shape weight() {
    return weight;
  }

  /**
   * Tells whether a bias is added.
   *
   * @return whether there is a parameter {@code <name>.bias}
   */
  public boolean hasBias() {
    return bias;
  }

  /**
   * Tells whether it is applied to one vector a sample.
   *
   * @return false where it is applied at every position
   */
  public boolean isOfVector() {
    return once;
  }

  /**
   * Counts multiply-adds.
   *
   * @param positions how many times it is applied; for a convolution, positions of its result
   * @return how many
   */
  public long multiplyAdds(long positions) {
    return weight.size() * positions;
  }

  /**
   * Writes the TorchScript.
   *
   * @param x the expression it is applied to
   * @return the expression of the result
   */
  public String of(String x) {
    String w = name.replace('.', '_') + "_weight";
    String b = name.replace('.', '_') + "_bias";
    if (weight.dimension() == 2) {
      return "torch.linear(" + x + ", " + w + (bias ? ", " + b : "") + ")";
    }
    return String.format(
        Locale.ROOT,
        "torch.conv2d(%s, %s, %s, [%d, %d], [%d, %d], [1, 1], 1)",
        x,
        w,
        bias ? b : "None",
        stride,
        stride,
        padding,
        padding);
  }

  /** What the weight is before training. */
  Initializer first() {
    return first;
  }

  /** A product that is silent before training is declared as a bias is. */
  Parameter.Type weightType() {
    return first == Initializer.ZEROS ? Parameter.Type.BIAS : Parameter.Type.WEIGHT;
  }
}
