package ai.fresnel.cvs.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.DinoConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.ArrayList;
import java.util.List;

/**
 * DINOv2 (Oquab et al. 2023), a vision transformer trained without labels, in the published sizes
 * S, B and L with patches of 14 pixels, with or without registers (Darcet et al. 2024). It is
 * frozen: its parameters have no gradient, and a pass records none.
 *
 * <p>Images of any square size are resized to 224 pixels, which gives 16×16 patches; the position
 * embeddings, learned for 37×37, are interpolated as in the reference code. The result is the patch
 * tokens after the last norm, in row order.
 *
 * <p>The parameters' names are those of the published state dictionary ({@code cls_token}, {@code
 * blocks.0.attn.qkv.weight}, ...), which can be read directly. {@link Weights#initialize} gives
 * random values, useful only for tests.
 *
 * <p>Input: (N, 3, S, S) in [-1, 1]. Output: (N, 256, width).
 */
public final class DinoV2 extends NetworkBlock {

  /** Patch tokens per image. */
  public static final int TOKENS = 256;

  private final VitConfig config;
  private final VitPixels pixels;
  private final VitEmbedding embedding;
  private final List<VitBlock> blocks = new ArrayList<>();
  private final Head head;

  DinoV2(VitConfig config) {
    this.config = config;
    // Blocks without a name add nothing to their parameters' paths.
    pixels = addChildBlock("", new VitPixels(config.imageSize()));
    embedding = addChildBlock("", new VitEmbedding(config));
    for (int i = 0; i < config.depth(); i++) {
      blocks.add(addChildBlock("blocks." + i, new VitBlock(config.width(), config.heads())));
    }
    head = addChildBlock("", new Head(config));
    Weights.parameters(this).values().forEach(parameter -> parameter.freeze(true));
  }

  /**
   * Builds the encoder that a model configuration names, without values.
   *
   * @param encoder a name that {@link DinoConfig#named} knows, such as {@code dinov2_vits14}
   * @return the encoder
   * @throws IllegalArgumentException if the name is none of these
   */
  public static DinoV2 of(String encoder) {
    return of(
        DinoConfig.named(encoder)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "encoder is \""
                            + encoder
                            + "\", expected "
                            + String.join(", ", DinoConfig.publishedNames()))));
  }

  /**
   * Builds an encoder without values.
   *
   * @param sizes its sizes
   * @return the encoder
   */
  public static DinoV2 of(DinoConfig sizes) {
    return new DinoV2(VitConfig.of(sizes));
  }

  /**
   * Encodes images, without gradient.
   *
   * @param store the parameters' values
   * @param manager owner of the result
   * @param images (N, 3, S, S) in [-1, 1]
   * @return (N, 256, width)
   */
  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  public NDArray encode(ParameterStore store, NDManager manager, NDArray images) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager sub = manager.newSubManager()) {
      return encodeNormalized(store, manager, pixels.apply(store, sub, images));
    }
  }

  /**
   * Encodes images that are prepared already, without gradient.
   *
   * @param store the parameters' values
   * @param manager owner of the result
   * @param images (N, 3, 224, 224), normalised by ImageNet's mean and deviation
   * @return (N, 256, width)
   */
  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  public NDArray encodeNormalized(ParameterStore store, NDManager manager, NDArray images) {
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager sub = manager.newSubManager()) {
      NDArray h = embedding.apply(store, sub, images);
      for (VitBlock block : blocks) {
        NDArray next = block.apply(store, sub, h);
        // No graph keeps it, and a layer of ViT-L is a megabyte per image.
        h.close();
        h = next;
      }
      return head.apply(store, manager, h);
    }
  }

  /**
   * Returns the width of a token.
   *
   * @return 384, 768 or 1024 as published
   */
  public int width() {
    return config.width();
  }

  /**
   * Counts the multiply-adds for one image.
   *
   * @return the multiply-adds
   */
  public long multiplyAdds() {
    long patches = (long) config.grid() * config.grid();
    return embedding.multiplyAddsAt(patches)
        + blocks.stream().mapToLong(b -> b.multiplyAdds(config.tokens())).sum();
  }

  @Override
  protected boolean isTrainable() {
    return false;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return new NDList(encode(store, inputs.get(0).getManager(), inputs.get(0)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    long patches = (long) config.grid() * config.grid();
    return new Shape[] {new Shape(inputShapes[0].get(0), patches, config.width())};
  }

  /** The last norm, of the patches' tokens alone: (N, 1 + R + P, D) to (N, P, D). */
  private static final class Head extends FusedBlock {

    private final int skipped;

    Head(VitConfig config) {
      int width = config.width();
      skipped = 1 + config.registers();
      norm("norm", width);
      define(
          "x",
          "h = torch.slice(x, 1, "
              + skipped
              + ", 9223372036854775807, 1)\nreturn "
              + layerNorm("h", width, "norm", VitBlock.EPS));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      Shape x = inputShapes[0];
      return new Shape[] {new Shape(x.get(0), x.get(1) - skipped, x.get(2))};
    }
  }
}
