package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Gaussian splatting as the papers write it, in float64: every pixel goes through every Gaussian,
 * and gradients come from automatic differentiation. The slow reference of {@link SplatRenderer}.
 */
final class ReferenceSplats {

  /** Parameters in float64, as in {@link GaussianArrays}, and the camera's R and t. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record Scene(
      double[] means,
      double[] rotations,
      double[] logScales,
      double[] opacityLogits,
      double[] sh,
      double[] viewRotation,
      double[] viewTranslation) {

    List<double[]> groups() {
      return List.of(means, rotations, logScales, opacityLogits, sh, viewRotation, viewTranslation);
    }

    Scene copy() {
      return new Scene(
          means.clone(),
          rotations.clone(),
          logScales.clone(),
          opacityLogits.clone(),
          sh.clone(),
          viewRotation.clone(),
          viewTranslation.clone());
    }
  }

  /** (H, W, 3), (H, W) and (H, W) in float64. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record Pixels(double[] rgb, double[] alpha, double[] depth) {}

  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  private record Projected(
      Var u, Var v, Var a, Var b, Var c, Var opacity, Var[] colour, Var depth) {}

  final Pixels pixels;

  private final Var.Tape tape = new Var.Tape();
  private final Intrinsics lens;
  private final double[] background;
  private final Var[] means;
  private final Var[] rotations;
  private final Var[] logScales;
  private final Var[] logits;
  private final Var[] sh;
  private final Var[] w;
  private final Var[] t;
  private final int harmonics;
  private final Var[] rgb;
  private final Var[] alpha;
  private final Var[] depth;

  ReferenceSplats(Scene scene, Intrinsics lens, double[] background) {
    this.lens = lens;
    this.background = background;
    means = tape.of(scene.means);
    rotations = tape.of(scene.rotations);
    logScales = tape.of(scene.logScales);
    logits = tape.of(scene.opacityLogits);
    sh = tape.of(scene.sh);
    w = tape.of(scene.viewRotation);
    t = tape.of(scene.viewTranslation);
    harmonics = sh.length / means.length;
    int count = lens.width() * lens.height();
    rgb = new Var[3 * count];
    alpha = new Var[count];
    depth = new Var[count];
    Projected[] all = new Projected[logits.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = project(i);
    }
    List<Projected> sorted =
        Arrays.stream(all)
            .filter(one -> one != null)
            .sorted(Comparator.comparingDouble(one -> one.depth.value))
            .toList();
    for (int pixel = 0; pixel < count; pixel++) {
      composite(sorted, pixel);
    }
    pixels = new Pixels(values(rgb), values(alpha), values(depth));
  }

  private static double[] values(Var[] of) {
    return Arrays.stream(of).mapToDouble(one -> one.value).toArray();
  }

  private Projected project(int i) {
    Var[] mean = {means[3 * i], means[3 * i + 1], means[3 * i + 2]};
    Var[] turned = Var.product(w, mean, 3, 3, 1);
    Var x = turned[0].plus(t[0]);
    Var y = turned[1].plus(t[1]);
    Var z = turned[2].plus(t[2]);
    if (z.value < 0.01) {
      return null;
    }
    Var[] covariance = covariance(i);
    Var[] inCamera =
        Var.product(Var.product(w, covariance, 3, 3, 3), Var.transposed(w, 3, 3), 3, 3, 3);
    Var slopeX = clampedSlope(x.over(z), lens.fx(), lens.cx(), lens.width());
    Var slopeY = clampedSlope(y.over(z), lens.fy(), lens.cy(), lens.height());
    Var inverse = tape.of(1).over(z);
    Var zero = tape.of(0);
    Var[] jacobian = {
      inverse.times(lens.fx()),
      zero,
      slopeX.times(inverse).times(-lens.fx()),
      zero,
      inverse.times(lens.fy()),
      slopeY.times(inverse).times(-lens.fy())
    };
    Var[] flat =
        Var.product(
            Var.product(jacobian, inCamera, 2, 3, 3), Var.transposed(jacobian, 2, 3), 2, 3, 2);
    Var xx = flat[0].plus(0.3);
    Var yy = flat[3].plus(0.3);
    Var xy = flat[1];
    Var determinant = xx.times(yy).minus(xy.times(xy));
    Var one = tape.of(1);
    return new Projected(
        x.over(z).times(lens.fx()).plus(lens.cx()),
        y.over(z).times(lens.fy()).plus(lens.cy()),
        yy.over(determinant),
        xy.over(determinant).negated(),
        xx.over(determinant),
        one.over(one.plus(logits[i].negated().exp())),
        colour(i, mean),
        z);
  }

  private static Var clampedSlope(Var slope, double focal, double centre, int size) {
    double margin = 0.3 * (size / 2.0) / focal;
    return slope.atMost((size - centre) / focal + margin).atLeast(-centre / focal - margin);
  }

  private Var[] covariance(int i) {
    Var[] q = Arrays.copyOfRange(rotations, 4 * i, 4 * i + 4);
    Var length =
        Var.sum(q[0].times(q[0]), q[1].times(q[1]), q[2].times(q[2]), q[3].times(q[3])).sqrt();
    Var qw = q[0].over(length);
    Var qx = q[1].over(length);
    Var qy = q[2].over(length);
    Var qz = q[3].over(length);
    Var[] r = {
      qy.times(qy).plus(qz.times(qz)).times(-2).plus(1),
      qx.times(qy).minus(qw.times(qz)).times(2),
      qx.times(qz).plus(qw.times(qy)).times(2),
      qx.times(qy).plus(qw.times(qz)).times(2),
      qx.times(qx).plus(qz.times(qz)).times(-2).plus(1),
      qy.times(qz).minus(qw.times(qx)).times(2),
      qx.times(qz).minus(qw.times(qy)).times(2),
      qy.times(qz).plus(qw.times(qx)).times(2),
      qx.times(qx).plus(qy.times(qy)).times(-2).plus(1)
    };
    Var zero = tape.of(0);
    Var[] variances = new Var[9];
    for (int k = 0; k < 9; k++) {
      variances[k] = k % 4 == 0 ? logScales[3 * i + k / 4].times(2).exp() : zero;
    }
    return Var.product(Var.product(r, variances, 3, 3, 3), Var.transposed(r, 3, 3), 3, 3, 3);
  }

  private Var[] colour(int i, Var[] mean) {
    Var[] eye = Var.product(Var.transposed(w, 3, 3), t, 3, 3, 1);
    Var[] d = new Var[3];
    for (int k = 0; k < 3; k++) {
      d[k] = mean[k].plus(eye[k]);
    }
    Var length = Var.sum(d[0].times(d[0]), d[1].times(d[1]), d[2].times(d[2])).sqrt();
    Var x = d[0].over(length);
    Var y = d[1].over(length);
    Var z = d[2].over(length);
    Var xx = x.times(x);
    Var yy = y.times(y);
    Var zz = z.times(z);
    Var rest = zz.times(4).minus(xx).minus(yy);
    Var[] basis = {
      tape.of(0.28209479177387814),
      y.times(-0.4886025119029199),
      z.times(0.4886025119029199),
      x.times(-0.4886025119029199),
      x.times(y).times(1.0925484305920792),
      y.times(z).times(-1.0925484305920792),
      zz.times(2).minus(xx).minus(yy).times(0.31539156525252005),
      x.times(z).times(-1.0925484305920792),
      xx.minus(yy).times(0.5462742152960396),
      y.times(xx.times(3).minus(yy)).times(-0.5900435899266435),
      x.times(y).times(z).times(2.890611442640554),
      y.times(rest).times(-0.4570457994644658),
      z.times(zz.times(2).minus(xx.times(3)).minus(yy.times(3))).times(0.3731763325901154),
      x.times(rest).times(-0.4570457994644658),
      z.times(xx.minus(yy)).times(1.445305721320277),
      x.times(xx.minus(yy.times(3))).times(-0.5900435899266435)
    };
    Var[] colour = new Var[3];
    for (int channel = 0; channel < 3; channel++) {
      Var sum = tape.of(0.5);
      for (int k = 0; k < harmonics; k++) {
        sum = sum.plus(basis[k].times(sh[3 * (harmonics * i + k) + channel]));
      }
      colour[channel] = sum.atLeast(0);
    }
    return colour;
  }

  private void composite(List<Projected> sorted, int pixel) {
    double px = pixel % lens.width() + 0.5;
    double py = Math.floorDiv(pixel, lens.width()) + 0.5;
    Var through = tape.of(1);
    Var[] sum = {tape.of(0), tape.of(0), tape.of(0), tape.of(0)};
    for (Projected one : sorted) {
      Var dx = one.u.plus(-px);
      Var dy = one.v.plus(-py);
      Var exponent =
          one.a
              .times(dx.times(dx))
              .plus(one.c.times(dy.times(dy)))
              .times(0.5)
              .plus(one.b.times(dx.times(dy)));
      Var share = one.opacity.times(exponent.negated().exp()).atMost(0.99);
      if (share.value < 1.0 / 255) {
        continue;
      }
      Var next = through.times(share.negated().plus(1));
      if (next.value <= 1e-4) {
        break;
      }
      Var weight = share.times(through);
      for (int channel = 0; channel < 3; channel++) {
        sum[channel] = sum[channel].plus(weight.times(one.colour[channel]));
      }
      sum[3] = sum[3].plus(weight.times(one.depth));
      through = next;
    }
    for (int channel = 0; channel < 3; channel++) {
      rgb[3 * pixel + channel] = sum[channel].plus(through.times(background[channel]));
    }
    alpha[pixel] = through.negated().plus(1);
    depth[pixel] = sum[3];
  }

  /** Finds the gradient of the weighted sum of all pixels. For one call. */
  Scene gradient(Pixels weights) {
    Var loss = tape.of(0);
    for (int i = 0; i < rgb.length; i++) {
      loss = loss.plus(rgb[i].times(weights.rgb[i]));
    }
    for (int i = 0; i < alpha.length; i++) {
      loss = loss.plus(alpha[i].times(weights.alpha[i]));
      loss = loss.plus(depth[i].times(weights.depth[i]));
    }
    tape.differentiate(loss);
    return new Scene(
        slopes(means),
        slopes(rotations),
        slopes(logScales),
        slopes(logits),
        slopes(sh),
        slopes(w),
        slopes(t));
  }

  private static double[] slopes(Var[] of) {
    return Arrays.stream(of).mapToDouble(one -> one.slope).toArray();
  }
}
