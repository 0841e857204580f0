package ai.fresnel.cvs.train.stereo;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.viewset.View;

/**
 * A view reduced for the sweep: its colours and its brightness.
 *
 * @param view the reduced view
 * @param grey (height, width), the mean of red, green and blue, 0 to 1; NaN where the photograph
 *     does not tell
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
record SweptImage(View view, float[] grey) {

  private static final int OPAQUE = 250;

  /** Reduces a view by a whole factor such that no side is longer than {@code side} pixels. */
  static SweptImage of(View view, int side) {
    Intrinsics lens = view.intrinsics();
    int factor = Math.max(1, (Math.max(lens.width(), lens.height()) + side - 1) / side);
    int width = Math.max(1, lens.width() / factor);
    int height = Math.max(1, lens.height() / factor);
    byte[] rgba = new byte[4 * width * height];
    float[] grey = new float[width * height];
    int[] sum = new int[4];
    for (int i = 0; i < grey.length; i++) {
      java.util.Arrays.fill(sum, 0);
      boolean known = true;
      for (int y = 0; y < factor; y++) {
        for (int x = 0; x < factor; x++) {
          int row = i / width * factor + y;
          int at = 4 * (row * lens.width() + i % width * factor + x);
          for (int c = 0; c < 4; c++) {
            sum[c] += view.rgba()[at + c] & 0xff;
          }
          known &= (view.rgba()[at + 3] & 0xff) >= OPAQUE;
        }
      }
      for (int c = 0; c < 4; c++) {
        rgba[4 * i + c] = (byte) (sum[c] / (factor * factor));
      }
      grey[i] = known ? (sum[0] + sum[1] + sum[2]) / (765f * factor * factor) : Float.NaN;
    }
    Intrinsics reduced =
        new Intrinsics(
            lens.fx() / factor,
            lens.fy() / factor,
            lens.cx() / factor,
            lens.cy() / factor,
            width,
            height);
    return new SweptImage(View.of(reduced, view.pose(), rgba), grey);
  }

  Intrinsics lens() {
    return view.intrinsics();
  }

  CameraPose pose() {
    return view.pose();
  }

  int width() {
    return lens().width();
  }

  int height() {
    return lens().height();
  }

  /** Returns the point of a pixel's middle at a depth, in camera axes. */
  double[] unproject(int pixel, double depth) {
    Intrinsics lens = lens();
    return new double[] {
      (pixel % width() + 0.5 - lens.cx()) / lens.fx() * depth,
      (Math.floorDiv(pixel, width()) + 0.5 - lens.cy()) / lens.fy() * depth,
      depth
    };
  }

  /** Returns the brightness at a place, between pixels; NaN where it is not known. */
  float sample(double u, double v) {
    double x = u - 0.5;
    double y = v - 0.5;
    if (!(x >= 0 && y >= 0 && x < width() - 1 && y < height() - 1)) {
      return Float.NaN;
    }
    int column = (int) x;
    int at = ((int) y) * width() + column;
    float right = (float) (x - column);
    float down = (float) (y - (int) y);
    float above = grey[at] + right * (grey[at + 1] - grey[at]);
    float below = grey[at + width()] + right * (grey[at + width() + 1] - grey[at + width()]);
    return above + down * (below - above);
  }
}
