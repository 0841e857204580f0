package ai.fresnel.cvs.train.splat;

/**
 * 1 - SSIM of two images (Wang et al. 2004) and its gradient: the mean over channels and over the
 * pixels whose window of 11×11 lies inside the frame. Where both images are background of one
 * colour nothing is lost, so that the window need only visit the rest, the crop.
 */
final class StructuralLoss {
  private static final float C1 = 0.01f * 0.01f;
  private static final float C2 = 0.03f * 0.03f;

  /** Within this many pixels of the crop, windows touch it, and windows of those reach. */
  private static final int REACH = 2 * Window.RADIUS;

  private final int left;
  private final int top;
  private final int w;
  private final int h;
  private final int width;
  private final double share;

  /** Maps of the crop, and of the windows inside of it. */
  private final float[] x;

  private final float[] y;
  private final float[] product;
  private final float[] scratch;
  private final float[] meanX;
  private final float[] meanY;
  private final float[] meanXx;
  private final float[] meanYy;
  private final float[] meanXy;

  /** The derivative of a map of windows, with 10 zeros on each side, and what it becomes. */
  private final float[] padded;

  private final float[] spread;

  /**
   * @param crop first column and row, and those after the last, of pixels that are not background
   */
  StructuralLoss(int width, int height, int[] crop) {
    this.width = width;
    left = Math.max(0, crop[0] - REACH);
    top = Math.max(0, crop[1] - REACH);
    w = Math.min(width, crop[2] + REACH) - left;
    h = Math.min(height, crop[3] + REACH) - top;
    share = 1.0 / (3.0 * (width - REACH) * (height - REACH));
    boolean none = isEmpty();
    int pixels = none ? 0 : w * h;
    int windows = none ? 0 : (w - REACH) * (h - REACH);
    int wide = none ? 0 : (w + REACH) * (h + REACH);
    x = new float[pixels];
    y = new float[pixels];
    product = new float[pixels];
    scratch = new float[none ? 0 : w * (h + REACH)];
    meanX = new float[windows];
    meanY = new float[windows];
    meanXx = new float[windows];
    meanYy = new float[windows];
    meanXy = new float[windows];
    padded = new float[wide];
    spread = new float[pixels];
  }

  /** Whether no window fits. */
  private boolean isEmpty() {
    return w <= REACH || h <= REACH;
  }

  /**
   * Compares one channel.
   *
   * @param image (height, width, 3), 0 to 1
   * @param target likewise
   * @param channel 0 to 2
   * @param weight of the loss
   * @param gradient receives the weighted derivatives, added, by the image's channel
   * @return the weighted share of this channel in 1 - SSIM
   */
  double add(float[] image, float[] target, int channel, double weight, float[] gradient) {
    if (isEmpty()) {
      return 0;
    }
    for (int row = 0; row < h; row++) {
      int from = 3 * ((top + row) * width + left) + channel;
      for (int column = 0; column < w; column++) {
        x[row * w + column] = image[from + 3 * column];
        y[row * w + column] = target[from + 3 * column];
      }
    }
    Window.filter(x, w, h, scratch, meanX);
    Window.filter(y, w, h, scratch, meanY);
    multiplied(x, x, meanXx);
    multiplied(y, y, meanYy);
    multiplied(x, y, meanXy);
    double loss = differentiate((float) (weight * share));
    for (int row = 0; row < h; row++) {
      int to = 3 * ((top + row) * width + left) + channel;
      for (int column = 0; column < w; column++) {
        gradient[to + 3 * column] += product[row * w + column];
      }
    }
    return weight * share * loss;
  }

  private void multiplied(float[] a, float[] b, float[] mean) {
    for (int i = 0; i < product.length; i++) {
      product[i] = a[i] * b[i];
    }
    Window.filter(product, w, h, scratch, mean);
  }

  /** Turns the means into their derivatives, and leaves those of the pixels in product. */
  private double differentiate(float scale) {
    double loss = 0;
    for (int i = 0; i < meanX.length; i++) {
      float mx = meanX[i];
      float my = meanY[i];
      float a1 = 2 * mx * my + C1;
      float a2 = 2 * (meanXy[i] - mx * my) + C2;
      float b1 = mx * mx + my * my + C1;
      float b2 = meanXx[i] - mx * mx + meanYy[i] - my * my + C2;
      float inverse = 1 / (b1 * b2);
      float ssim = a1 * a2 * inverse;
      loss += 1 - ssim;
      meanX[i] = -scale * (2 * my * (a2 - a1) * inverse + 2 * mx * ssim * (b1 - b2) * inverse);
      meanXx[i] = scale * ssim / b2;
      meanXy[i] = -scale * 2 * a1 * inverse;
    }
    spread(meanX);
    System.arraycopy(spread, 0, product, 0, product.length);
    spread(meanXx);
    for (int i = 0; i < product.length; i++) {
      product[i] += 2 * x[i] * spread[i];
    }
    spread(meanXy);
    for (int i = 0; i < product.length; i++) {
      product[i] += y[i] * spread[i];
    }
    return loss;
  }

  /** The transposed filter: each window's derivative to its pixels. */
  private void spread(float[] windows) {
    int narrow = w - REACH;
    int wide = w + REACH;
    for (int row = 0; row < h - REACH; row++) {
      System.arraycopy(windows, row * narrow, padded, (row + REACH) * wide + REACH, narrow);
    }
    Window.filter(padded, wide, h + REACH, scratch, spread);
  }
}
