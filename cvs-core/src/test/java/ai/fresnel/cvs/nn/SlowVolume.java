package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.model.ModelConfig;

/** {@link ai.fresnel.cvs.scene.FrustumRenderer} ray by ray and point by point. */
final class SlowVolume {

  private final int image;
  private final int features;
  private final int slices;
  private final int side;
  private final int size;
  private final boolean residual;

  SlowVolume(ModelConfig config) {
    image = config.codec().channels();
    features = config.volume().features();
    slices = config.volume().slices();
    side = config.gridSize(0);
    size = config.imageSize();
    residual = config.volume().residual();
  }

  /**
   * One sample.
   *
   * @param volume (N, (1 + features)·slices, G, G)
   * @param photo the unfolded source image (N, C, S, S)
   * @param n which of them
   * @param lenses fx, fy of source and target over the width
   * @param source how far the object is from the source camera
   * @param target how far it is from the target's
   */
  double[] render(
      SlowTensor volume,
      SlowTensor photo,
      int n,
      double[] lenses,
      double source,
      double target,
      SlowCamera.Move move) {
    int points = (residual ? 2 : 1) * (slices + slices / 4);
    double[] edge = edge(photo, n);
    double[] view = new double[(features + 2) * side * side];
    for (int i = 0; i < side * side; i++) {
      double light = 1;
      double[] sum = new double[features + 2];
      for (int k = 0; k < points; k++) {
        double along = -0.75 + 1.5 * k / (points - 1);
        double z = target + along;
        double x = ((i % side + 0.5) / side - 0.5) / lenses[2] * z;
        int row = i / side;
        double y = ((row + 0.5) / side - 0.5) / lenses[3] * z;
        double[] s = move.toSource(new double[] {x, y, z});
        double depth = Math.max(0.1, s[2]);
        double u = s[0] / depth * lenses[0] + 0.5;
        double v = s[1] / depth * lenses[1] + 0.5;
        double w = (s[2] - source) / 1.5 + 0.5;
        if (u <= 0 || u >= 1 || v <= 0 || v >= 1 || w <= 0 || w >= 1) {
          continue;
        }
        double raw = cell(volume, n, 0, u, v, w);
        double stopped = 1 - Math.exp(-12 * Math.log1p(Math.exp(raw - 3)) * 1.5 / (points - 1));
        for (int c = 0; c < features; c++) {
          double there = c < image ? pixel(photo, n, c, u, v) : 0;
          sum[c] += light * stopped * (cell(volume, n, 1 + c, u, v, w) + there);
        }
        sum[features] += light * stopped;
        sum[features + 1] += light * stopped * along;
        light *= 1 - stopped;
      }
      for (int c = 0; c < sum.length; c++) {
        view[c * side * side + i] = sum[c] + (c < image ? light * edge[c] : 0);
      }
    }
    return view;
  }

  /**
   * Carries the pixels of one sample, as {@link ai.fresnel.cvs.scene.CarriedPixels} does.
   *
   * @param view (1, features + 2, S, S)
   * @param volume (1, (1 + features)·slices, G, G)
   * @param photo the unfolded source image (1, C, S, S)
   * @param lenses fx, fy of source and target over the width
   * @param source how far the object is from the source camera
   * @param target how far it is from the target's
   */
  double[] carry(
      SlowTensor view,
      SlowTensor volume,
      SlowTensor photo,
      double[] lenses,
      double source,
      double target,
      SlowCamera.Move move) {
    double[] carried = new double[(image + 2) * size * size];
    double[] eye = move.toSource(new double[3]);
    for (int i = 0; i < size * size; i++) {
      double opacity = view.get(0, features, i / size, i % size);
      double z = target + view.get(0, features + 1, i / size, i % size) / Math.max(0.01, opacity);
      double x = ((i % size + 0.5) / size - 0.5) / lenses[2] * z;
      int row = i / size;
      double y = ((row + 0.5) / size - 0.5) / lenses[3] * z;
      double[] p = move.toSource(new double[] {x, y, z});
      double u = p[0] / Math.max(0.1, p[2]) * lenses[0] + 0.5;
      double v = p[1] / Math.max(0.1, p[2]) * lenses[1] + 0.5;
      for (int c = 0; c < image; c++) {
        carried[c * size * size + i] = pixel(photo, 0, c, u, v);
      }
      boolean inside = u > 0 && u < 1 && v > 0 && v < 1 && p[2] > 0.1;
      double behind = p[2] - source - front(volume, u, v);
      double seen = inside ? opacity / (1 + Math.exp(-4 * (1 - behind * slices / 1.5))) : 0;
      carried[image * size * size + i] = seen;
      double dot = 0;
      double near = 0;
      double far = 0;
      for (int k = 0; k < 3; k++) {
        dot += p[k] * (p[k] - eye[k]);
        near += p[k] * p[k];
        far += (p[k] - eye[k]) * (p[k] - eye[k]);
      }
      carried[(image + 1) * size * size + i] = dot / Math.sqrt(near * far);
    }
    return carried;
  }

