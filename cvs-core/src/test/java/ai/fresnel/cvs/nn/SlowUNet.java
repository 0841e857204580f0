package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.model.UNetConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/** The U-Net of a configuration on {@link SlowTensor}s, with weights found by their names. */
final class SlowUNet {

  private final Map<String, SlowTensor> weights;
  private final UNetConfig config;
  private final SlowNetwork blocks;

  SlowUNet(Map<String, SlowTensor> weights, UNetConfig config) {
    this.weights = weights;
    this.config = config;
    blocks = new SlowNetwork(weights, config.norm().groups());
  }

  /** The pose is read where the configuration joins it. */
  SlowTensor run(
      String path, SlowTensor state, SlowTensor embedding, SlowTensor pose, SlowTensor tokens) {
    int last = config.levels().size() - 1;
    Deque<SlowTensor> skips = new ArrayDeque<>();
    SlowTensor h = convolution(path + "in.conv", state);
    skips.push(h);
    for (int level = 0; level <= last; level++) {
      UNetConfig.Level shape = config.levels().get(level);
      for (int i = 0; i < shape.blocks(); i++) {
        h = residual(path + "down" + level + "_block" + i + ".", h, embedding);
        h = spatial(path + "down" + level + "_attention" + i + ".", h, tokens, level);
        skips.push(h);
      }
      if (level < last) {
        h = blocks.down(path + "down" + level + "_resample.", h);
        skips.push(h);
      }
    }
    if (config.poseJoin()) {
      h = convolution(path + "join_pose.conv", h.cat(everywhere(pose, h), 1));
    }
    h = residual(path + "middle_block0.", h, embedding);
    h = spatial(path + "middle_attention0.", h, tokens, config.middleAttentionDepth(), true);
    h = residual(path + "middle_block1.", h, embedding);
    for (int level = last; level >= 0; level--) {
      UNetConfig.Level shape = config.levels().get(level);
      for (int i = 0; i <= shape.blocks(); i++) {
        h = residual(path + "up" + level + "_block" + i + ".", h.cat(skips.pop(), 1), embedding);
        h = spatial(path + "up" + level + "_attention" + i + ".", h, tokens, level);
      }
      if (level > 0) {
        h = blocks.up(path + "up" + level + "_resample.", h);
      }
    }
    SlowTensor out = convolution(path + "out.conv", norm(path + "out.norm", h).silu());
    return config.skipHead() ? out.plus(straight(path + "out.", state, embedding)) : out;
  }

  /** The state times its gains, through a convolution without bias. */
  private SlowTensor straight(String path, SlowTensor state, SlowTensor embedding) {
    SlowTensor gains = linear(path + "gain", embedding);
    SlowTensor gained = everywhere(gains, state);
    for (int i = 0; i < gained.values().length; i++) {
      gained.values()[i] *= state.values()[i];
    }
    return gained.convolution(weights.get(path + "linear.weight"), null, 1, 1);
  }

  private SlowTensor residual(String path, SlowTensor x, SlowTensor embedding) {
    SlowTensor h = convolution(path + "conv1", norm(path + "norm1", x).silu());
    int width = h.size(1);
    SlowTensor m = linear(path + "modulation", embedding);
    if (config.modulation() == UNetConfig.Modulation.SHIFT) {
      h = norm(path + "norm2", h.plus(everywhere(m, h)));
    } else {
      h = norm(path + "norm2", h);
      SlowTensor scale = everywhere(m.last(0, width), h).map(v -> 1 + v);
      h = h.timesLast(scale).plus(everywhere(m.last(width, 2 * width), h));
    }
    h = convolution(path + "conv2", h.silu());
    return h.plus(x.size(1) == width ? x : convolution(path + "shortcut", x));
  }

  private SlowTensor spatial(String path, SlowTensor x, SlowTensor tokens, int level) {
    int depth = config.levels().get(level).attentionDepth();
    return spatial(path, x, tokens, depth, depth > 0);
  }

  private SlowTensor spatial(
      String path, SlowTensor x, SlowTensor tokens, int depth, boolean attends) {
    if (!attends || depth == 0) {
      return x;
    }
    UNetConfig.Attention attention = config.attention();
    int c = x.size(1);
    int positions = x.size(2) * x.size(3);
    SlowTensor h =
        x.groupNorm(
            attention.norm().groups(),
            weights.get(path + "enter.norm.weight"),
            weights.get(path + "enter.norm.bias"),
            attention.norm().epsilon());
    h =
        attention.linearProjection()
            ? linear(path + "enter.in", h.reshape(x.size(0), c, positions).transpose())
            : convolution(path + "enter.in", h).reshape(x.size(0), c, positions).transpose();
    for (int i = 0; i < depth; i++) {
      h = blocks.transformer(path + "block" + i + ".", h, tokens, attention.heads().count(c));
    }
    SlowTensor back =
        attention.linearProjection()
            ? linear(path + "leave.out", h).transpose().reshape(x.size(0), c, x.size(2), x.size(3))
            : convolution(
                path + "leave.out", h.transpose().reshape(x.size(0), c, x.size(2), x.size(3)));
    return x.plus(back);
  }

  /** A vector (N, C) at each position of a map: (N, C, H, W). */
  private static SlowTensor everywhere(SlowTensor vector, SlowTensor map) {
    int positions = map.size(2) * map.size(3);
    double[] values = new double[vector.values().length * positions];
    for (int i = 0; i < values.length; i++) {
      values[i] = vector.values()[i / positions];
    }
    return new SlowTensor(values, vector.size(0), vector.size(1), map.size(2), map.size(3));
  }

  private SlowTensor linear(String name, SlowTensor x) {
    return x.linear(weights.get(name + ".weight"), weights.get(name + ".bias"));
  }

  private SlowTensor convolution(String name, SlowTensor x) {
    SlowTensor kernel = weights.get(name + ".weight");
    return x.convolution(kernel, weights.get(name + ".bias"), 1, kernel.size(2) / 2);
  }

  private SlowTensor norm(String name, SlowTensor x) {
    return x.groupNorm(
        config.norm().groups(),
        weights.get(name + ".weight"),
        weights.get(name + ".bias"),
        config.norm().epsilon());
  }
}
