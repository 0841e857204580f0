package ai.fresnel.cvs.train.eval;

/**
 * Computes metrics of images of one size, in plain arrays: float CHW in [-1, 1], so the data range
 * is 2. A mask is (H, W), true on the object; a masked metric counts only its pixels. Values are
 * not clipped: clip predictions first, as they will be shown.
 *
 * @param channels C, at least 1
 * @param height H in pixels, at least 1
 * @param width W in pixels, at least 1
 */
public record ImageMetrics(int channels, int height, int width) {

  /** The largest minus the least possible value of an image. */
  static final double DATA_RANGE = 2;

  /** The least squared error that counts, so that equal images have a finite PSNR. */
  static final double LEAST_SQUARED_ERROR = 1e-10;

  /**
   * Checks the size.
   *
   * @param channels C
   * @param height H
   * @param width W
   * @throws IllegalArgumentException if one is below 1
   */
  public ImageMetrics {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "image of " + channels + "x" + height + "x" + width + ", expected 1 or more of each");
    }
  }

  /**
   * Computes the peak signal-to-noise ratio over the whole frame, {@code 10 log10(4 / MSE)}.
   *
   * @param a one image, CHW in [-1, 1]
   * @param b the other
   * @return decibels, at most 106.02 (equal images); two uniform images 2 apart have 0
   * @throws IllegalArgumentException if an image is not of this size
   */
  public double psnr(float[] a, float[] b) {
    return psnr(a, b, null);
  }

  /**
   * Computes the peak signal-to-noise ratio of the pixels under a mask.
   *
   * @param a one image, CHW in [-1, 1]
   * @param b the other
   * @param mask (H, W), true on the pixels that count; null for all
   * @return decibels, at most 106.02
   * @throws IllegalArgumentException if an array is not of this size or the mask is empty
   */
  public double psnr(float[] a, float[] b, boolean[] mask) {
    checkImage(a);
    checkImage(b);
    checkMask(mask);
    int plane = height * width;
    double sum = 0;
    long count = 0;
    for (int i = 0; i < a.length; i++) {
      if (mask == null || mask[i % plane]) {
        double difference = (double) a[i] - b[i];
        sum += difference * difference;
        count++;
      }
    }
    double error = Math.max(sum / count, LEAST_SQUARED_ERROR);
    return 10 * Math.log10(DATA_RANGE * DATA_RANGE / error);
  }

  /**
   * Computes the structural similarity (Wang et al., "Image Quality Assessment: From Error
   * Visibility to Structural Similarity", 2004) over the whole frame: the mean over channels and
   * over the pixels whose 11×11 window lies inside the frame, as the authors' code and scikit-image
   * have it.
   *
   * @param a one image, CHW in [-1, 1], at least 11×11
   * @param b the other
   * @return -1 to 1; 1 only for equal images
   * @throws IllegalArgumentException if an image is not of this size, or the size below 11×11
   */
  public double ssim(float[] a, float[] b) {
    checkImage(a);
    checkImage(b);
    int border = Ssim.RADIUS;
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      double[] map = Ssim.map(a, b, c * height * width, height, width);
      for (int y = border; y < height - border; y++) {
        for (int x = border; x < width - border; x++) {
          sum += map[y * width + x];
        }
      }
    }
    return sum / channels / (height - 2 * border) / (width - 2 * border);
  }

  /**
   * Computes the structural similarity under a mask: the mean of the map over channels and the
   * pixels of the mask, including those near the edge of the frame, where images are mirrored.
   *
   * @param a one image, CHW in [-1, 1], at least 11×11
   * @param b the other
   * @param mask (H, W), true on the pixels that count; windows reach beyond it
   * @return -1 to 1
   * @throws IllegalArgumentException if an array is not of this size, the size below 11×11 or the
   *     mask empty
   */
  public double ssim(float[] a, float[] b, boolean[] mask) {
    checkImage(a);
    checkImage(b);
    checkMask(mask);
    double sum = 0;
    long count = 0;
    for (int c = 0; c < channels; c++) {
      double[] map = Ssim.map(a, b, c * height * width, height, width);
      for (int i = 0; i < map.length; i++) {
        if (mask[i]) {
          sum += map[i];
          count++;
        }
      }
    }
    return sum / count;
  }

  /**
   * Computes the gradient energy of an image: the mean square of forward differences along x plus
   * that along y. Blur lowers it and noise raises it, so compare it with that of the truth.
   *
   * @param image CHW in [-1, 1], at least 2×2
   * @return 0 (uniform) to 8 (a checkerboard of -1 and 1)
   * @throws IllegalArgumentException if the image is not of this size, or that below 2×2
   */
  public double sharpness(float[] image) {
    return sharpness(image, null);
  }

  /**
   * Computes the gradient energy under a mask. Only pairs of neighbours that are both under the
   * mask count, so the outline does not.
   *
   * @param image CHW in [-1, 1]
   * @param mask (H, W), true on the pixels that count; null for all
   * @return 0 to 8
   * @throws IllegalArgumentException if an array is not of this size, or no two neighbours count
   *     along x or along y
   */
  public double sharpness(float[] image, boolean[] mask) {
    checkImage(image);
    checkMask(mask);
    return meanSquaredStep(image, mask, 1, 0) + meanSquaredStep(image, mask, 0, 1);
  }

  private double meanSquaredStep(float[] image, boolean[] mask, int dx, int dy) {
    double sum = 0;
    long count = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height - dy; y++) {
        for (int x = 0; x < width - dx; x++) {
          int here = y * width + x;
          int there = here + dy * width + dx;
          if (mask == null || (mask[here] && mask[there])) {
            int plane = c * height * width;
            double step = (double) image[plane + there] - image[plane + here];
            sum += step * step;
            count++;
          }
        }
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException("no two neighbours to compare along x or along y");
    }
    return sum / count;
  }

  private void checkImage(float[] image) {
    if (image.length != channels * height * width) {
      throw new IllegalArgumentException("image has " + image.length + " values, expected " + this);
    }
  }

  private void checkMask(boolean[] mask) {
    if (mask == null) {
      return;
    }
    if (mask.length != height * width) {
      throw new IllegalArgumentException("mask has " + mask.length + " pixels, expected " + this);
    }
    for (boolean m : mask) {
      if (m) {
        return;
      }
    }
    throw new IllegalArgumentException("mask is empty");
  }
}
