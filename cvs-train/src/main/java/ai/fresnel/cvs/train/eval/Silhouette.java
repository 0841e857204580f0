package ai.fresnel.cvs.train.eval;

/**
 * The pixels of an image that show its object: true ones from alpha, drawn ones from the colours.
 * Immutable.
 */
final class Silhouette {

  /**
   * Alpha above which a pixel shows the object. Low, since a thin dark part that covers a fifth of
   * a pixel is seen, and so is glass.
   */
  static final double LEAST_ALPHA = 0.1;

  /**
   * How far below white, 1, a channel of a pixel must lie to show the object, in image values; 0.1
   * is 13 of 255. Models leave the background a little grey, and pale objects are hardly darker.
   */
  static final double WHITE_TOLERANCE = 0.1;

  private final int side;
  private final boolean[] inside;

  private Silhouette(int side, boolean[] inside) {
    if (inside.length != side * side) {
      throw new IllegalArgumentException(
          "silhouette has " + inside.length + " pixels, expected " + side + " squared");
    }
    this.side = side;
    this.inside = inside;
  }

  /**
   * Takes the pixels where alpha is above {@link #LEAST_ALPHA}.
   *
   * @param alpha (S, S), 0 to 1
   * @param side S
   */
  static Silhouette ofAlpha(float[] alpha, int side) {
    boolean[] inside = new boolean[alpha.length];
    for (int i = 0; i < inside.length; i++) {
      inside[i] = alpha[i] > LEAST_ALPHA;
    }
    return new Silhouette(side, inside);
  }

  /**
   * Takes the pixels that are not white: where a channel is below 1 by more than {@link
   * #WHITE_TOLERANCE}.
   *
   * @param image (3, S, S) in [-1, 1] on white
   * @param side S
   */
  static Silhouette drawn(float[] image, int side) {
    int plane = side * side;
    boolean[] inside = new boolean[image.length / 3];
    for (int i = 0; i < inside.length; i++) {
      float least = Math.min(image[i], Math.min(image[i + plane], image[i + 2 * plane]));
      inside[i] = least < 1 - WHITE_TOLERANCE;
    }
    return new Silhouette(side, inside);
  }

  /**
   * Leaves out the pixels near the outline: those with a pixel outside, or the frame's edge, within
   * some steps along x and y (a square window).
   */
  Silhouette eroded(int pixels) {
    boolean[] left = new boolean[inside.length];
    for (int y = pixels; y < side - pixels; y++) {
      for (int x = pixels; x < side - pixels; x++) {
        left[y * side + x] = isInside(x, y, pixels);
      }
    }
    return new Silhouette(side, left);
  }

  private boolean isInside(int x, int y, int pixels) {
    for (int dy = -pixels; dy <= pixels; dy++) {
      for (int dx = -pixels; dx <= pixels; dx++) {
        if (!inside[(y + dy) * side + x + dx]) {
          return false;
        }
      }
    }
    return true;
  }

  /** Returns the pixels as a mask, (S, S); not copied, do not change it. */
  boolean[] mask() {
    return inside;
  }

  /** Counts the pixels. */
  int area() {
    int count = 0;
    for (boolean pixel : inside) {
      count += pixel ? 1 : 0;
    }
    return count;
  }

  /** Says whether it has two neighbours along x and two along y, so that a gradient is defined. */
  boolean hasGradient() {
    boolean alongX = false;
    boolean alongY = false;
    for (int i = 0; i < inside.length; i++) {
      alongX |= inside[i] && (i + 1) % side != 0 && inside[i + 1];
      alongY |= inside[i] && i + side < inside.length && inside[i + side];
    }
    return alongX && alongY;
  }

  /**
   * Returns the pixels in both as a share of the pixels in either.
   *
   * @param other of the same size, one of both with a pixel at least
   * @return 0 (apart) to 1 (equal)
   */
  double iou(Silhouette other) {
    int both = 0;
    int either = 0;
    for (int i = 0; i < inside.length; i++) {
      both += inside[i] && other.inside[i] ? 1 : 0;
      either += inside[i] || other.inside[i] ? 1 : 0;
    }
    return (double) both / either;
  }
}
