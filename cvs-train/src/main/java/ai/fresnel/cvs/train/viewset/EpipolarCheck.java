package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import java.util.OptionalDouble;

/**
 * Checks two silhouettes of one object against their cameras by epipolar tangency (Porrill and
 * Pollard 1991): the outermost planes through both cameras that touch the object are the same from
 * both views. Wrong axes, units or rotation orders break this for any object.
 */
final class EpipolarCheck {

  /**
   * The least angle between two views, and from opposite views; below it the planes are not
   * reliable.
   */
  private static final double MIN_ANGLE = Math.toRadians(20);

  private EpipolarCheck() {}

  /**
   * Compares two views.
   *
   * @return the larger difference of the two tangent planes in pixels; empty if the views cannot be
   *     compared because they are too near or opposite, or the object is not wholly in the image
   */
  static OptionalDouble pixels(View a, View b) {
    double[] eyeA = a.pose().position();
    double[] eyeB = b.pose().position();
    double[] axis = Vectors.unit(Vectors.subtract(eyeB, eyeA));
    double angle = Math.acos(clip(Vectors.dot(a.pose().forward(), b.pose().forward())));
    if (!(angle > MIN_ANGLE && angle < Math.PI - MIN_ANGLE)) {
      return OptionalDouble.empty();
    }
    // A plane is given by its angle around the axis, from the plane through the origin.
    double[] toOrigin = Vectors.subtract(new double[3], eyeA);
    double[] zero =
        Vectors.unit(Vectors.subtract(toOrigin, Vectors.scale(axis, Vectors.dot(toOrigin, axis))));
    double[] quarter = Vectors.cross(axis, zero);
    Touch inA = touch(a, zero, quarter);
    Touch inB = touch(b, zero, quarter);
    if (inA == null || inB == null) {
      return OptionalDouble.empty();
    }
    double pixel = Math.max(inA.pixel, inB.pixel);
    double low = Math.abs(inA.low - inB.low);
    double high = Math.abs(inA.high - inB.high);
    return OptionalDouble.of(Math.max(low, high) / pixel);
  }

  /** The angles of the tangent planes of a silhouette, and the largest angle of a pixel. */
  private static final class Touch {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    double pixel;
  }

  /** Returns null if the silhouette is empty, touches the border or surrounds the other camera. */
  private static Touch touch(View view, double[] zero, double[] quarter) {
    Intrinsics lens = view.intrinsics();
    int width = lens.width();
    int height = lens.height();
    double[] r = view.pose().rotation();
    Touch touch = new Touch();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if ((view.rgba()[4 * (y * width + x) + 3] & 0xff) < 128) {
          continue;
        }
        if (x == 0 || y == 0 || x == width - 1 || y == height - 1) {
          return null;
        }
        double[] c = {(x + 0.5 - lens.cx()) / lens.fx(), (y + 0.5 - lens.cy()) / lens.fy(), 1};
        double[] ray = Vectors.multiplyTransposed(r, c);
        double across = Math.hypot(Vectors.dot(ray, zero), Vectors.dot(ray, quarter));
        double turn = Math.atan2(Vectors.dot(ray, quarter), Vectors.dot(ray, zero));
        if (Math.abs(turn) > Math.PI / 2) {
          return null;
        }
        touch.low = Math.min(touch.low, turn);
        touch.high = Math.max(touch.high, turn);
        touch.pixel = Math.max(touch.pixel, 1 / (lens.fx() * across));
      }
    }
    return touch.high >= touch.low ? touch : null;
  }

  private static double clip(double cosine) {
    return Math.max(-1, Math.min(1, cosine));
  }
}
