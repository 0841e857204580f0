package ai.fresnel.cvs.resize;

/**
 * The weights of a one-dimensional resize with a triangle filter, as PIL's {@code BILINEAR}: two
 * pixels of the original wide when enlarging, two pixels of the result wide when reducing.
 * Enlarging is bilinear, reducing averages, and the same size is the identity.
 */
public final class ResizeKernel {

  private final int[] from;
  private final int[] to;

  private final float[][] weights;

  private ResizeKernel(int size) {
    from = new int[size];
    to = new int[size];
    weights = new float[size][];
  }

  /**
   * Makes the weights.
   *
   * @param start where the crop begins in the original, pixels
   * @param length length of the crop in the original, pixels
   * @param limit size of the original, pixels
   * @param size size of the result, pixels
   * @param extendEdges whether the edge pixels are repeated outside the original; otherwise weights
   *     outside are dropped
   * @return the weights
   */
  public static ResizeKernel of(
      double start, double length, int limit, int size, boolean extendEdges) {
    ResizeKernel kernel = new ResizeKernel(size);
    double scale = length / size;
    double reach = Math.max(1, scale);
    for (int i = 0; i < size; i++) {
      double centre = start + (i + 0.5) * scale;
      int low = (int) Math.ceil(centre - reach - 0.5);
      int high = (int) Math.floor(centre + reach - 0.5);
      kernel.from[i] = Math.min(limit, Math.max(0, low));
      kernel.to[i] = Math.max(-1, Math.min(limit - 1, high));
      float[] row = new float[Math.max(0, kernel.to[i] - kernel.from[i] + 1)];
      double total = 0;
      for (int tap = low; tap <= high; tap++) {
        double weight = Math.max(0, 1 - Math.abs(tap + 0.5 - centre) / reach);
        total += weight;
        int inside = extendEdges ? Math.min(limit - 1, Math.max(0, tap)) : tap;
        if (inside >= kernel.from[i] && inside <= kernel.to[i]) {
          row[inside - kernel.from[i]] += (float) weight;
        }
      }
      for (int k = 0; k < row.length; k++) {
        row[k] /= (float) total;
      }
      kernel.weights[i] = row;
    }
    return kernel;
  }

  /**
   * Returns the first pixel of the original that a pixel of the result reads.
   *
   * @param i the pixel of the result
   * @return from 0
   */
  public int from(int i) {
    return from[i];
  }

  /**
   * Returns the last pixel of the original that a pixel of the result reads.
   *
   * @param i the pixel of the result
   * @return less than {@link #from} if it reads none
   */
  public int to(int i) {
    return to[i];
  }

  /**
   * Returns a weight.
   *
   * @param i the pixel of the result
   * @param tap the pixel of the original, from {@link #from} to {@link #to}
   * @return 0 to 1
   */
  public float weight(int i, int tap) {
    return weights[i][tap - from[i]];
  }

  /**
   * Returns the first pixel of the original that is read.
   *
   * @return 0 if none is
   */
  public int first() {
    int first = Integer.MAX_VALUE;
    for (int i = 0; i < from.length; i++) {
      first = to[i] >= from[i] ? Math.min(first, from[i]) : first;
    }
    return first == Integer.MAX_VALUE ? 0 : first;
  }

  /**
   * Returns the last pixel of the original that is read.
   *
   * @return -1 if none is
   */
  public int last() {
    int last = -1;
    for (int i = 0; i < from.length; i++) {
      last = to[i] >= from[i] ? Math.max(last, to[i]) : last;
    }
    return last;
  }
}
