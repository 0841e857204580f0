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
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * The U-Net of a {@link UNetConfig}, in the line of Dhariwal and Nichol (2021) and latent diffusion
 * (Rombach et al. 2022): at each level residual blocks, one more on the way up, each followed by a
 * {@link SpatialTransformer} where the level has attention; a middle of residual block, transformer
 * and residual block, before which the pose is joined in if the configuration says so. A part that
 * is not wanted has no parameters.
 *
 * <p>Inputs: the state (N, in, H, W), the noisy target and all that is concatenated to it; the
 * embedding (N, D) after its SiLU; the pose embedding (N, D), only where it is joined; the image
 * tokens (N, S, T). Output: (N, out, H, W), zero before training.
 */
final class UNet extends NetworkBlock {

  private final UNetConfig config;
  private final int outChannels;
  private final int side;
  private final int state;
  private final int tokens;
  private final Convolution input;
  private final List<Level> down = new ArrayList<>();
  private final JoinPose join;
  private final UNetStage middle1;
  private final ResidualBlock middle2;
  private final List<Level> up = new ArrayList<>();
  private final OutputHead output;

  /** The sites of one resolution and the change to the next, null at the last. */
  private record Level(int index, List<UNetStage> sites, Resample resample) {

    NDArray resample(ParameterStore store, NDManager manager, NDArray h) {
      return ActivationCheckpointing.segment(
          index, manager, (m, in) -> resample.apply(store, m, in), h);
    }
  }

  /**
   * Builds the network without values.
   *
   * @param config its shape
   * @param in channels of the state
   * @param out channels of the result
   * @param side positions a side of the state, for counting cost and memory
   * @param tokens S, for counting cost and memory; one token is not attended to but added
   */
  UNet(UNetConfig config, int in, int out, int side, int tokens) {
    this.config = config;
    this.side = side;
    this.tokens = tokens;
    state = in;
    outChannels = out;
    int levels = config.levels().size();
    Deque<Integer> skips = new ArrayDeque<>();

    int width = config.levels().get(0).channels();
    input = addChildBlock("in", new Convolution(state, width));
    skips.push(width);
    for (int level = 0; level < levels; level++) {
      UNetConfig.Level shape = config.levels().get(level);
      List<UNetStage> sites = new ArrayList<>();
      for (int i = 0; i < shape.blocks(); i++) {
        sites.add(site("down" + level, i, level, width, 0));
        width = shape.channels();
        skips.push(width);
      }
      Resample resample = null;
      if (level < levels - 1) {
        resample = addChildBlock("down" + level + "_resample", Resample.down(width));
        skips.push(width);
      }
      down.add(new Level(level, sites, resample));
    }

    join =
        config.poseJoin()
            ? addChildBlock("join_pose", new JoinPose(width, config.embeddingChannels()))
            : null;
    middle1 = site("middle", 0, levels - 1, width, 0, config.middleAttentionDepth());
    middle2 = addChildBlock("middle_block1", residual(width, 0, width));

    for (int level = levels - 1; level >= 0; level--) {
      List<UNetStage> sites = new ArrayList<>();
      UNetConfig.Level shape = config.levels().get(level);
      for (int i = 0; i <= shape.blocks(); i++) {
        sites.add(site("up" + level, i, level, width, skips.pop()));
        width = shape.channels();
      }
      Resample resample =
          level == 0 ? null : addChildBlock("up" + level + "_resample", Resample.up(width));
      up.add(new Level(level, sites, resample));
    }
    output =
        addChildBlock(
            "out",
            config.skipHead()
                ? new OutputHead(width, out, config.norm(), state, config.embeddingChannels())
                : new OutputHead(width, out, config.norm()));
  }

  private UNetStage site(String path, int index, int level, int in, int skip) {
    return site(path, index, level, in, skip, config.levels().get(level).attentionDepth());
  }

  private UNetStage site(String path, int index, int level, int in, int skip, int depth) {
    int width = config.levels().get(level).channels();
    ResidualBlock block = addChildBlock(path + "_block" + index, residual(in, skip, width));
    SpatialTransformer attention =
        depth == 0
            ? null
            : addChildBlock(
                path + "_attention" + index,
                new SpatialTransformer(width, depth, config.attention(), tokens));
    return new UNetStage(level, block, attention);
  }

  private ResidualBlock residual(int in, int skip, int width) {
    return new ResidualBlock(
        in, skip, width, config.norm(), config.modulation(), config.embeddingChannels());
  }

  /**
   * Runs the network.
   *
   * @param store where the parameters' values are
   * @param inputs its inputs
   * @param last takes the features that the output is made of, (N, width, H, W) on {@code manager}
   * @return (N, out, H, W) on {@code manager}, which also owns the intermediates: close it soon
   */
  NDArray apply(
      ParameterStore store, NDManager manager, UNetInputs inputs, Consumer<NDArray> last) {
    int bottom = down.size() - 1;
    Deque<NDArray> skips = new ArrayDeque<>();
    NDArray embedding = inputs.embedding();
    NDArray imageTokens = inputs.tokens();
    NDArray h = descend(store, manager, inputs, down, skips, end -> {});
    if (join != null) {
      h =
          ActivationCheckpointing.segment(
              bottom, manager, (m, in) -> join.apply(store, m, in), h, inputs.pose());
    }
    h = middle1.apply(store, manager, imageTokens, h, embedding);
    h =
        ActivationCheckpointing.segment(
            bottom, manager, (m, in) -> middle2.apply(store, m, in), h, embedding);
    for (Level level : up) {
      for (UNetStage site : level.sites) {
        h = site.apply(store, manager, imageTokens, h, skips.pop(), embedding);
      }
      if (level.resample != null) {
        h = level.resample(store, manager, h);
      }
    }
    last.accept(h);
    NDArray[] read =
        config.skipHead() ? new NDArray[] {h, inputs.state(), embedding} : new NDArray[] {h};
    return ActivationCheckpointing.segment(0, manager, (m, in) -> output.apply(store, m, in), read);
  }

