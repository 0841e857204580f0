package ai.fresnel.cvs.resize;

import java.util.function.IntUnaryOperator;

/**
 * Resizes 8-bit images with Lanczos' filter of three lobes as Pillow does, to the same bits: the
 * networks of Zero123 were trained and shown on images that went through it.
 *
 * <p>Weights are rounded to 22 bits, and each of both passes, columns first, rounds to 8.
 */
public final class LanczosResize {

  private static final int LOBES = 3;
  private static final int WEIGHT_BITS = 22;

  /** The resized columns or rows as weighted sums of the old ones. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Kernel(int[] first, int[][] weights) {

    /**
     * Makes the weights.
     *
     * @param size number of old ones
     * @param length how many of them are resized, from the first: a part of the last may be left
     * @param result number of new ones
     */
    static Kernel of(int size, double length, int result) {
      Kernel kernel = new Kernel(new int[result], new int[result][]);
      double scale = length / result;
      double stretch = Math.max(1, scale);
      double reach = LOBES * stretch;
      for (int i = 0; i < result; i++) {
        double centre = (i + 0.5) * scale;
        int from = Math.max(0, (int) (centre - reach + 0.5));
        int to = Math.min(size, (int) (centre + reach + 0.5));
        double[] row = new double[to - from];
        double total = 0;
        for (int k = 0; k < row.length; k++) {
          row[k] = lanczos((k + from - centre + 0.5) / stretch);
          total += row[k];
        }
        kernel.first[i] = from;
        kernel.weights[i] = new int[row.length];
        for (int k = 0; k < row.length; k++) {
          double fixed = row[k] / total * (1 << WEIGHT_BITS);
          kernel.weights[i][k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
        }
      }
      return kernel;
    }

    int at(int i, IntUnaryOperator old) {
      int sum = 1 << (WEIGHT_BITS - 1);
      for (int k = 0; k < weights[i].length; k++) {
        sum += weights[i][k] * old.applyAsInt(first[i] + k);
      }
      return Math.min(255, Math.max(0, sum >> WEIGHT_BITS));
    }
  }

  private LanczosResize() {}

  private static double lanczos(double x) {
    return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : StrictMath.sin(x * Math.PI) / (x * Math.PI);
  }

  /**
   * Resizes an image.
   *
   * @param image the image; returned as it is if the size is the same
   * @param width pixels of the result
   * @param height pixels of the result
   * @return the resized image
   */
  public static Bytes resize(Bytes image, int width, int height) {
    return resize(image, image.width(), image.height(), width, height);
  }

  /**
   * Makes an image so small that it fits a square, and leaves a smaller one. Very large ones are
   * averaged to at least twice the size first.
   *
   * @param image the image
   * @param side side of the square, pixels
   * @return the smaller image, or the same
   */
  public static Bytes thumbnail(Bytes image, int side) {
    if (Math.max(image.width(), image.height()) <= side) {
      return image;
    }
    double aspect = (double) image.width() / image.height();
    int width = aspect > 1 ? side : nearestAspect(side * aspect, n -> Math.abs(aspect - n / side));
    int height =
        aspect > 1
            ? nearestAspect(side / aspect, n -> n == 0 ? 0 : Math.abs(aspect - side / n))
            : side;
    int columns = Math.max(1, image.width() / width / 2);
    int rows = Math.max(1, image.height() / height / 2);
    if (columns == 1 && rows == 1) {
      return resize(image, width, height);
    }
    double lengthX = (double) image.width() / columns;
    double lengthY = (double) image.height() / rows;
    return resize(image.averaged(columns, rows), lengthX, lengthY, width, height);
  }

  private interface Deviation {
    double of(double side);
  }

  /** Rounds a side to the neighbour that changes the aspect less, down where both are equal. */
  private static int nearestAspect(double side, Deviation error) {
    double low = Math.floor(side);
    double high = Math.ceil(side);
    return (int) Math.max(1, error.of(high) < error.of(low) ? high : low);
  }

  private static Bytes resize(Bytes old, double lengthX, double lengthY, int width, int height) {
    if (lengthX == width && lengthY == height && old.width == width && old.height == height) {
      return old;
    }
    int channels = old.channels;
    Bytes narrow = old;
    if (lengthX != width || old.width != width) {
      Kernel kernel = Kernel.of(old.width, lengthX, width);
      narrow = new Bytes(new byte[channels * width * old.height], width, old.height, channels);
      for (int y = 0; y < old.height; y++) {
        for (int i = 0; i < width * channels; i++) {
          int row = y * old.width;
          int c = i % channels;
          int value = kernel.at(i / channels, x -> old.values[channels * (row + x) + c] & 255);
          narrow.values[channels * width * y + i] = (byte) value;
        }
      }
    }
    if (lengthY == height && old.height == height) {
      return narrow;
    }
    Kernel kernel = Kernel.of(old.height, lengthY, height);
    byte[] values = narrow.values;
    int line = channels * width;
    Bytes result = new Bytes(new byte[line * height], width, height, channels);
    for (int y = 0; y < height; y++) {
      for (int i = 0; i < line; i++) {
        int column = i;
        result.values[line * y + i] = (byte) kernel.at(y, v -> values[line * v + column] & 255);
      }
    }
    return result;
  }

  /**
   * An 8-bit image.
   *
   * @param values (height, width, channels)
   * @param width pixels
   * @param height pixels
   * @param channels values a pixel
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Bytes(byte[] values, int width, int height, int channels) {

    /** Averages cells of so many columns and rows; those at the right and below may be smaller. */
    private Bytes averaged(int columns, int rows) {
      int newWidth = (width + columns - 1) / columns;
      int newHeight = (height + rows - 1) / rows;
      byte[] means = new byte[channels * newWidth * newHeight];
      for (int y = 0; y < newHeight; y++) {
        int toY = Math.min(height, (y + 1) * rows);
        for (int x = 0; x < newWidth; x++) {
          int toX = Math.min(width, (x + 1) * columns);
          long count = (long) (toX - x * columns) * (toY - y * rows);
          for (int c = 0; c < channels; c++) {
            long sum = count / 2;
            for (int v = y * rows; v < toY; v++) {
              for (int u = x * columns; u < toX; u++) {
                sum += values[channels * (v * width + u) + c] & 255;
              }
            }
            // Pillow's division, by a factor of 24 bits.
            long mean = (sum * ((1L << 24) / count)) >> 24;
            means[channels * (y * newWidth + x) + c] = (byte) mean;
          }
        }
      }
      return new Bytes(means, newWidth, newHeight, channels);
    }
  }
}
