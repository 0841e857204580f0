package ai.fresnel.cvs.train.procedural;

import ai.fresnel.cvs.train.mesh.Texture;
import java.awt.Color;
import java.util.Random;

/** Generates small tiling textures: wood, checks, stripes, woven noise, dots. */
final class ProceduralTextures {
  private static final int SIZE = 128;

  private ProceduralTextures() {}

  /** The pattern that mixes two colours. */
  private interface Pattern {
    /** Returns 0 for the first colour to 1 for the second; x and y are in 0..1. */
    double mix(double x, double y);
  }

  /** Generates wood with grain along u. */
  static Texture wood(Random random) {
    float hue = (float) uniform(random, 0.045, 0.105);
    float saturation = (float) uniform(random, 0.3, 0.7);
    float value = (float) uniform(random, 0.5, 0.92);
    int light = Color.HSBtoRGB(hue, saturation, value);
    int dark = Color.HSBtoRGB(hue - 0.01f, Math.min(1, saturation + 0.1f), value * 0.7f);
    double[][] bumps = bumps(random, 5);
    int rings = 4 + random.nextInt(6);
    double wave = uniform(random, 0.2, 0.6);
    return paint(
        light,
        dark,
        (x, y) -> {
          double bent = rings * y + wave * fractal(bumps, x, y);
          double ring = 0.5 + 0.5 * Math.sin(2 * Math.PI * bent);
          double fine = 0.5 + 0.5 * Math.sin(2 * Math.PI * (37 * y + fractal(bumps, x, 0.3)));
          return 0.7 * ring * ring + 0.3 * fine;
        },
        random,
        0.02);
  }

  /** Generates squares of two colours. */
  static Texture checks(Random random) {
    int n = 2 * (1 + random.nextInt(4));
    int[] pair = pair(random);
    return paint(
        pair[0], pair[1], (x, y) -> ((int) (n * x) + (int) (n * y)) % 2 == 0 ? 0 : 1, random, 0.02);
  }

  /** Generates stripes across u, some broad, some narrow. */
  static Texture stripes(Random random) {
    int n = 2 + random.nextInt(6);
    double share = uniform(random, 0.2, 0.6);
    int[] pair = pair(random);
    return paint(pair[0], pair[1], (x, y) -> n * x % 1 < share ? 1 : 0, random, 0.02);
  }

  /** Generates woven cloth in one uneven colour. */
  static Texture fabric(Random random) {
    int base = colour(random);
    int shade = darker(base, 0.65);
    double[][] bumps = bumps(random, 8);
    int threads = 16 + random.nextInt(16);
    return paint(
        base,
        shade,
        (x, y) -> {
          double weave = Math.sin(2 * Math.PI * threads * x) * Math.sin(2 * Math.PI * threads * y);
          return 0.35 + 0.25 * weave + 0.35 * fractal(bumps, x, y);
        },
        random,
        0.05);
  }

  /** Generates dots on a ground. */
  static Texture dots(Random random) {
    int n = 2 + random.nextInt(4);
    double radius = uniform(random, 0.2, 0.4);
    int[] pair = pair(random);
    return paint(
        pair[0],
        pair[1],
        (x, y) -> Math.hypot(n * x % 1 - 0.5, n * y % 1 - 0.5) < radius ? 1 : 0,
        random,
        0.02);
  }

  private static Texture paint(int a, int b, Pattern pattern, Random random, double grain) {
    int[] argb = new int[SIZE * SIZE];
    for (int i = 0; i < argb.length; i++) {
      double m = pattern.mix(i % SIZE / (double) SIZE, Math.floorDiv(i, SIZE) / (double) SIZE);
      m = Math.max(0, Math.min(1, m));
      double light = 1 + grain * (2 * random.nextDouble() - 1);
      int pixel = 255 << 24;
      for (int shift = 0; shift <= 16; shift += 8) {
        double mixed = light * ((1 - m) * ((a >> shift) & 255) + m * ((b >> shift) & 255));
        pixel |= (int) Math.max(0, Math.min(255, Math.round(mixed))) << shift;
      }
      argb[i] = pixel;
    }
    return Texture.of(SIZE, SIZE, argb);
  }

  /**
   * Draws waves of whole numbers of periods, so that their sum tiles: frequencies, phases,
   * strength.
   */
  private static double[][] bumps(Random random, int count) {
    double[][] bumps = new double[count][];
    for (int k = 0; k < count; k++) {
      bumps[k] =
          new double[] {
            random.nextInt(4), 1 + random.nextInt(4), 2 * Math.PI * random.nextDouble()
          };
    }
    return bumps;
  }

  /** Returns the sum of the waves, about -1..1. */
  private static double fractal(double[][] bumps, double x, double y) {
    double sum = 0;
    for (double[] bump : bumps) {
      sum += Math.sin(2 * Math.PI * (bump[0] * x + bump[1] * y) + bump[2]);
    }
    return sum / Math.sqrt(2 * bumps.length);
  }

  private static int[] pair(Random random) {
    int first = colour(random);
    if (random.nextBoolean()) {
      return new int[] {first, 0xf4f0e6};
    }
    return new int[] {first, darker(colour(random), 0.7)};
  }

  /** Draws a colour: mostly strong, sometimes pale, never near black. */
  static int colour(Random random) {
    float saturation =
        (float) (random.nextInt(4) == 0 ? uniform(random, 0, 0.2) : uniform(random, 0.3, 0.9));
    return Color.HSBtoRGB(random.nextFloat(), saturation, (float) uniform(random, 0.55, 0.95));
  }

  private static int darker(int rgb, double factor) {
    int red = (int) (factor * ((rgb >> 16) & 255));
    int green = (int) (factor * ((rgb >> 8) & 255));
    int blue = (int) (factor * (rgb & 255));
    return red << 16 | green << 8 | blue;
  }

  private static double uniform(Random random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }
}