  /**
   * Runs the way down alone, as far as wanted.
   *
   * @param store where the parameters' values are
   * @param inputs its inputs
   * @param levels how many, from the finest
   * @return the features each level ends with, (N, width, H / 2^level, W / 2^level)
   */
  NDList features(ParameterStore store, NDManager manager, UNetInputs inputs, int levels) {
    NDList ends = new NDList();
    List<Level> part = down.subList(0, levels);
    descend(store, manager, inputs, part, new ArrayDeque<>(), ends::add);
    return ends;
  }

  private NDArray descend(
      ParameterStore store,
      NDManager manager,
      UNetInputs inputs,
      List<Level> levels,
      Deque<NDArray> skips,
      Consumer<NDArray> ends) {
    NDArray h =
        ActivationCheckpointing.segment(
            0, manager, (m, in) -> input.apply(store, m, in), inputs.state());
    skips.push(h);
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      for (UNetStage site : level.sites) {
        h = site.apply(store, manager, inputs.tokens(), h, inputs.embedding());
        skips.push(h);
      }
      ends.accept(h);
      if (i < levels.size() - 1) {
        h = level.resample(store, manager, h);
        skips.push(h);
      }
    }
    return h;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDManager owner = inputs.get(0).getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray embedding = inputs.get(1);
      NDArray pose = join == null ? embedding : inputs.get(2);
      NDArray imageTokens = inputs.get(inputs.size() - 1);
      UNetInputs named = new UNetInputs(inputs.get(0), embedding, pose, imageTokens);
      NDArray result = apply(store, manager, named, last -> {});
      result.attach(owner);
      return new NDList(result);
    }
  }

  /** Multiply-adds of one sample. */
  long multiplyAdds() {
    long at = side;
    long total = input.multiplyAddsAt(at * at) + output.multiplyAddsAt(at * at);
    for (Level level : down) {
      total += multiplyAdds(level, at);
      at = level.resample == null ? at : at / 2;
    }
    total += middle1.multiplyAdds(at, tokens) + middle2.multiplyAddsAt(at * at);
    total += join == null ? 0 : join.multiplyAddsAt(at * at);
    for (Level level : up) {
      total += multiplyAdds(level, at);
      at = level.resample == null ? at : at * 2;
    }
    return total;
  }

  /** Counts what one sample keeps, part by part. */
  List<ActivationCount> activations() {
    List<ActivationCount> parts = new ArrayList<>();
    parts.add(ActivationCount.of(-1, 0, (long) state * side * side, true, 0, 0));
    parts.add(input.activations(side));
    long at = side;
    for (Level level : down) {
      for (UNetStage site : level.sites) {
        parts.add(site.activations(at, tokens, true));
      }
      if (level.resample != null) {
        parts.add(level.resample.activations(level.index, at));
        at /= 2;
      }
    }
    int last = down.size() - 1;
    if (join != null) {
      parts.add(join.activations(last, at));
    }
    parts.add(middle1.activations(at, tokens, true));
    parts.add(middle2.activations(last, at, false));
    for (Level level : up) {
      for (int i = 0; i < level.sites.size(); i++) {
        boolean beforeHead = level.index == 0 && i == level.sites.size() - 1;
        parts.add(level.sites.get(i).activations(at, tokens, beforeHead));
      }
      if (level.resample != null) {
        parts.add(level.resample.activations(level.index, at));
        at *= 2;
      }
    }
    parts.add(output.activations(side));
    return parts;
  }

  private long multiplyAdds(Level level, long at) {
    long sites = level.sites.stream().mapToLong(site -> site.multiplyAdds(at, tokens)).sum();
    return sites + (level.resample == null ? 0 : level.resample.multiplyAddsFrom(at));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    return new Shape[] {new Shape(x.get(0), outChannels, x.get(2), x.get(3))};
  }

  /** Concatenates the pose to every position of the bottleneck and projects back to its width. */
  private static final class JoinPose extends FusedBlock {

    private final int channels;
    private final int poseWidth;

    JoinPose(int channels, int poseWidth) {
      this.channels = channels;
      this.poseWidth = poseWidth;
      Product conv = convolution("conv", 1, (long) channels + poseWidth, channels, 1);
      define(
          "x, pose",
          String.join(
              "\n",
              "p = torch.unsqueeze(torch.unsqueeze(pose, 2), 3)",
              "p = torch.expand(p, [torch.size(x, 0), "
                  + poseWidth
                  + ", torch.size(x, 2), torch.size(x, 3)])",
              "return " + conv.of("torch.cat([x, p], 1)")));
    }

    ActivationCount activations(int level, long side) {
      long joined = (channels + (long) poseWidth) * side * side;
      return ActivationCount.of(
          level, joined, channels * side * side, true, joined, Weights.count(this));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {inputShapes[0]};
    }
  }
}
