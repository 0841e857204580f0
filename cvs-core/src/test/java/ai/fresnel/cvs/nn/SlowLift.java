package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.model.ModelConfig;
import java.util.Map;

/** {@link FeatureLift} ray by ray and point by point. */
final class SlowLift {

  /** From a target camera's axes to the source's. */
  @FunctionalInterface
  interface Move {
    double[] toSource(double[] pointInTarget);
  }

  private final Map<String, SlowTensor> weights;
  private final String path;
  private final int width;
  private final int samples;
  private final int grid;
  private final int side;

  SlowLift(Map<String, SlowTensor> weights, String path, ModelConfig config) {
    this.weights = weights;
    this.path = path;
    width = config.liftChannels();
    samples = config.liftSamples();
    grid = config.tokenGrid();
    side = config.pictureSize() / config.fold();
  }

  /** The move that 16 features describe: x_target = R·x_source + t, R's columns a, b, a×b. */
  static Move move(double[] f) {
    double[] c = {f[1] * f[5] - f[2] * f[4], f[2] * f[3] - f[0] * f[5], f[0] * f[4] - f[1] * f[3]};
    return p -> {
      double[] s = new double[3];
      for (int i = 0; i < 3; i++) {
        double d = p[i] - f[6 + i];
        s[0] += f[i] * d;
        s[1] += f[3 + i] * d;
        s[2] += c[i] * d;
      }
      return s;
    };
  }

  private double[] dense(String name, double[] x) {
    SlowTensor w = weights.get(path + name + ".weight");
    SlowTensor b = weights.get(path + name + ".bias");
    double[] y = new double[b.values().length];
    for (int o = 0; o < y.length; o++) {
      y[o] = b.values()[o];
      for (int i = 0; i < x.length; i++) {
        y[o] += w.values()[o * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** One sample: features (1, F, G, G), lenses fx, fy of source and target over the width. */
  SlowTensor lift(SlowTensor features, int n, double[] lenses, Move move) {
    int in = features.size(1);
    double[][] image = new double[grid * grid][];
    for (int i = 0; i < grid * grid; i++) {
      double[] x = new double[in];
      for (int c = 0; c < in; c++) {
        x[c] = features.get(n, c, i / grid, i % grid);
      }
      image[i] = dense("in", x);
    }
    double[] small = new double[(width + 2) * grid * grid];
    for (int i = 0; i < grid * grid; i++) {
      int row = i / grid;
      double light = 1;
      for (int k = 0; k < samples; k++) {
        double z = 0.8 + 2.1 * k / (samples - 1);
        double x = ((i % grid + 0.5) / grid - 0.5) / lenses[2] * z;
        double y = ((row + 0.5) / grid - 0.5) / lenses[3] * z;
        double[] h = point(image, lenses, move.toSource(new double[] {x, y, z}));
        double stopped = 1 - Math.exp(-h[0] * 2.1 / (samples - 1));
        for (int c = 0; c < width; c++) {
          small[c * grid * grid + i] += light * stopped * h[1 + c];
        }
        small[width * grid * grid + i] += light * stopped;
        small[(width + 1) * grid * grid + i] += light * stopped * z;
        light *= 1 - stopped;
      }
    }
    double[] large = new double[(width + 2) * side * side];
    for (int i = 0; i < large.length; i++) {
      int line = i / side % side;
      double v = Math.max(0, (line + 0.5) * grid / side - 0.5);
      double u = Math.max(0, (i % side + 0.5) * grid / side - 0.5);
      int c = i / side / side;
      double sum = 0;
      for (int dv = 0; dv < 2; dv++) {
        for (int du = 0; du < 2; du++) {
          double share =
              (dv == 0 ? 1 - v + Math.floor(v) : v - Math.floor(v))
                  * (du == 0 ? 1 - u + Math.floor(u) : u - Math.floor(u));
          int y = Math.min(grid - 1, (int) v + dv);
          int x = Math.min(grid - 1, (int) u + du);
          sum += share * small[(c * grid + y) * grid + x];
        }
      }
      large[i] = sum;
    }
    return new SlowTensor(large, 1, width + 2, side, side);
  }

  /** Density and features at a point in source axes. */
  private double[] point(double[][] image, double[] lenses, double[] s) {
    double depth = Math.max(0.1, s[2]);
    // From 0 to 1 across the photograph.
    double u = s[0] / depth * lenses[0] + 0.5;
    double v = s[1] / depth * lenses[1] + 0.5;
    boolean seen = u > 0 && u < 1 && v > 0 && v < 1 && s[2] > 0.1;
    double[] h = new double[width];
    double x = u * grid - 0.5;
    double y = v * grid - 0.5;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        int column = (int) Math.floor(x) + dx;
        int row = (int) Math.floor(y) + dy;
        if (column >= 0 && column < grid && row >= 0 && row < grid) {
          double share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
          for (int c = 0; c < width; c++) {
            h[c] += share * image[row * grid + column][c];
          }
        }
      }
    }
    double[] place = new double[28];
    for (int i = 0; i < 3; i++) {
      double q = s[i] - (i == 2 ? 1.8 : 0);
      place[i] = q;
      for (int f = 0; f < 4; f++) {
        place[3 + 6 * f + i] = Math.sin(q * (2 << f));
        place[6 + 6 * f + i] = Math.cos(q * (2 << f));
      }
    }
    place[27] = seen ? 1 : 0;
    double[] placed = dense("place", place);
    for (int c = 0; c < width; c++) {
      h[c] = silu(h[c] + placed[c]);
    }
    h = dense("mid", h);
    for (int c = 0; c < width; c++) {
      h[c] = silu(h[c]);
    }
    double[] out = dense("out", h);
    out[0] = seen ? 8 * Math.log1p(Math.exp(out[0] - 1)) : 0;
    return out;
  }
}
