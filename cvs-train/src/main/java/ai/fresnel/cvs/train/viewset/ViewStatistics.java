package ai.fresnel.cvs.train.viewset;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Statistics of the images of a set, gathered view by view. */
final class ViewStatistics {

  private static final double EMPTY_COVERAGE = 0.001;
  private static final double BLACK_LUMINANCE = 0.02;
  private static final int BINS = 10;
  private static final String BARS = " ▁▂▃▄▅▆▇█";

  private final long[] coverageBins = new long[BINS];
  private final long[] brightnessBins = new long[BINS];
  private long views;
  private long empty;
  private long black;
  private long clipped;
  private long opaque;
  private double brightnessSum;
  private double valueSum;
  private double squareSum;
  private long values;

  void add(View view) {
    views++;
    addValues(Rgba.onWhite(view.rgba()));
    byte[] rgba = view.rgba();
    long alphaSum = 0;
    double luminanceSum = 0;
    for (int i = 0; i < rgba.length; i += 4) {
      int alpha = rgba[i + 3] & 0xff;
      alphaSum += alpha;
      // Rec. 709 weights on the stored values, which the network sees.
      luminanceSum +=
          alpha
              * (0.2126 * (rgba[i] & 0xff)
                  + 0.7152 * (rgba[i + 1] & 0xff)
                  + 0.0722 * (rgba[i + 2] & 0xff));
    }
    double coverage = alphaSum / (255.0 / 4 * rgba.length);
    coverageBins[bin(coverage)]++;
    if (coverage < EMPTY_COVERAGE) {
      empty++;
      return;
    }
    double luminance = luminanceSum / (255.0 * alphaSum);
    brightnessBins[bin(luminance)]++;
    brightnessSum += luminance;
    if (luminance < BLACK_LUMINANCE) {
      black++;
    }
    if (coverage == 1) {
      opaque++;
    } else if (touchesBorder(rgba, view.intrinsics().width(), view.intrinsics().height())) {
      clipped++;
    }
  }

  long views() {
    return views;
  }

  double sigmaData() {
    double mean = valueSum / values;
    return Math.sqrt(Math.max(0, squareSum / values - mean * mean));
  }

  /** Adds faults to {@code spoiling} above their largest share, to {@code remarks} below it. */
  void faults(
      double maxShare, double maxClippedShare, List<String> spoiling, List<String> remarks) {
    // One of a few views is already a large share.
    double maxClipped = Math.max(maxClippedShare, 1.0 / Math.max(1, views));
    fault(empty, "empty: the object covers less than 0.1 %", maxShare, spoiling, remarks);
    fault(black, "black: the object's mean luminance is below 0.02", maxShare, spoiling, remarks);
    fault(clipped, "clipped: the object touches the border", maxClipped, spoiling, remarks);
    fault(opaque, "without background: alpha is full everywhere", maxShare, spoiling, remarks);
  }

  String report() {
    return String.format(
        Locale.ROOT,
        """
        brightness  mean %.3f of the objects
        coverage    %s
        luminance   %s
        faults      empty %.2f %%, black %.2f %%, clipped %.2f %%, no background %.2f %%
        """,
        brightnessSum / Math.max(1, views - empty),
        histogram(coverageBins),
        histogram(brightnessBins),
        percent(empty),
        percent(black),
        percent(clipped),
        percent(opaque));
  }

  private void addValues(byte[] chw) {
    long sum = 0;
    long squares = 0;
    for (byte b : chw) {
      int value = b & 0xff;
      sum += value;
      squares += (long) value * value;
    }
    // x = v / 127.5 − 1; the sums of v are exact whole numbers.
    double scale = 1 / 127.5;
    valueSum += sum * scale - chw.length;
    squareSum += squares * scale * scale - 2 * scale * sum + chw.length;
    values += chw.length;
  }

  private void fault(
      long count, String what, double maxShare, List<String> spoiling, List<String> remarks) {
    if (count > 0) {
      (count > maxShare * views ? spoiling : remarks)
          .add(
              String.format(
                  Locale.ROOT,
                  "%d of %d views (%.2f %%) are %s",
                  count,
                  views,
                  percent(count),
                  what));
    }
  }

  private double percent(long count) {
    return 100.0 * count / Math.max(1, views);
  }

  private static boolean touchesBorder(byte[] rgba, int width, int height) {
    for (int x = 0; x < width; x++) {
      if (isObject(rgba, x) || isObject(rgba, (height - 1) * width + x)) {
        return true;
      }
    }
    for (int y = 0; y < height; y++) {
      if (isObject(rgba, y * width) || isObject(rgba, y * width + width - 1)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isObject(byte[] rgba, int pixel) {
    return (rgba[4 * pixel + 3] & 0xff) >= 128;
  }

  private static int bin(double share) {
    return Math.min(BINS - 1, (int) (share * BINS));
  }

  /** Formats a bar for each bin, then the numbers. */
  private static String histogram(long[] bins) {
    StringBuilder text = new StringBuilder();
    long most = Math.max(1, Arrays.stream(bins).max().orElse(1));
    for (long bin : bins) {
      // Every bin that is not empty shows.
      text.append(BARS.charAt((int) ((bin * (BARS.length() - 1) + most - 1) / most)));
    }
    text.append("  ");
    for (int i = 0; i < BINS; i++) {
      text.append(String.format(Locale.ROOT, "%s%.1f:%d", i == 0 ? "" : "  ", i / 10.0, bins[i]));
    }
    return text.toString();
  }
}
