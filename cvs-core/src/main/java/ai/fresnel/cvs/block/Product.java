package ai.fresnel.cvs.block;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import java.util.Locale;

/**
 * A matrix product or a convolution inside a {@link FusedBlock}. It holds its name, its weight's
 * shape and whether it has a bias, writes its own TorchScript and counts its own cost. Features of
 * every product of a network belong here. Immutable. A block declares it with {@link
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
  private final int parts;

  private Product(
      String name,
      Shape weight,
      boolean bias,
      int stride,
      int padding,
      boolean once,
      Initializer first,
      int parts) {
    this.name = name;
    this.weight = weight;
    this.bias = bias;
    this.stride = stride;
    this.padding = padding;
    this.once = once;
    this.first = first;
    this.parts = parts;
  }

  /**
   * Makes a matrix product over the last axis, with bias and a gain of 1.
   *
   * @param name prefix of its parameters' names
   * @param in channels in
   * @param out channels out
   * @return (..., in) to (..., out)
   */
  public static Product linear(String name, long in, long out) {
    return new Product(name, new Shape(out, in), true, 1, 0, false, new FanInInitializer(1), 1);
  }

  /**
   * Makes a square convolution with stride 1, zero padding that keeps the map's size, bias and a
   * gain of 1.
   *
   * @param name prefix of its parameters' names
   * @param in channels in
   * @param out channels out
   * @param kernel side of the kernel, odd
   * @return (N, in, H, W) to (N, out, H, W)
   */
  public static Product convolution(String name, long in, long out, int kernel) {
    Shape shape = new Shape(out, in, kernel, kernel);
    return new Product(name, shape, true, 1, kernel / 2, false, new FanInInitializer(1), 1);
  }

  /**
   * Returns a copy without bias.
   *
   * @return the product
   */
  public Product withoutBias() {
    return new Product(name, weight, false, stride, padding, once, first, parts);
  }

  /**
   * Returns a copy with another initial weight: normal, of variance gain² over the fan-in.
   *
   * @param gain the gain, 0 = zeros
   * @return the product
   */
  public Product withGain(double gain) {
    Initializer initializer = gain == 0 ? Initializer.ZEROS : new FanInInitializer(gain);
    return new Product(name, weight, bias, stride, padding, once, initializer, parts);
  }

  /**
   * Returns a copy that is initialised as the identity on its first channels.
   *
   * @return the product
   */
  public Product startingAsIdentity() {
    return new Product(name, weight, bias, stride, padding, once, new IdentityInitializer(), parts);
  }

  /**
   * Returns a copy with stride 2.
   *
   * @return the product, (N, in, H, W) to (N, out, H/2, W/2)
   */
  public Product halving() {
    return new Product(name, weight, bias, 2, padding, once, first, parts);
  }

  /**
   * Returns a copy without padding, for a map that is padded before.
   *
   * @return the product, with a map smaller by {@code kernel - 1} as result where the stride is 1
   */
  public Product withoutPadding() {
    return new Product(name, weight, bias, stride, 0, once, first, parts);
  }

  /**
   * Returns a copy with the kernel's side as stride and without padding, which maps patches.
   *
   * @return the product, (N, in, H, W) to (N, out, H/kernel, W/kernel)
   */
  public Product ofPatches() {
    int kernel = (int) weight.get(2);
    return new Product(name, weight, bias, kernel, 0, once, first, parts);
  }

  /**
   * Returns a copy that is applied to one vector per sample instead of at each position. Its cost
   * counts once.
   *
   * @return the product
   */
  public Product ofVector() {
    return new Product(name, weight, bias, stride, padding, true, first, parts);
  }

  /**
   * Returns a copy that stands for several matrix products of one input, computed at once: their
   * weights lie one after another along the first axis. An adapter has a delta of each.
   *
   * @param count how many, a divisor of the channels out
   * @return the product
   */
  public Product stacked(int count) {
    return new Product(name, weight, bias, stride, padding, once, first, count);
  }

  /**
   * Returns how many products it stands for.
   *
   * @return 1, but for {@linkplain #stacked stacks}
   */
  public int parts() {
    return parts;
  }

  /**
   * Returns the prefix of the parameters' names.
   *
   * @return the prefix
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
   * Returns whether a bias is added.
   *
   * @return whether there is a parameter {@code <name>.bias}
   */
  public boolean hasBias() {
    return bias;
  }

  /**
   * Returns whether it is applied to one vector per sample.
   *
   * @return false where it is applied at every position
   */
  public boolean isOfVector() {
    return once;
  }

  /**
   * Counts multiply-adds.
   *
   * @param positions number of applications; for a convolution, positions of its result
   * @return the multiply-adds
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

  /** Returns the initializer of the weight. */
  Initializer first() {
    return first;
  }

  /** Returns the type of the weight. A weight that starts at 0 is declared as a bias. */
  Parameter.Type weightType() {
    return first == Initializer.ZEROS ? Parameter.Type.BIAS : Parameter.Type.WEIGHT;
  }
}
