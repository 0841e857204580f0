package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.Chain;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ClipConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Locale;

/**
 * CLIP's vision transformer (Radford et al. 2021) with the projection of its class token: one
 * vector an image. It is frozen: its parameters have no gradient, and a pass records none.
 *
 * <p>Images of any square size are resized to the transformer's as Zero123 does it: bicubic, with
 * the corners' centres on each other ({@code align_corners}) and without antialiasing.
 *
 * <p>Input: (N, 3, S, S) in [-1, 1]. Output: (N, E).
 */
public final class ClipVision extends NetworkBlock {

  /** Added to the variance by all layer norms. */
  static final double EPS = 1e-5;

  private final ClipConfig config;
  private final Precision precision;
  private final Embedding embedding;
  private final Chain transformer;
  private final Head head;

  /**
   * Builds the encoder without values, in float32.
   *
   * @param config its sizes
   */
  public ClipVision(ClipConfig config) {
    this(config, Precision.FLOAT32);
  }

  /**
   * Builds the encoder without values.
   *
   * @param config its sizes
   * @param precision the type that the transformer's blocks compute in; images are resized and
   *     embedded in float32
   */
  public ClipVision(ClipConfig config, Precision precision) {
    this.config = config;
    this.precision = precision;
    // Blocks without a name add nothing to their parameters' paths.
    embedding = addChildBlock("", new Embedding(config));
    transformer = addChildBlock("", new Chain());
    for (int i = 0; i < config.depth(); i++) {
      transformer.add("block" + i, new ClipBlock(config.width(), config.heads(), config.hidden()));
    }
    head = addChildBlock("", new Head(config));
    freeze();
  }

  /** Stores the weights in the precision that they are computed in, for inference alone. */
  public void narrow() {
    Weights.narrow(transformer, precision);
  }

  /**
   * Encodes images, without gradient.
   *
   * @param store the parameters' values
   * @param manager owner of the result
   * @param images (N, 3, S, S) in [-1, 1]
   * @return (N, E)
   */
  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  public NDArray encode(ParameterStore store, NDManager manager, NDArray images) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager sub = manager.newSubManager()) {
      NDArray tokens = precision.narrow(sub, embedding.apply(store, sub, images));
      tokens = precision.widen(sub, transformer.apply(store, sub, tokens));
      return head.apply(store, manager, tokens);
    }
  }

  /**
   * Returns the width of an embedding.
   *
   * @return E
   */
  public int width() {
    return config.embedding();
  }

  /**
   * Counts the multiply-adds for one image.
   *
   * @return the multiply-adds
   */
  public long multiplyAdds() {
    long patches = (long) config.grid() * config.grid();
    long total = (long) config.width() * config.embedding() + embedding.multiplyAddsAt(patches);
    for (FusedBlock block : transformer.blocks()) {
      total += ((ClipBlock) block).multiplyAdds(patches + 1);
    }
    return total;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(encode(store, inputs.get(0).getManager(), inputs.get(0)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), config.embedding())};
  }

  /** Resizes, normalises, maps patches, adds the class token and positions: to (N, 1 + P, D). */
  private static final class Embedding extends FusedBlock {

    private final ClipConfig config;

    Embedding(ClipConfig config) {
      this.config = config;
      int width = config.width();
      zeros("class_embedding", width);
      Product patches =
          product(
              Product.convolution("patch_embedding", 3, width, config.patch())
                  .ofPatches()
                  .withoutBias());
      weight("position_embedding", 0.02, 1 + (long) config.grid() * config.grid(), width);
      norm("pre_norm", width);
      String size = "[" + config.imageSize() + ", " + config.imageSize() + "]";
      define(
          "x",
          String.join(
              "\n",
              "r = torch.upsample_bicubic2d(x, " + size + ", True, None)",
              "mean = " + constant("[0.48145466, 0.4578275, 0.40821073]"),
              "deviation = " + constant("[0.26862954, 0.26130258, 0.27577711]"),
              "r = ((r + 1.) / 2. - mean) / deviation",
              "h = " + patches.of("r"),
              "h = torch.transpose(torch.flatten(h, 2), 1, 2)",
              "cls = torch.expand(class_embedding, [torch.size(x, 0), 1, " + width + "])",
              "h = torch.cat([cls, h], 1) + position_embedding",
              "return " + layerNorm("h", width, "pre_norm", EPS)));
    }

    private static String constant(String values) {
      return String.format(
          Locale.ROOT,
          "torch.reshape(torch.tensor(%s, dtype=%s, device=%s), [1, 3, 1, 1])",
          values,
          "ops.prim.dtype(x)",
          "ops.prim.device(x)");
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      long tokens = 1 + (long) config.grid() * config.grid();
      return new Shape[] {new Shape(inputShapes[0].get(0), tokens, config.width())};
    }
  }

  /** The last norm and the projection of the class token: (N, 1 + P, D) to (N, E). */
  private static final class Head extends FusedBlock {

    private final ClipConfig config;

    Head(ClipConfig config) {
      this.config = config;
      norm("post_norm", config.width());
      Product projection =
          product(
              Product.linear("projection", config.width(), config.embedding())
                  .ofVector()
                  .withoutBias());
      String token = layerNorm("torch.select(x, 1, 0)", config.width(), "post_norm", EPS);
      define("x", "return " + projection.of(token));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0), config.embedding())};
    }
  }
}
