package ai.fresnel.cvs.block;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;

/**
 * A low-rank delta beside one product (Hu et al., "LoRA: Low-Rank Adaptation of Large Language
 * Models", 2022): {@code y = W x + b + scale * up(down(x))}. Both are products without bias, {@code
 * down} like the product itself but with r channels out, {@code up} over r channels at each
 * position. {@code up} starts at zero, so a new delta changes nothing.
 *
 * <p>Of a {@linkplain Product#stacked stack} of n products each has a delta of its own, and the
 * parameters hold all n along their first axis: {@code <name>.lora_down}, (n·r, in) or (r, in,
 * kernel, kernel), and {@code <name>.lora_up}, (out, r) or (out, r, 1, 1).
 */
final class LowRankDelta {

  /** The deviation of peft's first values, uniform in ±1/√fan-in, is 1/√(3·fan-in). */
  private static final double GAIN = 1 / Math.sqrt(3);

  private static final TorchFunction MERGED =
      TorchFunction.of(
          "weight: Tensor, down: Tensor, up: Tensor, parts: Tensor, scale: Tensor",
          """
          n = int(parts)
          r = torch.size(up, 1)
          d = torch.reshape(down, [n, r, -1])
          u = torch.reshape(up, [n, -1, r])
          delta = torch.reshape(torch.matmul(u, d), torch.size(weight))
          return weight + delta * float(scale)
          """);

  private final Product product;
  private final LoraConfig config;
  private final Parameter down;
  private final Parameter up;

  LowRankDelta(Product product, LoraConfig config) {
    this.product = product;
    this.config = config;
    long rank = config.rank();
    Shape weight = product.weight();
    boolean linear = weight.dimension() == 2;
    Shape first = new Shape(product.parts() * rank).addAll(weight.slice(1));
    Shape second = new Shape(weight.get(0), rank);
    down = parameter(".lora_down", first, new FanInInitializer(GAIN));
    up = parameter(".lora_up", linear ? second : second.addAll(new Shape(1, 1)), Initializer.ZEROS);
  }

  private Parameter parameter(String end, Shape shape, Initializer initializer) {
    return Parameter.builder()
        .setName(product.name() + end)
        .setType(Parameter.Type.WEIGHT)
        .optShape(shape)
        .optInitializer(initializer)
        .build();
  }

  Product product() {
    return product;
  }

  LoraConfig config() {
    return config;
  }

  Parameter down() {
    return down;
  }

  Parameter up() {
    return up;
  }

  /** Returns the product's weight with the delta added, in the weight's type. */
  static TorchFunction merged() {
    return MERGED;
  }

  /** Writes the method that computes the product with its delta. */
  String helper() {
    boolean bias = product.hasBias();
    String arguments =
        "x: Tensor, "
            + weight()
            + ": Tensor, "
            + (bias ? bias() + ": Tensor, " : "")
            + "down: Tensor, up: Tensor";
    return TorchFunction.helper(method(), arguments, "Tensor", body());
  }

  private String body() {
    String scaled = "return " + product.of("x") + " + %s * " + scale();
    if (product.weight().dimension() == 4) {
      return String.format(
          Locale.ROOT,
          scaled,
          "torch.conv2d(" + down("x") + ", up, None, [1, 1], [0, 0], [1, 1], 1)");
    }
    int parts = product.parts();
    if (parts == 1) {
      return String.format(Locale.ROOT, scaled, "torch.linear(" + down("x") + ", up)");
    }
    StringBuilder each = new StringBuilder();
    for (int i = 0; i < parts; i++) {
      each.append(i == 0 ? "" : ", ").append("torch.linear(h[" + i + "], u[" + i + "])");
    }
    return ("h = torch.chunk(" + down("x") + ", " + parts + ", -1)\n")
        + ("u = torch.chunk(up, " + parts + ", 0)\n")
        + String.format(Locale.ROOT, scaled, "torch.cat([" + each + "], -1)");
  }

  /** Applies the first product: the same as the product's own but for weight and bias. */
  private String down(String x) {
    String plain = product.withoutBias().of(x);
    return plain.replace(weight(), "down");
  }

  private String scale() {
    return String.valueOf(config.scale());
  }

  private String method() {
    return "lora_" + script();
  }

  private String script() {
    return product.name().replace('.', '_');
  }

  private String weight() {
    return script() + "_weight";
  }

  private String bias() {
    return script() + "_bias";
  }

  /**
   * Replaces the product in a script by itself with the delta. Finds it by its weight, which only
   * the product's own calls have, as the second argument.
   *
   * @throws IllegalStateException if the script does not contain the product
   */
  String into(String body) {
    String call = product.of("");
    int opens = call.indexOf('(') + 1;
    String function = call.substring(0, opens);
    String rest = call.substring(opens);
    StringBuilder out = new StringBuilder(body);
    int at = out.indexOf(rest);
    if (at < 0) {
      throw new IllegalStateException("no product " + product.name() + " in the script:\n" + body);
    }
    while (at >= 0) {
      String arguments =
          ", "
              + weight()
              + (product.hasBias() ? ", " + bias() : "")
              + ", "
              + script()
              + "_lora_down, "
              + script()
              + "_lora_up)";
      out.replace(at, at + rest.length(), arguments);
      int start = opening(out, at) - function.length() + 1;
      if (start < 0 || !out.substring(start, start + function.length()).equals(function)) {
        throw new IllegalStateException("no call of " + function + " before " + rest);
      }
      String method = "self." + method() + "(";
      out.replace(start, start + function.length(), method);
      at = out.indexOf(rest, start + method.length());
    }
    return out.toString();
  }

  /** Finds the bracket that is open at a position. */
  private static int opening(CharSequence text, int position) {
    int depth = 0;
    for (int i = position - 1; i >= 0; i--) {
      char c = text.charAt(i);
      if (c == ')' || c == ']') {
        depth++;
      } else if (c == '(' || c == '[') {
        if (depth == 0) {
          return i;
        }
        depth--;
      }
    }
    return -1;
  }
}
