package ai.fresnel.cvs.train.splat;

/** The Gaussian window of structural similarity, 11 pixels with sigma 1.5, on planes of floats. */
final class Window {

  /** Pixels on either side of the middle. */
  static final int RADIUS = 5;

  private static final float W0;
  private static final float W1;
  private static final float W2;
  private static final float W3;
  private static final float W4;
  private static final float W5;

  static {
    double[] weights = new double[RADIUS + 1];
    double sum = 0;
    for (int i = 0; i <= RADIUS; i++) {
      weights[i] = Math.exp(-i * i / (2 * 1.5 * 1.5));
      sum += i == 0 ? weights[i] : 2 * weights[i];
    }
    W0 = (float) (weights[0] / sum);
    W1 = (float) (weights[1] / sum);
    W2 = (float) (weights[2] / sum);
    W3 = (float) (weights[3] / sum);
    W4 = (float) (weights[4] / sum);
    W5 = (float) (weights[5] / sum);
  }

  private Window() {}

  /**
   * Filters a plane where the whole window lies inside of it.
   *
   * @param in (h, w)
   * @param scratch at least h·(w - 10) values
   * @param out receives (h - 10, w - 10)
   */
  static void filter(float[] in, int w, int h, float[] scratch, float[] out) {
    int narrow = w - 2 * RADIUS;
    for (int y = 0; y < h; y++) {
      pass(in, y * w + RADIUS, 1, scratch, y * narrow, narrow);
    }
    int low = h - 2 * RADIUS;
    for (int y = 0; y < low; y++) {
      pass(scratch, (y + RADIUS) * narrow, narrow, out, y * narrow, narrow);
    }
  }

  /** Filters a row along a direction. The loop has the form that the JIT turns into vectors. */
  private static void pass(float[] in, int from, int stride, float[] out, int to, int count) {
    int s2 = 2 * stride;
    int s3 = 3 * stride;
    int s4 = 4 * stride;
    int s5 = 5 * stride;
    for (int i = 0; i < count; i++) {
      int at = from + i;
      out[to + i] =
          W0 * in[at]
              + W1 * (in[at - stride] + in[at + stride])
              + W2 * (in[at - s2] + in[at + s2])
              + W3 * (in[at - s3] + in[at + s3])
              + W4 * (in[at - s4] + in[at + s4])
              + W5 * (in[at - s5] + in[at + s5]);
    }
  }
}
