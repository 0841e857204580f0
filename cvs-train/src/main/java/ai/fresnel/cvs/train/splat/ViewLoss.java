package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.ParallelLoop;
import ai.fresnel.cvs.splat.SplatImage;
import java.util.Optional;

/**
 * Compares an image of Gaussians on black with a view, both over one background: the loss and its
 * derivatives.
 */
final class ViewLoss {
  private final SplatLosses weights;
  private final int threads;

  /**
   * @param weights of the terms
   * @param threads the most at a time
   */
  ViewLoss(SplatLosses weights, int threads) {
    this.weights = weights;
    this.threads = threads;
  }

  /**
   * What a comparison found.
   *
   * @param value the loss
   * @param pixels its derivatives by the image on black
   * @param colour 6, its derivatives by the view's colour correction
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record Result(double value, SplatImage pixels, float[] colour) {}

  /**
   * Compares.
   *
   * @param image the Gaussians on black
   * @param view the truth
   * @param colour the correction of the image's colours in this view
   * @param background 3 values, under both
   */
  Result of(
      SplatImage image, SplatView view, LearnedViews.ColourCorrection colour, float[] background) {
    int width = image.width();
    int height = image.height();
    float[] target = new float[image.rgb().length];
    float[] shown = new float[target.length];
    int[] crop = compose(image, view, colour, background, target, shown);
    float[] slopes = new float[target.length];
    double l1 = (1 - weights.ssim()) * view.weight() / target.length;
    double value = absolute(shown, target, (float) l1, slopes);
    if (weights.ssim() > 0) {
      double[] parts = new double[3];
      ParallelLoop.run(
          threads,
          3,
          channel -> {
            StructuralLoss loss = new StructuralLoss(width, height, crop);
            parts[channel] =
                loss.add(shown, target, channel, weights.ssim() * view.weight(), slopes);
          });
      value += parts[0] + parts[1] + parts[2];
    }
    SplatImage pixels =
        new SplatImage(width, height, slopes, new float[width * height], new float[width * height]);
    float[] byColour = decompose(image, view, colour, background, pixels);
    value += depth(image, view, pixels);
    return new Result(value, pixels, byColour);
  }

  /** Lays both over the background. Returns the box of the pixels that are not background alone. */
  private static int[] compose(
      SplatImage image,
      SplatView view,
      LearnedViews.ColourCorrection colour,
      float[] background,
      float[] target,
      float[] shown) {
    byte[] rgba = view.view().rgba();
    int width = image.width();
    int[] crop = {width, image.height(), 0, 0};
    for (int i = 0; i < image.alpha().length; i++) {
      float covered = image.alpha()[i];
      float opaque = (rgba[4 * i + 3] & 0xff) * (1 / 255f);
      float known = view.known(i);
      for (int c = 0; c < 3; c++) {
        float light = (rgba[4 * i + c] & 0xff) * (1 / 255f);
        target[3 * i + c] = opaque * light + (1 - opaque) * background[c];
        float drawn =
            colour.gain(c) * image.rgb()[3 * i + c]
                + colour.offset(c) * covered
                + (1 - covered) * background[c];
        shown[3 * i + c] = known * drawn + (1 - known) * background[c];
      }
      if (known * covered > 0 || opaque > 0) {
        int column = i % width;
        int row = i / width;
        crop[0] = Math.min(crop[0], column);
        crop[1] = Math.min(crop[1], row);
        crop[2] = Math.max(crop[2], column + 1);
        crop[3] = Math.max(crop[3], row + 1);
      }
    }
    return crop;
  }

  private static double absolute(float[] shown, float[] target, float weight, float[] slopes) {
    double sum = 0;
    for (int i = 0; i < shown.length; i++) {
      float difference = shown[i] - target[i];
      sum += Math.abs(difference);
      slopes[i] = weight * Math.signum(difference);
    }
    return sum * weight;
  }

  /** Goes from the image over the background to the image on black, its alpha and the colours. */
  private static float[] decompose(
      SplatImage image,
      SplatView view,
      LearnedViews.ColourCorrection colour,
      float[] background,
      SplatImage pixels) {
    float[] slopes = pixels.rgb();
    double[] sums = new double[6];
    for (int i = 0; i < image.alpha().length; i++) {
      float byAlpha = 0;
      for (int c = 0; c < 3; c++) {
        float slope = view.known(i) * slopes[3 * i + c];
        byAlpha += slope * (colour.offset(c) - background[c]);
        sums[c] += slope * image.rgb()[3 * i + c];
        sums[3 + c] += slope * image.alpha()[i];
        slopes[3 * i + c] = slope * colour.gain(c);
      }
      pixels.alpha()[i] = byAlpha;
    }
    float[] byColour = new float[6];
    for (int k = 0; k < 6; k++) {
      byColour[k] = (float) sums[k];
    }
    return byColour;
  }

  /** |Σ share·z - alpha·depth|, where the view's depth is known: no division by a small alpha. */
  private double depth(SplatImage image, SplatView view, SplatImage pixels) {
    Optional<float[]> known = weights.depth() > 0 ? view.view().depth() : Optional.empty();
    if (known.isEmpty()) {
      return 0;
    }
    float[] depth = known.get();
    float weight = (float) (weights.depth() * view.weight() / depth.length);
    double sum = 0;
    for (int i = 0; i < depth.length; i++) {
      if (depth[i] > 0) {
        float difference = image.depth()[i] - image.alpha()[i] * depth[i];
        sum += Math.abs(difference);
        float slope = weight * Math.signum(difference);
        pixels.depth()[i] = slope;
        pixels.alpha()[i] -= slope * depth[i];
      }
    }
    return sum * weight;
  }
}
