package ai.fresnel.cvs.train.lpips;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Builds the TorchScript of an LPIPS network layer by layer, with the names and shapes of its
 * weights in the order of the script.
 */
final class LpipsScript {

  /**
   * The squared difference of normalised features, weighted by channel, averaged over positions.
   */
  private static final String TAP =
      TorchFunction.helper(
          "tap",
          "x: Tensor, head: Tensor",
          "Tensor",
          """
          norm = torch.sqrt(torch.sum(x * x, [1], True))
          unit = torch.chunk(x / (norm + 1e-10), 2)
          d = unit[0] - unit[1]
          y = torch.conv2d(d * d, head, None, [1, 1], [0, 0], [1, 1], 1)
          return torch.mean(y, [1, 2, 3])
          """);

  private final Map<String, Shape> backbone = new LinkedHashMap<>();
  private final Map<String, Shape> heads = new LinkedHashMap<>();
  private final StringBuilder body = new StringBuilder();
  private int channels = 3;

  private LpipsScript() {}

  static LpipsScript of(LpipsNet net) {
    return switch (net) {
      case ALEX -> alex();
      case VGG -> vgg();
      case SQUEEZE -> squeeze();
    };
  }

  private static LpipsScript alex() {
    return new LpipsScript()
        .convolution("features.0", 64, 11, 4, 2)
        .tap()
        .pool(3, false)
        .convolution("features.3", 192, 5, 1, 2)
        .tap()
        .pool(3, false)
        .convolution("features.6", 384, 3, 1, 1)
        .tap()
        .convolution("features.8", 256, 3, 1, 1)
        .tap()
        .convolution("features.10", 256, 3, 1, 1)
        .tap();
  }

  private static LpipsScript vgg() {
    LpipsScript script = new LpipsScript();
    int[] widths = {64, 128, 256, 512, 512};
    int layer = 0;
    for (int stage = 0; stage < widths.length; stage++) {
      if (stage > 0) {
        script.pool(2, false);
        layer++;
      }
      int convolutions = stage < 2 ? 2 : 3;
      for (int i = 0; i < convolutions; i++) {
        script.convolution("features." + layer, widths[stage], 3, 1, 1);
        // A ReLU counts as a layer.
        layer += 2;
      }
      script.tap();
    }
    return script;
  }

  private static LpipsScript squeeze() {
    return new LpipsScript()
        .convolution("features.0", 64, 3, 2, 0)
        .tap()
        .pool(3, true)
        .fire("features.3", 16, 64)
        .fire("features.4", 16, 64)
        .tap()
        .pool(3, true)
        .fire("features.6", 32, 128)
        .fire("features.7", 32, 128)
        .tap()
        .pool(3, true)
        .fire("features.9", 48, 192)
        .tap()
        .fire("features.10", 48, 192)
        .tap()
        .fire("features.11", 64, 256)
        .tap()
        .fire("features.12", 64, 256)
        .tap();
  }

  /** Adds a convolution with bias, and a ReLU. */
  private LpipsScript convolution(String name, int out, int kernel, int stride, int padding) {
    line("x = torch.relu(" + weighted("x", name, channels, out, kernel, stride, padding) + ")");
    channels = out;
    return this;
  }

  /** Adds SqueezeNet's fire module: 1×1 to few channels, then 1×1 and 3×3 in parallel. */
  private LpipsScript fire(String name, int squeezed, int expanded) {
    convolution(name + ".squeeze", squeezed, 1, 1, 0);
    String one = weighted("x", name + ".expand1x1", squeezed, expanded, 1, 1, 0);
    String three = weighted("x", name + ".expand3x3", squeezed, expanded, 3, 1, 1);
    line("x = torch.relu(torch.cat([" + one + ", " + three + "], 1))");
    channels = 2 * expanded;
    return this;
  }

  /** Adds max pooling of stride 2; {@code ceil} keeps an incomplete last window. */
  private LpipsScript pool(int kernel, boolean ceil) {
    line(
        "x = torch.max_pool2d(x, [%d, %d], [2, 2], [0, 0], [1, 1], %s)",
        kernel, kernel, ceil ? "True" : "False");
    return this;
  }

  /** Adds a comparison of the features of this layer. */
  private LpipsScript tap() {
    String sum = heads.isEmpty() ? "" : "d + ";
    line("d = " + sum + "self.tap(x, h[" + heads.size() + "])");
    heads.put("lin" + heads.size() + ".model.1.weight", new Shape(1, channels, 1, 1));
    return this;
  }

  private String weighted(
      String x, String name, int in, int out, int kernel, int stride, int padding) {
    int index = backbone.size();
    backbone.put(name + ".weight", new Shape(out, in, kernel, kernel));
    backbone.put(name + ".bias", new Shape(out));
    return String.format(
        Locale.ROOT,
        "torch.conv2d(%s, w[%d], w[%d], [%d, %d], [%d, %d], [1, 1], 1)",
        x,
        index,
        index + 1,
        stride,
        stride,
        padding,
        padding);
  }

  private void line(String pattern, Object... values) {
    body.append(String.format(Locale.ROOT, pattern, values)).append('\n');
  }

  /** Returns the weights of the backbone by torchvision's names, in the order of the function. */
  Map<String, Shape> backbone() {
    return backbone;
  }

  /** Returns the weights of the heads by their published names, in the order of the function. */
  Map<String, Shape> heads() {
    return heads;
  }

  /**
   * Returns the function from (a, b, weights of the backbone, weights of the heads) to (N).
   *
   * @param side the side to which images are resized, 0 for their own size
   */
  TorchFunction distance(int side) {
    String resize = "x = torch.upsample_bilinear2d(x, [%d, %d], False)\n".formatted(side, side);
    return TorchFunction.withHelpers(
        TAP,
        "a: Tensor, b: Tensor, w: List[Tensor], h: List[Tensor]",
        // Both images in one batch: the weights of each layer are read once.
        "x = torch.cat([a, b])\n"
            + (side == 0 ? "" : resize)
            + "x = (x - "
            + constant("[-0.030, -0.088, -0.188]")
            + ") / "
            + constant("[0.458, 0.448, 0.450]")
            + "\n"
            + body
            + "return d");
  }

  private static String constant(String values) {
    return "torch.reshape(torch.tensor("
        + values
        + ", dtype=ops.prim.dtype(x), device=ops.prim.device(x)), [1, 3, 1, 1])";
  }
}
