package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
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
  private final List<List<UNetStage>> down = new ArrayList<>();
  private final List<Resample> halve = new ArrayList<>();
  private final List<UNetStage> middle;
  private final List<List<UNetStage>> up = new ArrayList<>();
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
    int blocks = config.volume().blocks();
    int groups = config.unet().norm().groups();
    int last = widths.size() - 1;
    int width = widths.get(0);
    state = config.codec().foldedChannels() + PLACES;
    placed = placed(side);
    stem = addChildBlock("in", new Convolution(state, width));
    for (int level = 0; level <= last; level++) {
      down.add(site(config, "down" + level, level, blocks, width, 0, level == last));
      width = widths.get(level);
      if (level < last) {
        halve.add(addChildBlock("down" + level + "_resample", Resample.down(width)));
      }
    }
    middle = site(config, "middle", last, 1, width, 0, true);
    for (int level = last; level >= 0; level--) {
      up.add(site(config, "up" + level, level, blocks, width, widths.get(level), false));
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

  /** Residual blocks one after another; the first joins the skip, the last has the attention. */
  private List<UNetStage> site(
      ModelConfig config, String path, int level, int blocks, int in, int skip, boolean attention) {
    int width = config.volume().channels().get(level);
    int unetLevel = Math.min(level, config.levels() - 1);
    List<UNetStage> stages = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      ResidualBlock block =
          addChildBlock(
              path + "_block" + (i == 0 ? "" : i),
              new ResidualBlock(
                  i == 0 ? in : width, i == 0 ? skip : 0, width, config.unet().norm()));
      SpatialTransformer transformer =
          attention && i == blocks - 1
              ? addChildBlock(
                  path + "_attention",
                  new SpatialTransformer(
                      width,
                      config.volume().attentionDepth(),
                      config.unet().attention(),
                      config.tokens().count()))
              : null;
      stages.add(new UNetStage(unetLevel, block, transformer));
    }
    return stages;
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
      h = through(down.get(level), store, manager, imageTokens, h);
      skips.push(h);
      if (level < halve.size()) {
        h = resample(store, manager, halve.get(level), level(down.get(level)), h);
      }
    }
    h = through(middle, store, manager, imageTokens, h);
    for (int i = 0; i < up.size(); i++) {
      h = through(up.get(i), store, manager, imageTokens, h, skips.pop());
      if (i < twice.size()) {
        h = resample(store, manager, twice.get(i), level(up.get(i)), h);
      }
    }
    return ActivationCheckpointing.segment(0, manager, (m, in) -> slices.apply(store, m, in), h);
  }

  /** Of the inputs the first stage takes all. */
  private static NDArray through(
      List<UNetStage> site,
      ParameterStore store,
      NDManager manager,
      NDArray tokens,
      NDArray... inputs) {
    NDArray h = site.get(0).apply(store, manager, tokens, inputs);
    for (UNetStage stage : site.subList(1, site.size())) {
      h = stage.apply(store, manager, tokens, h);
    }
    return h;
  }

  private static int level(List<UNetStage> site) {
    return site.get(0).level();
  }

  private static long multiplyAdds(List<UNetStage> site, long side, int tokens) {
    return site.stream().mapToLong(stage -> stage.multiplyAdds(side, tokens)).sum();
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
      total += multiplyAdds(down.get(level), at, tokens);
      if (level < halve.size()) {
        total += halve.get(level).multiplyAddsFrom(at);
        at /= 2;
      }
    }
    total += multiplyAdds(middle, at, tokens);
    for (int i = 0; i < up.size(); i++) {
      total += multiplyAdds(up.get(i), at, tokens);
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
      for (UNetStage stage : down.get(level)) {
        parts.add(stage.activations(at, tokens, true));
      }
      if (level < halve.size()) {
        parts.add(halve.get(level).activations(level(down.get(level)), at));
        at /= 2;
      }
    }
    for (UNetStage stage : middle) {
      parts.add(stage.activations(at, tokens, true));
    }
    for (int i = 0; i < up.size(); i++) {
      List<UNetStage> site = up.get(i);
      for (int k = 0; k < site.size(); k++) {
        // A norm reads the result of all but the last, which is enlarged.
        boolean kept = i == twice.size() || k < site.size() - 1;
        parts.add(site.get(k).activations(at, tokens, kept));
      }
      if (i < twice.size()) {
        parts.add(twice.get(i).activations(level(up.get(i)), at));
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
