package ai.fresnel.cvs.train.data;

import java.util.Arrays;

/** Changes images in [-1, 1] in place, for {@link Augmentation}. */
final class Pixels {

  private Pixels() {}

  /**
   * Replaces the white background of an image (3, S, S) in [-1, 1] by a colour.
   *
   * @param alpha (S, S), the coverage of the object
   * @param colour red, green and blue in [-1, 1]
   */
  static void putBehind(float[] image, int offset, byte[] alpha, float[] colour) {
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < alpha.length; i++) {
        image[offset + c * alpha.length + i] += (colour[c] - 1) * (1 - (alpha[i] & 0xff) / 255f);
      }
    }
  }

  /**
   * Scales an image (3, S, S) around its middle, bilinearly; areas from outside repeat the nearest
   * border.
   */
  static void zoom(float[] image, int offset, int side, double factor) {
    float[] from = Arrays.copyOfRange(image, offset, offset + 3 * side * side);
    for (int y = 0; y < side; y++) {
      double v = (y + 0.5 - side / 2.0) / factor + side / 2.0 - 0.5;
      int y0 = (int) Math.floor(v);
      float fy = (float) (v - y0);
      int top = Math.max(0, Math.min(side - 1, y0)) * side;
      int bottom = Math.max(0, Math.min(side - 1, y0 + 1)) * side;
      for (int x = 0; x < side; x++) {
        double u = (x + 0.5 - side / 2.0) / factor + side / 2.0 - 0.5;
        int x0 = (int) Math.floor(u);
        float fx = (float) (u - x0);
        int left = Math.max(0, Math.min(side - 1, x0));
        int right = Math.max(0, Math.min(side - 1, x0 + 1));
        for (int c = 0; c < 3; c++) {
          int at = c * side * side;
          float upper = from[at + top + left] * (1 - fx) + from[at + top + right] * fx;
          float lower = from[at + bottom + left] * (1 - fx) + from[at + bottom + right] * fx;
          image[offset + at + y * side + x] = upper * (1 - fy) + lower * fy;
        }
      }
    }
  }

  /**
   * Scales a depth map (S, S) around its middle as {@link #zoom} does an image. Takes the depth of
   * the nearest pixel, since depth cannot be interpolated between an object and nothing. The values
   * stay: the lens changes, the camera does not move.
   */
  static void zoomDepth(float[] depth, int offset, int side, double factor) {
    float[] from = Arrays.copyOfRange(depth, offset, offset + side * side);
    for (int y = 0; y < side; y++) {
      int row = nearest(y, side, factor) * side;
      for (int x = 0; x < side; x++) {
        depth[offset + y * side + x] = from[row + nearest(x, side, factor)];
      }
    }
  }

  private static int nearest(int at, int side, double factor) {
    double from = (at + 0.5 - side / 2.0) / factor + side / 2.0;
    return Math.max(0, Math.min(side - 1, (int) Math.floor(from)));
  }

  /** Flips an image or map, (C, S, S), left to right. */
  static void mirror(float[] image, int offset, int side, int channels) {
    for (int row = 0; row < channels * side; row++) {
      int left = offset + row * side;
      int right = left + side - 1;
      while (left < right) {
        float kept = image[left];
        image[left++] = image[right];
        image[right--] = kept;
      }
    }
  }
}
