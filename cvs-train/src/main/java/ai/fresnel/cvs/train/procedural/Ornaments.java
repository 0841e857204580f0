package ai.fresnel.cvs.train.procedural;

/** Generates lamps, plants and vases. The front is at -y. */
final class Ornaments {
  private static final double[] X = {1, 0, 0};
  private static final double[] Z = {0, 0, 1};

  private Ornaments() {}

  static void lamp(FurnitureBuilder w) {
    int metal = w.chance(0.6) ? w.metal() : w.wood();
    double height = w.uniform(0.5, 1.5);
    double base = w.uniform(0.1, 0.2);
    double reach = w.chance(0.6) ? w.uniform(0.1, 0.4) : 0;
    double[] foot = {0, 0, base, 0, base, 0.02, 0.03, 0.05, 0, 0.05};
    w.shape.lathe(0, 0, foot, 28, metal);
    w.shape.beam(at(0, 0, 0.03), at(0, 0, height), 0.014, 0.011, 10, metal);
    if (reach > 0) {
      w.shape.beam(at(0, 0, height), at(reach, 0, height + 0.06), 0.012, 0.01, 10, metal);
    }
    double low = w.uniform(0.12, 0.26);
    double high = low * w.uniform(0.3, 1);
    double tall = w.uniform(0.16, 0.32);
    double z = height - 0.6 * tall;
    // Down outside and up inside: the shade is thick and open from below.
    double[] shade = {low - 0.01, z, low, z, high, z + tall, high - 0.01, z + tall, low - 0.01, z};
    w.shape.lathe(reach, 0, shade, 28, w.cloth());
    double[] bulb = {
      0,
      z + 0.2 * tall,
      0.03,
      z + 0.3 * tall,
      0.035,
      z + 0.45 * tall,
      0.012,
      z + 0.7 * tall,
      0,
      z + 0.7 * tall
    };
    w.shape.lathe(reach, 0, bulb, 12, w.plain("bulb", 0xfff4d0));
    double cord = base * 0.8;
    w.shape.beam(
        at(0, cord, 0.01), at(w.uniform(-0.1, 0.1), cord + 0.25, 0.01), 0.008, 0.008, 6, w.paint());
    if (w.chance(0.4)) {
      w.shape.beam(
          at(reach + low * 0.5, 0, z), at(reach + low * 0.5, 0, z - 0.12), 0.005, 0.005, 6, metal);
    }
  }

  static void plant(FurnitureBuilder w) {
    double rim = w.uniform(0.14, 0.26);
    double tall = w.uniform(0.2, 0.4);
    double foot = rim * w.uniform(0.55, 0.95);
    double[] pot = {
      0,
      0,
      foot,
      0,
      rim,
      tall,
      rim * 1.08,
      tall,
      rim * 1.08,
      tall + 0.04,
      rim * 0.95,
      tall + 0.04,
      rim * 0.9,
      tall - 0.03,
      0,
      tall - 0.03
    };
    w.shape.lathe(0, 0, pot, 28, w.chance(0.5) ? w.cloth() : w.plain("clay", 0xb5653c));
    int leaves = w.integer(8, 22);
    int[] greens = {
      w.plain("leaf", 0x3f7d34), w.plain("leaf", 0x5c9a3c), w.plain("leaf", 0x88b04b)
    };
    int flower = w.chance(0.5) ? w.paint() : greens[2];
    // The plant grows toward the light, away from the front.
    double tilt = w.uniform(0, 0.15);
    for (int i = 0; i < leaves; i++) {
      double a = 2 * Math.PI * w.random.nextDouble();
      double out = w.uniform(0.15, 0.5);
      double up = w.uniform(0.25, 0.7);
      double[] root = at(0.3 * rim * Math.cos(a), 0.3 * rim * Math.sin(a), tall - 0.03);
      double[] mid = at(0.6 * out * Math.cos(a), 0.6 * out * Math.sin(a) + tilt, tall + up);
      double[] tip =
          at(out * Math.cos(a), out * Math.sin(a) + tilt, tall + up * w.uniform(0.5, 1.05));
      double s = w.uniform(0.03, 0.08);
      double[] left = at(mid[0] - s * Math.sin(a), mid[1] + s * Math.cos(a), mid[2]);
      double[] right = at(mid[0] + s * Math.sin(a), mid[1] - s * Math.cos(a), mid[2]);
      int green = greens[w.random.nextInt(3)];
      w.shape.beam(root, mid, 0.007, 0.006, 6, green);
      int blade = w.chance(0.15) ? flower : green;
      w.shape.triangle(left, right, tip, blade);
      double[] stem =
          at((root[0] + mid[0]) / 2, (root[1] + mid[1]) / 2, (root[2] + 2 * mid[2]) / 3);
      w.shape.triangle(right, left, stem, blade);
    }
    w.shape.block(
        0,
        -rim * 0.98,
        tall * 0.55,
        rim * 0.7,
        rim * 0.25,
        tall * 0.35,
        w.plain("label", 0xf5f1e6));
  }

  static void vase(FurnitureBuilder w) {
    int rings = 14;
    double height = w.uniform(0.5, 1.0);
    double belly = w.uniform(0.15, 0.35);
    double neck = belly * w.uniform(0.2, 0.6);
    double where = w.uniform(0.25, 0.6);
    double[] profile = new double[2 * (rings + 4)];
    profile[0] = 0;
    profile[2] = belly * 0.55;
    for (int k = 0; k < rings; k++) {
      double h = k / (rings - 1.0);
      double bulge = Math.exp(-Math.pow((h - where) / 0.24, 2));
      profile[2 * k + 4] = neck + (belly - neck) * bulge + 0.12 * belly * Math.pow(h, 6);
      profile[2 * k + 5] = 0.02 + h * height;
    }
    int last = 2 * (rings + 2);
    profile[last] = profile[last - 2] - 0.02;
    profile[last + 1] = height + 0.02;
    profile[last + 2] = profile[last] * 0.9;
    profile[last + 3] = height * 0.7;
    w.shape.lathe(0, 0, profile, 40, w.chance(0.75) ? w.cloth() : w.paint());
    int handle = w.paint();
    double r = height * w.uniform(0.13, 0.2);
    double x = neck + 0.5 * (belly - neck);
    w.shape.arc(at(x, 0, height * 0.72), X, Z, r, 0.02, -Math.PI / 2, Math.PI / 2, handle);
    if (w.chance(0.4)) {
      w.shape.arc(at(-x, 0, height * 0.72), X, Z, r, 0.02, Math.PI / 2, 1.5 * Math.PI, handle);
    }
    if (w.chance(0.7)) {
      double z = 0.02 + where * height;
      w.shape.block(0, -belly * 0.97, z, belly * 0.7, belly * 0.2, belly * 0.5, w.paint());
    }
  }

  private static double[] at(double x, double y, double z) {
    return ShapeBuilder.at(x, y, z);
  }
}
