package ai.fresnel.cvs.train.data;

/**
 * Changes pairs and keeps their two views consistent.
 *
 * <p>Mirroring flips both images left to right and mirrors the move between the cameras. Colours
 * change alike in both views: the hue turns around the grey axis, the saturation grows or shrinks,
 * and gamma is a power of the values. Black and white stay, and greys change by gamma only. Zooming
 * enlarges or shrinks a view around its middle and changes its focal length; each view of a pair
 * zooms on its own. A background replaces white by one colour in both views.
 *
 * @param mirrorShare the share of mirrored pairs, 0 to 1
 * @param hue the largest turn of the hue either way, radians, 0 to π
 * @param saturation the largest change of the distance from grey: the factor lies between 1 −
 *     saturation and 1 + saturation, 0 to 1
 * @param gamma the largest change of brightness: the exponent of the stored values lies between 1 /
 *     (1 + gamma) and 1 + gamma, 0 to 4
 * @param zoom the largest change of the focal length: its factor lies between 1 / (1 + zoom) and 1
 *     + zoom, 0 to 1
 * @param backgroundShare the share of pairs with a coloured background, 0 to 1
 */
public record Augmentation(
    double mirrorShare,
    double hue,
    double saturation,
    double gamma,
    double zoom,
    double backgroundShare) {

  /** No augmentation. */
  public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, 0, 0);

  private static final int LEVELS = 1024;

  /**
   * Checks the values.
   *
   * @param mirrorShare 0 to 1
   * @param hue 0 to π
   * @param saturation 0 to 1
   * @param gamma 0 to 4
   * @param zoom 0 to 1
   * @param backgroundShare 0 to 1
   * @throws IllegalArgumentException if a value is out of its range
   */
  public Augmentation {
    require("mirrorShare", mirrorShare, 1);
    require("hue", hue, Math.PI);
    require("saturation", saturation, 1);
    require("gamma", gamma, 4);
    require("zoom", zoom, 1);
    require("backgroundShare", backgroundShare, 1);
  }

  private static void require(String name, double value, double most) {
    if (!(value >= 0 && value <= most)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 to " + most);
    }
  }

  /** Says whether a sample is mirrored. */
  boolean mirrors(long draws) {
    return mirrorShare > 0 && uniform(draws, 0) < mirrorShare;
  }

  /** Says whether colours change. */
  boolean jitters() {
    return hue > 0 || saturation > 0 || gamma > 0;
  }

  /**
   * Changes the colours of an image by the random draws of a sample.
   *
   * @param image (3, H, W) in [-1, 1] from {@code offset} on
   * @param pixels H·W
   */
  void jitter(long draws, float[] image, int offset, int pixels) {
    double power = power(draws);
    float[] curve = new float[LEVELS + 1];
    for (int i = 0; i <= LEVELS; i++) {
      curve[i] = (float) (2 * Math.pow(i / (double) LEVELS, power) - 1);
    }
    float[] m = turn(draws);
    for (int i = offset; i < offset + pixels; i++) {
      float r = (image[i] + 1) / 2;
      float g = (image[i + pixels] + 1) / 2;
      float b = (image[i + 2 * pixels] + 1) / 2;
      image[i] = curve[level(m[0] * r + m[1] * g + m[2] * b)];
      image[i + pixels] = curve[level(m[2] * r + m[0] * g + m[1] * b)];
      image[i + 2 * pixels] = curve[level(m[1] * r + m[2] * g + m[0] * b)];
    }
  }

  /** Returns the exponent of the stored values. */
  double power(long draws) {
    return Math.exp(Math.log1p(gamma) * (2 * uniform(draws, 3) - 1));
  }

  /** Returns the first row of the circulant matrix that turns and scales around grey. */
  float[] turn(long draws) {
    double angle = hue * (2 * uniform(draws, 1) - 1);
    double factor = 1 + saturation * (2 * uniform(draws, 2) - 1);
    return turnedAroundGrey(angle, factor);
  }

  /**
   * Returns the factor of the focal length of a view; {@code view} is 0 for the source, 1 for the
   * target.
   */
  double zoom(long draws, int view) {
    return Math.exp(Math.log1p(zoom) * (2 * uniform(draws, 4 + view) - 1));
  }

  /** Returns the background of a pair, red, green and blue in [-1, 1]; null for white. */
  float[] background(long draws) {
    if (!(backgroundShare > 0 && uniform(draws, 6) < backgroundShare)) {
      return null;
    }
    float[] colour = new float[3];
    for (int c = 0; c < 3; c++) {
      colour[c] = (float) (2 * uniform(draws, 7 + c) - 1);
    }
    return colour;
  }

  private static int level(float value) {
    return (int) (Math.max(0, Math.min(1, value)) * LEVELS + 0.5f);
  }

  /**
   * Returns the first row of the circulant matrix grey + factor·(rotation − grey), by Rodrigues'
   * formula around (1, 1, 1).
   */
  private static float[] turnedAroundGrey(double angle, double factor) {
    double cos = factor * Math.cos(angle);
    double sin = factor * Math.sin(angle) / Math.sqrt(3);
    double rest = (1 - cos) / 3;
    return new float[] {(float) (cos + rest), (float) (rest - sin), (float) (rest + sin)};
  }

  private static double uniform(long draws, int index) {
    // 53 bits, the precision of a double.
    return (SplitMix64.draw(draws, index) >>> 11) * 0x1p-53;
  }
}
