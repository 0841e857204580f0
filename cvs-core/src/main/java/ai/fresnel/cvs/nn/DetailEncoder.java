package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.DetailConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import java.util.ArrayList;
import java.util.List;

/**
 * The trainable half of the image encoder: convolutions over the folded source image, down to the
 * token grid, one token a position. Stage k has {@code layers} residual blocks of width {@code
 * detailChannels[k]} and halves the grid after it until the grid is the tokens'.
 *
 * <p>Input: the folded source image (N, C·fold², H, W). Output: tokens (N, S, T) with their
 * position embeddings, S = tokenGrid², in row order.
 */
public final class DetailEncoder extends NetworkBlock {

  private final int tokens;
  private final int tokenChannels;
  private final int side;
  private final Convolution stem;
  private final List<ResidualBlock> blocks = new ArrayList<>();
  private final List<Resample> resamples = new ArrayList<>();
  private final int layers;
  private final int lastLevel;
  private final Head head;

  /**
   * Makes the encoder, without values.
   *
   * @param config the model's configuration
   * @throws IllegalArgumentException if its stages do not end on the token grid
   */
  public DetailEncoder(ModelConfig config) {
    DetailConfig detail = config.conditioner().detail().orElseThrow();
    int groups = config.unet().norm().groups();
    layers = detail.blocks();
    lastLevel = config.levels() - 1;
    tokens = config.tokens().count();
    tokenChannels = config.tokens().channels();
    side = config.gridSize(0);
    int width = detail.channels().get(0);
    stem = addChildBlock("in", new Convolution(config.codec().foldedChannels(), width));
    int grid = side;
    for (int stage = 0; stage < detail.channels().size(); stage++) {
      int out = detail.channels().get(stage);
      for (int i = 0; i < layers; i++) {
        blocks.add(
            addChildBlock(
                "stage" + stage + "_block" + i,
                new ResidualBlock(width, 0, out, config.unet().norm())));
        width = out;
      }
      boolean halve = grid > config.tokens().grid();
      resamples.add(
          halve ? addChildBlock("stage" + stage + "_resample", Resample.down(out)) : null);
      grid = halve ? grid / 2 : grid;
    }
    if (grid != config.tokens().grid()) {
      throw new IllegalArgumentException(
          "the detail encoder's "
              + detail.channels().size()
              + " stages turn a grid of "
              + side
              + " into "
              + grid
              + ", expected tokens.grid "
              + config.tokens().grid());
    }
    head = addChildBlock("out", new Head(width, tokenChannels, tokens, groups));
  }

  NDArray apply(ParameterStore store, NDManager manager, NDArray folded) {
    return tokens(store, manager, features(store, manager, folded));
  }

  /**
   * Computes the feature map on the token grid.
   *
   * @param store where the parameters' values are
   * @param manager owns the result and the intermediates
   * @param folded the folded photograph, (N, C·fold², H, W)
   * @return (N, F, √S, √S), F the width of the last stage
   */
  public NDArray features(ParameterStore store, NDManager manager, NDArray folded) {
    NDArray h =
        ActivationCheckpointing.segment(0, manager, (m, in) -> stem.apply(store, m, in), folded);
    int level = 0;
    for (int stage = 0; stage < resamples.size(); stage++) {
      for (int i = 0; i < layers; i++) {
        ResidualBlock block = blocks.get(stage * layers + i);
        h =
            ActivationCheckpointing.segment(
                level, manager, (m, in) -> block.apply(store, m, in), h);
      }
      Resample resample = resamples.get(stage);
      if (resample != null) {
        h =
            ActivationCheckpointing.segment(
                level, manager, (m, in) -> resample.apply(store, m, in), h);
        level = Math.min(level + 1, lastLevel);
      }
    }
    return h;
  }

  /**
   * Turns the feature map into tokens.
   *
   * @param store where the parameters' values are
   * @param manager owns the result
   * @param features (N, F, √S, √S)
   * @return (N, S, T)
   */
  public NDArray tokens(ParameterStore store, NDManager manager, NDArray features) {
    return head.apply(store, manager, features);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDManager owner = inputs.get(0).getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray result = apply(store, manager, inputs.get(0));
      result.attach(owner);
      return new NDList(result);
    }
  }

  /**
   * Counts multiply-adds of one photograph.
   *
   * @return how many
   */
  public long multiplyAdds() {
    long at = side;
    long total = stem.multiplyAddsAt(at * at);
    for (int stage = 0; stage < resamples.size(); stage++) {
      for (int i = 0; i < layers; i++) {
        total += blocks.get(stage * layers + i).multiplyAddsAt(at * at);
      }
      if (resamples.get(stage) != null) {
        total += resamples.get(stage).multiplyAddsFrom(at);
        at /= 2;
      }
    }
    return total + head.multiplyAddsAt(tokens);
  }

  /**
   * Counts what training keeps of one sample.
   *
   * @return the counts, part by part
   */
  public List<ActivationCount> activations() {
    List<ActivationCount> parts = new ArrayList<>();
    parts.add(stem.activations(side));
    long at = side;
    int level = 0;
    for (int stage = 0; stage < resamples.size(); stage++) {
      for (int i = 0; i < layers; i++) {
        parts.add(blocks.get(stage * layers + i).activations(level, at, true));
      }
      if (resamples.get(stage) != null) {
        parts.add(resamples.get(stage).activations(level, at));
        level = Math.min(level + 1, lastLevel);
        at /= 2;
      }
    }
    parts.add(head.activations());
    return parts;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), tokens, tokenChannels)};
  }

  /** Feature map to tokens: norm, projection, position embeddings. */
  private static final class Head extends FusedBlock {

    private final int in;
    private final int width;
    private final int count;

    Head(int in, int width, int count, int groups) {
      this.in = in;
      this.width = width;
      this.count = count;
      norm("norm", in);
      Product projection = linear("out", 1, in, width);
      // Fan-in normal with gain 0.3·√T: a deviation of 0.3 beside projected features of about 1.
      weight("position", 0.3 * Math.sqrt(width), count, width);
      define(
          "x",
          "h = torch.transpose(torch.flatten(torch.silu("
              + groupNorm("x", groups, "norm")
              + "), 2), 1, 2)\nreturn "
              + projection.of("h")
              + " + position");
    }

    ActivationCount activations() {
      long both = 2L * in * count;
      return ActivationCount.of(-1, both, (long) width * count, true, both, Weights.count(this));
    }

    @Override
    protected boolean isHidden() {
      return false;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0), count, width)};
    }
  }
}