  /** The depth of the first surface, interpolated between the rays of the grid. */
  private double front(SlowTensor volume, double u, double v) {
    double[] ys = line(v, side);
    double[] xs = line(u, side);
    double sum = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        double share = Math.abs(1 - dy - ys[2]) * Math.abs(1 - dx - xs[2]);
        sum += share * front(volume, (int) ys[dy], (int) xs[dx]);
      }
    }
    return sum;
  }

  private double front(SlowTensor volume, int y, int x) {
    double light = 1;
    double depth = 0;
    for (int k = 0; k < slices; k++) {
      double density = 12 * Math.log1p(Math.exp(volume.get(0, k, y, x) - 3));
      double stopped = 1 - Math.exp(-density * 1.5 / slices);
      depth += light * stopped * (-0.75 + 1.5 * (k + 0.5) / slices);
      light *= 1 - stopped;
    }
    return depth / Math.max(0.01, 1 - light);
  }

  /** The mean colour of an image's border. */
  double[] edge(SlowTensor photo, int n) {
    double[] mean = new double[image];
    for (int c = 0; c < image; c++) {
      int count = 0;
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          if (x == 0 || y == 0 || x == size - 1 || y == size - 1) {
            mean[c] += photo.get(n, c, y, x);
            count++;
          }
        }
      }
      mean[c] /= count;
    }
    return mean;
  }

  /** Between the centres of pixels, and as the last of them beyond. */
  double pixel(SlowTensor photo, int n, int channel, double u, double v) {
    double[] ys = line(v, size);
    double[] xs = line(u, size);
    double sum = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        double share = Math.abs(1 - dy - ys[2]) * Math.abs(1 - dx - xs[2]);
        sum += share * photo.get(n, channel, (int) ys[dy], (int) xs[dx]);
      }
    }
    return sum;
  }

  /** Between the middles of cells, and as the last of them beyond. */
  double cell(SlowTensor volume, int n, int channel, double u, double v, double w) {
    double[] ys = line(v, side);
    double[] xs = line(u, side);
    double[] zs = line(w, slices);
    double sum = 0;
    for (int i = 0; i < 8; i++) {
      int dz = i / 4;
      int dy = i / 2 % 2;
      int dx = i % 2;
      double share = Math.abs(1 - dz - zs[2]) * Math.abs(1 - dy - ys[2]) * Math.abs(1 - dx - xs[2]);
      int at = channel * slices + (int) zs[dz];
      sum += share * volume.get(n, at, (int) ys[dy], (int) xs[dx]);
    }
    return sum;
  }

  /** The neighbours of a place from 0 to 1 on a line of cells, and how far it is past the first. */
  private static double[] line(double place, int count) {
    double at = Math.max(0, Math.min(count - 1, place * count - 0.5));
    double first = Math.floor(at);
    return new double[] {first, Math.min(count - 1, first + 1), at - first};
  }
}
