package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.ActivationCheckpointing;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The photograph as a volume: for each position of its grid, slices behind each other with a
 * density and features each, as {@link ai.fresnel.cvs.scene.FrustumRenderer} reads them. A U-Net,
 * for how deep a part of the photograph lies and what is behind it is seen from the whole of it
 * only; its coarsest level has self-attention and attention to the image tokens.
 *
 * <p>Inputs: the folded source image (N, C·fold², H, W) and the image tokens (N, S, T). Output: (N,
 * (1 + features)·slices, H, W), slice by slice within a feature, the density first; zero before
 * training.
 */
public final class VolumeEncoder extends NetworkBlock {

  /** Channels that say where on the grid a position is: both coordinates and their squares. */
  private static final int PLACES = 4;

  private final int side;
  private final int tokens;
  private final int out;
  private final int state;
  private final TorchFunction placed;
  private final Convolution stem;
  private final List<UNetStage> down = new ArrayList<>();
  private final List<Resample> halve = new ArrayList<>();
  private final UNetStage middle;
  private final List<UNetStage> up = new ArrayList<>();
  private final List<Resample> twice = new ArrayList<>();
  private final Slices slices;

  /**
   * Makes the encoder, without values.
   *
   * @param config the configuration of a model with a volume
   */
  public VolumeEncoder(ModelConfig config) {
    side = config.gridSize(0);
    tokens = config.tokens().count();
    out = (1 + config.volume().features()) * config.volume().slices();
    List<Integer> widths = config.volume().channels();
    int groups = config.unet().norm().groups();
    int last = widths.size() - 1;
    int width = widths.get(0);
    state = config.codec().foldedChannels() + PLACES;
    placed = placed(side);
    stem = addChildBlock("in", new Convolution(state, width));
    for (int level = 0; level <= last; level++) {
      down.add(site(config, "down" + level, level, width, 0, level == last));
      width = widths.get(level);
      if (level < last) {
        halve.add(addChildBlock("down" + level + "_resample", Resample.down(width)));
      }
    }
    middle = site(config, "middle", last, width, 0, true);
    for (int level = last; level >= 0; level--) {
      up.add(site(config, "up" + level, level, width, widths.get(level), false));
      width = widths.get(level);
      if (level > 0) {
        twice.add(addChildBlock("up" + level + "_resample", Resample.up(width)));
      }
    }
    slices = addChildBlock("out", new Slices(width, out, groups));
  }

  private static TorchFunction placed(int side) {
    return TorchFunction.of(
        "x: Tensor",
        String.format(
            """
            u = torch.arange(%1$d, dtype=ops.prim.dtype(x), device=ops.prim.device(x))
            u = (u + 0.5) * %2$s - 1.
            size = [torch.size(x, 0), 1, %1$d, %1$d]
            h = torch.expand(torch.reshape(u, [1, 1, 1, -1]), size)
            v = torch.expand(torch.reshape(u, [1, 1, -1, 1]), size)
            return torch.cat([x, h, v, h * h, v * v], 1)
            """,
            side, 2.0 / side));
  }

  private UNetStage site(
      ModelConfig config, String path, int level, int in, int skip, boolean attention) {
    int width = config.volume().channels().get(level);
    ResidualBlock block =
        addChildBlock(path + "_block", new ResidualBlock(in, skip, width, config.unet().norm()));
    SpatialTransformer transformer =
        attention
            ? addChildBlock(
                path + "_attention",
                new SpatialTransformer(
                    width, 1, config.unet().attention(), config.tokens().count()))
            : null;
    return new UNetStage(Math.min(level, config.levels() - 1), block, transformer);
  }

  /**
   * Makes the volume.
   *
   * @param store where the parameters' values are
   * @param manager owns the result and the intermediates
   * @param folded the folded photograph, (N, C·fold², H, W)
   * @param imageTokens (N, S, T)
   * @return (N, (1 + features)·slices, H, W)
   */
  public NDArray apply(
      ParameterStore store, NDManager manager, NDArray folded, NDArray imageTokens) {
    Deque<NDArray> skips = new ArrayDeque<>();
    NDArray seen = placed.call(manager, new NDList(folded));
    NDArray h =
        ActivationCheckpointing.segment(0, manager, (m, in) -> stem.apply(store, m, in), seen);
    for (int level = 0; level < down.size(); level++) {
      h = down.get(level).apply(store, manager, imageTokens, h);
      skips.push(h);
      if (level < halve.size()) {
        h = resample(store, manager, halve.get(level), down.get(level).level(), h);
      }
    }
    h = middle.apply(store, manager, imageTokens, h);
    for (int i = 0; i < up.size(); i++) {
      h = up.get(i).apply(store, manager, imageTokens, h, skips.pop());
      if (i < twice.size()) {
        h = resample(store, manager, twice.get(i), up.get(i).level(), h);
      }
    }
    return ActivationCheckpointing.segment(0, manager, (m, in) -> slices.apply(store, m, in), h);
  }

  private static NDArray resample(
      ParameterStore store, NDManager manager, Resample resample, int level, NDArray h) {
    return ActivationCheckpointing.segment(
        level, manager, (m, in) -> resample.apply(store, m, in), h);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDManager owner = inputs.get(0).getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray result = apply(store, manager, inputs.get(0), inputs.get(1));
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
    long total = stem.multiplyAddsAt(at * at) + slices.multiplyAddsAt(at * at);
    for (int level = 0; level < down.size(); level++) {
      total += down.get(level).multiplyAdds(at, tokens);
      if (level < halve.size()) {
        total += halve.get(level).multiplyAddsFrom(at);
        at /= 2;
      }
    }
    total += middle.multiplyAdds(at, tokens);
    for (int i = 0; i < up.size(); i++) {
      total += up.get(i).multiplyAdds(at, tokens);
      if (i < twice.size()) {
        total += twice.get(i).multiplyAddsFrom(at);
        at *= 2;
      }
    }
    return total;
  }

  /**
   * Counts what training keeps of one sample.
   *
   * @return the counts, part by part
   */
  public List<ActivationCount> activations() {
    List<ActivationCount> parts = new ArrayList<>();
    parts.add(ActivationCount.of(-1, 0, (long) state * side * side, true, 0, 0));
    parts.add(stem.activations(side));
    long at = side;
    for (int level = 0; level < down.size(); level++) {
      parts.add(down.get(level).activations(at, tokens, true));
      if (level < halve.size()) {
        parts.add(halve.get(level).activations(down.get(level).level(), at));
        at /= 2;
      }
    }
    parts.add(middle.activations(at, tokens, true));
    for (int i = 0; i < up.size(); i++) {
      parts.add(up.get(i).activations(at, tokens, i == twice.size()));
      if (i < twice.size()) {
        parts.add(twice.get(i).activations(up.get(i).level(), at));
        at *= 2;
      }
    }
    parts.add(slices.activations(side));
    return parts;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), out, side, side)};
  }

  /** Features to slices: norm, SiLU and a projection of each position. */
  private static final class Slices extends OuterConvolution {

    private final int in;

    Slices(int in, int out, int groups) {
      super(out);
      this.in = in;
      norm("norm", in);
      Product conv = convolution("conv", 0, in, out, 1);
      String h = "torch.silu(" + groupNorm("x", groups, "norm") + ")";
      define("x", "return " + conv.of(h));
    }

    ActivationCount activations(long side) {
      long positions = side * side;
      return ActivationCount.of(
          0,
          2L * in * positions,
          out * positions,
          true,
          Math.max(in, out) * positions,
          Weights.count(this));
    }
  }
}
