package ai.fresnel.cvs.nn;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;

/**
 * {@link ai.fresnel.cvs.scene.FusedRenderer} ray by ray, point by point, photograph by photograph.
 */
final class SlowFusion {

  private final SlowVolume single;
  private final int image;
  private final int features;
  private final int slices;
  private final int side;
  private final int points;
  private final double focal;

  /** All cameras have one focal length, over the width. */
  SlowFusion(ModelConfig config, int side, double focal) {
    single = new SlowVolume(config);
    image = config.codec().channels();
    features = config.volume().features();
    slices = config.volume().slices();
    this.side = side;
    points = (config.volume().residual() ? 2 : 1) * (slices + slices / 4);
    this.focal = focal;
  }

  /** A photograph's camera and what a point is to it. */
  private record Seen(double u, double v, double w, boolean inside) {}

  private Seen seen(CameraPose camera, double[] world) {
    double[] s = camera.transform(world);
    double u = s[0] / Math.max(0.1, s[2]) * focal + 0.5;
    double v = s[1] / Math.max(0.1, s[2]) * focal + 0.5;
    double w = (s[2] - camera.radius()) / 1.5 + 0.5;
    boolean inside = u > 0 && u < 1 && v > 0 && v < 1 && w > 0 && w < 1 && s[2] > 0.1;
    return new Seen(u, v, w, inside);
  }

  /** Renders a view, (features + 2, side, side). */
  double[] render(SlowTensor volume, SlowTensor photos, CameraPose[] cameras, CameraPose target) {
    SlowTensor clear = clear(volume, cameras.length);
    double[] view = new double[(features + 2) * side * side];
    for (int i = 0; i < side * side; i++) {
      double light = 1;
      double[] sum = new double[features + 2];
      for (int p = 0; p < points; p++) {
        double along = -0.75 + 1.5 * p / (points - 1);
        double[] world = world(target, i, target.radius() + along);
        double trusts = 0;
        double solids = 0;
        double[] values = new double[features];
        for (int k = 0; k < cameras.length; k++) {
          Seen at = seen(cameras[k], world);
          double trust = 0.005 + (at.w() <= 0 || at.w() >= 1 ? 1 : 0);
          if (at.inside()) {
            trust += single.cell(clear, k, 0, at.u(), at.v(), at.w());
            double raw = single.cell(volume, k, 0, at.u(), at.v(), at.w());
            double solid = trust * Math.log1p(Math.exp(raw - 3));
            solids += solid;
            for (int c = 0; c < features; c++) {
              double there = c < image ? single.pixel(photos, k, c, at.u(), at.v()) : 0;
              values[c] += solid * (single.cell(volume, k, 1 + c, at.u(), at.v(), at.w()) + there);
            }
          }
          trusts += trust;
        }
        double stopped = 1 - Math.exp(-12 * solids / trusts * 1.5 / (points - 1));
        for (int c = 0; c < features; c++) {
          sum[c] += solids > 0 ? light * stopped * values[c] / solids : 0;
        }
        sum[features] += light * stopped;
        sum[features + 1] += light * stopped * along;
        light *= 1 - stopped;
      }
      for (int c = 0; c < sum.length; c++) {
        view[c * side * side + i] = sum[c];
      }
      for (int c = 0; c < image; c++) {
        for (int k = 0; k < cameras.length; k++) {
          view[c * side * side + i] += light * single.edge(photos, k)[c] / cameras.length;
        }
      }
    }
    return view;
  }

  private double[] world(CameraPose target, int pixel, double z) {
    double x = ((pixel % side + 0.5) / side - 0.5) / focal * z;
    int row = pixel / side;
    double y = ((row + 0.5) / side - 0.5) / focal * z;
    return SlowCamera.inWorld(target, new double[] {x, y, z});
  }

  /** The light that passes the slices in front of each, (K, slices, G, G). */
  private SlowTensor clear(SlowTensor volume, int photographs) {
    int grid = volume.size(2);
    double[] all = new double[photographs * slices * grid * grid];
    for (int k = 0; k < photographs; k++) {
      for (int i = 0; i < grid * grid; i++) {
        double light = 1;
        for (int s = 0; s < slices; s++) {
          all[(k * slices + s) * grid * grid + i] = light;
          double raw = volume.get(k, s, i / grid, i % grid);
          light *= Math.exp(-12 * Math.log1p(Math.exp(raw - 3)) * 1.5 / slices);
        }
      }
    }
    return new SlowTensor(all, photographs, slices, grid, grid);
  }
}
