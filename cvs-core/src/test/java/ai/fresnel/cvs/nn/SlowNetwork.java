package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.UNetConfig;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;

/** Every block of the network on {@link SlowTensor}s, with weights found by their names. */
public final class SlowNetwork {

  private final Map<String, SlowTensor> weights;
  private final int groups;

  public SlowNetwork(Map<String, SlowTensor> weights, int groups) {
    this.weights = weights;
    this.groups = groups;
  }

  private SlowTensor weight(String name) {
    SlowTensor found = weights.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no parameter " + name + " in " + weights.keySet());
    }
    return found;
  }

  private SlowTensor linear(String name, SlowTensor x) {
    return x.linear(weight(name + ".weight"), weight(name + ".bias"));
  }

  private SlowTensor convolution(String name, SlowTensor x, int stride) {
    SlowTensor kernel = weight(name + ".weight");
    return x.convolution(kernel, weight(name + ".bias"), stride, kernel.size(2) / 2);
  }

  private SlowTensor groupNorm(String name, SlowTensor x) {
    return x.groupNorm(groups, weight(name + ".weight"), weight(name + ".bias"));
  }

  private SlowTensor layerNorm(String name, SlowTensor x) {
    return x.layerNorm(weight(name + ".weight"), weight(name + ".bias"), 1e-5);
  }

  /** Skip and embedding may be null. */
  SlowTensor residual(String path, SlowTensor x, SlowTensor skip, SlowTensor embedding) {
    SlowTensor in = skip == null ? x : x.cat(skip, 1);
    SlowTensor h = convolution(path + "conv1", groupNorm(path + "norm1", in).silu(), 1);
    h = groupNorm(path + "norm2", h);
    if (embedding != null) {
      int channels = h.size(1);
      SlowTensor m = linear(path + "modulation", embedding);
      modulate(h, m.last(0, channels), m.last(channels, 2 * channels));
    }
    h = convolution(path + "conv2", h.silu(), 1);
    boolean same = in.size(1) == h.size(1);
    return h.plus(same ? in : convolution(path + "shortcut", in, 1));
  }

  /** In place: a scale (as its distance from one) and a shift (N, C) for a map (N, C, H, W). */
  private static void modulate(SlowTensor map, SlowTensor scale, SlowTensor shift) {
    int positions = map.size(2) * map.size(3);
    for (int i = 0; i < map.values().length; i++) {
      int at = i / positions;
      map.values()[i] = map.values()[i] * (1 + scale.values()[at]) + shift.values()[at];
    }
  }

  SlowTensor down(String path, SlowTensor x) {
    return convolution(path + "conv", x, 2);
  }

  SlowTensor up(String path, SlowTensor x) {
    return convolution(path + "conv", x.doubled(), 1);
  }

  SlowTensor transformer(String path, SlowTensor x, SlowTensor tokens, int heads) {
    int c = x.size(2);
    SlowTensor qkv = layerNorm(path + "norm1", x).linear(weight(path + "self.qkv.weight"), null);
    SlowTensor a =
        SlowTensor.attention(qkv.last(0, c), qkv.last(c, 2 * c), qkv.last(2 * c, 3 * c), heads);
    SlowTensor y = x.plus(linear(path + "self.out", a));
    SlowTensor q = layerNorm(path + "norm2", y).linear(weight(path + "cross.q.weight"), null);
    SlowTensor kv = tokens.linear(weight(path + "cross.kv.weight"), null);
    a = SlowTensor.attention(q, kv.last(0, c), kv.last(c, 2 * c), heads);
    y = y.plus(linear(path + "cross.out", a));
    SlowTensor gate = linear(path + "gate", layerNorm(path + "norm3", y));
    int hidden = gate.size(2) / 2;
    SlowTensor h = gate.last(0, hidden).timesLast(gate.last(hidden, 2 * hidden).gelu());
    return y.plus(linear(path + "out", h));
  }

  SlowTensor spatial(String path, SlowTensor x, SlowTensor tokens, int depth, int headChannels) {
    int c = x.size(1);
    SlowTensor sequence =
        groupNorm(path + "enter.norm", x).reshape(x.size(0), c, x.size(2) * x.size(3)).transpose();
    SlowTensor h = linear(path + "enter.in", sequence);
    for (int i = 0; i < depth; i++) {
      h = transformer(path + "block" + i + ".", h, tokens, c / headChannels);
    }
    SlowTensor back = linear(path + "leave.out", h).transpose();
    return x.plus(back.reshape(x.size(0), c, x.size(2), x.size(3)));
  }

  SlowTensor noise(String path, SlowTensor level) {
    int n = level.size(0);
    double[] features = new double[n * 128];
    for (int i = 0; i < n; i++) {
      for (int f = 0; f < 64; f++) {
        double angle = level.get(i) * Math.pow(2, -2 + 6 * f / 63.0);
        features[i * 128 + f] = Math.cos(angle);
        features[i * 128 + 64 + f] = Math.sin(angle);
      }
    }
    SlowTensor h = linear(path + "in", new SlowTensor(features, n, 128)).silu();
    return linear(path + "out", h);
  }

  SlowTensor pose(String path, SlowTensor features) {
    SlowTensor h = linear(path + "in", features).silu();
    return linear(path + "out", linear(path + "mid", h).silu());
  }

  SlowTensor detail(String path, ModelConfig config, SlowTensor folded) {
    return tokens(path, features(path, config, folded));
  }

  /** The volume's U-Net: attention at the coarsest level on the way down and in the middle. */
  SlowTensor volume(String path, ModelConfig config, SlowTensor folded, SlowTensor tokens) {
    int side = folded.size(2);
    double[] places = new double[folded.size(0) * 4 * side * side];
    for (int i = 0; i < places.length; i++) {
      double u = (i % side + 0.5) / side * 2 - 1;
      int row = i / side % side;
      double v = (row + 0.5) / side * 2 - 1;
      places[i] = new double[] {u, v, u * u, v * v}[i / side / side % 4];
    }
    SlowTensor state = folded.cat(new SlowTensor(places, folded.size(0), 4, side, side), 1);
    SlowTensor h = convolution(path + "in.conv", state, 1);
    int last = config.volume().channels().size() - 1;
    int depth = config.volume().attentionDepth();
    Deque<SlowTensor> skips = new ArrayDeque<>();
    for (int level = 0; level <= last; level++) {
      h = residual(path + "down" + level + "_block.", h, null, null);
      h = more(path + "down" + level, config, h);
      if (level == last) {
        h = spatial(path + "down" + level + "_attention.", h, tokens, depth, headChannels(config));
      }
      skips.push(h);
      h = level < last ? down(path + "down" + level + "_resample.", h) : h;
    }
    h = residual(path + "middle_block.", h, null, null);
    h = spatial(path + "middle_attention.", h, tokens, depth, headChannels(config));
    for (int level = last; level >= 0; level--) {
      h = residual(path + "up" + level + "_block.", h, skips.pop(), null);
      h = more(path + "up" + level, config, h);
      h = level > 0 ? up(path + "up" + level + "_resample.", h) : h;
    }
    return convolution(path + "out.conv", groupNorm(path + "out.norm", h).silu(), 1);
  }

  private SlowTensor more(String path, ModelConfig config, SlowTensor h) {
    for (int i = 1; i < config.volume().blocks(); i++) {
      h = residual(path + "_block" + i + ".", h, null, null);
    }
    return h;
  }

  /** The view rendered of the volume, where there is one. */
  private SlowTensor rendered(
      ModelConfig config, SlowTensor volume, SlowTensor photo, SlowTensor poses) {
    double[] all = new double[0];
    int count = volume.size(0);
    for (int n = 0; n < count; n++) {
      double[] f = Arrays.copyOfRange(poses.values(), 16 * n, 16 * (n + 1));
      double[] forward = {
        f[1] * f[5] - f[2] * f[4], f[2] * f[3] - f[0] * f[5], f[0] * f[4] - f[1] * f[3]
      };
      double sine = forward[0] * forward[0] + forward[1] * forward[1];
      double source = (1.8e-4 - f[6] * forward[0] - f[7] * forward[1]) / (sine + 1e-4);
      double target = f[8] + forward[2] * source;
      double[] lenses = Arrays.copyOfRange(f, 9, 13);
      double[] one =
          new SlowVolume(config)
              .render(volume, photo, n, lenses, source, target, SlowCamera.move(f));
      double[] more = Arrays.copyOf(all, all.length + one.length);
      System.arraycopy(one, 0, more, all.length, one.length);
      all = more;
    }
    int side = config.gridSize(0);
    return new SlowTensor(all, count, config.volume().features() + 2, side, side);
  }

  private static int headChannels(ModelConfig config) {
    return ((UNetConfig.HeadChannels) config.unet().attention().heads()).channels();
  }

  private SlowTensor features(String path, ModelConfig config, SlowTensor folded) {
    SlowTensor h = convolution(path + "in.conv", folded, 1);
    for (int stage = 0;
        stage < config.conditioner().detail().orElseThrow().channels().size();
        stage++) {
      for (int i = 0; i < config.conditioner().detail().orElseThrow().blocks(); i++) {
        h = residual(path + "stage" + stage + "_block" + i + ".", h, null, null);
      }
      if (h.size(2) > config.tokens().grid()) {
        h = down(path + "stage" + stage + "_resample.", h);
      }
    }
    return h;
  }

  private SlowTensor tokens(String path, SlowTensor map) {
    SlowTensor h = groupNorm(path + "out.norm", map).silu();
    SlowTensor rows = h.reshape(h.size(0), h.size(1), h.size(2) * h.size(3)).transpose();
    return linear(path + "out.out", rows).plus(weight(path + "out.position"));
  }

  SlowTensor unet(
      String path,
      ModelConfig config,
      SlowTensor state,
      SlowTensor embedding,
      SlowTensor pose,
      SlowTensor tokens) {
    return new SlowUNet(weights, config.unet()).run(path, state, embedding, pose, tokens);
  }

  /** What the finest level ends with on the way down, where it has one block and no attention. */
  SlowTensor firstLevel(String path, SlowTensor state, SlowTensor embedding) {
    return residual(
        path + "down0_block0.", convolution(path + "in.conv", state, 1), null, embedding);
  }

  /** Before it is unfolded. */
  SlowTensor depth(String path, SlowTensor features) {
    SlowTensor h = convolution(path + "conv", groupNorm(path + "norm", features).silu(), 1);
    double[] values = h.values().clone();
    int sample = values.length / h.size(0);
    for (int i = 0; i < values.length; i++) {
      values[i] += i % sample < sample / 2 ? Math.log(1.8) : 0;
    }
    return new SlowTensor(values, h.size(0), h.size(1), h.size(2), h.size(3));
  }

  SlowTensor refine(String path, SlowTensor f, SlowTensor noisy, SlowTensor embedding) {
    SlowTensor m = linear(path + "modulation", embedding);
    int width = m.size(1) / 4;
    SlowTensor h = convolution(path + "enter", f.cat(noisy, 1), 1);
    modulate(h, m.last(0, width), m.last(width, 2 * width));
    h = convolution(path + "mid", h.silu(), 1);
    modulate(h, m.last(2 * width, 3 * width), m.last(3 * width, 4 * width));
    return f.plus(convolution(path + "leave", h.silu(), 1));
  }

  /** The whole network, nothing dropped and no guidance. */
  public SlowTensor network(
      ModelConfig config,
      SlowTensor noisy,
      SlowTensor level,
      SlowTensor source,
      SlowTensor features) {
    SlowTensor folded = source.fromGrey(config.codec().chromaGain()).fold(config.codec().fold());
    SlowTensor pose = pose("pose.", features);
    SlowTensor embedding = noise("noise.", level).plus(pose).silu();
    SlowTensor map = features("detail.", config, folded);
    SlowTensor state = noisy.fold(config.codec().fold()).cat(folded, 1);
    SlowTensor tokens = tokens("detail.", map);
    if (config.hasVolume()) {
      SlowTensor volume = volume("volume.", config, folded, tokens);
      SlowTensor photo = folded.unfold(config.codec().fold());
      state = state.cat(rendered(config, volume, photo, features), 1);
    }
    SlowTensor f =
        unet("unet.", config, state, embedding, pose, tokens).unfold(config.codec().fold());
    return refine("refine.", f, noisy, embedding);
  }
}
