package ai.fresnel.cvs.train.procedural;

/** Generates tables, desks, shelves and cabinets. The front is at -y. */
final class TablesAndCabinets {
  private TablesAndCabinets() {}

  static void table(FurnitureBuilder w) {
    int wood = w.wood();
    double width = w.uniform(0.7, 1.7);
    double depth = w.uniform(0.6, 0.95);
    double height = w.uniform(0.35, 0.78);
    if (w.chance(0.3)) {
      double r = width / 2.4;
      double[] foot = {
        0,
        0,
        0.6 * r,
        0,
        0.55 * r,
        0.04,
        0.06,
        0.08,
        0.05,
        height,
        r,
        height,
        r,
        height + 0.04,
        0,
        height + 0.04
      };
      w.shape.lathe(0, 0, foot, 32, wood);
      w.clutter(r, r, height + 0.04);
      return;
    }
    w.legs(width, depth, height, w.uniform(0.025, 0.05), wood);
    w.shape.block(0, 0, height + 0.02, width, depth, 0.04, w.chance(0.7) ? wood : w.wood());
    if (w.chance(0.6)) {
      double x = w.uniform(-0.2, 0.2) * width;
      w.shape.block(x, -depth / 2 + 0.16, height - 0.06, 0.4, 0.34, 0.1, w.wood());
      w.shape.block(x, -depth / 2 - 0.02, height - 0.06, 0.08, 0.03, 0.02, w.metal());
    }
    if (w.chance(0.4)) {
      double c = w.uniform(-0.25, 0.25) * width;
      double z = height + 0.043;
      w.shape.box(
          c - 0.2, -depth / 2 - 0.005, height - 0.2, c + 0.2, depth / 2 + 0.005, z, w.cloth());
    }
    w.clutter(width, depth, height + 0.045);
  }

  static void desk(FurnitureBuilder w) {
    int wood = w.wood();
    double width = w.uniform(1.0, 1.6);
    double depth = w.uniform(0.55, 0.8);
    double height = w.uniform(0.7, 0.78);
    double half = width / 2;
    double side = w.chance(0.5) ? -1 : 1;
    w.shape.block(0, 0, height, width, depth, 0.04, wood);
    double box = w.uniform(0.3, 0.45);
    double x = side * (half - box / 2);
    drawers(
        w,
        x - box / 2,
        x + box / 2,
        -depth / 2,
        depth / 2,
        0.04,
        height - 0.02,
        w.integer(2, 4),
        wood);
    w.shape.block(-side * (half - 0.02), 0, height / 2, 0.04, depth * 0.95, height, wood);
    if (w.chance(0.6)) {
      w.shape.block(0, depth / 2 - 0.02, height * 0.6, width, 0.02, height * 0.6, wood);
    }
    if (w.chance(0.6)) {
      int black = w.plain("screen", 0x2a2d33);
      double sx = -side * w.uniform(0, 0.2);
      w.shape.block(sx, 0.1, height + 0.3, 0.5, 0.03, 0.3, black);
      w.shape.block(sx, 0.083, height + 0.3, 0.46, 0.002, 0.26, w.plain("picture", 0x6fa8d8));
      w.shape.block(sx, 0.12, height + 0.1, 0.05, 0.03, 0.18, black);
      w.shape.block(sx, 0.12, height + 0.025, 0.2, 0.15, 0.01, black);
    }
    w.clutter(width, depth * 0.6, height + 0.02);
  }

  static void shelf(FurnitureBuilder w) {
    int wood = w.wood();
    double width = w.uniform(0.5, 1.2);
    double depth = w.uniform(0.22, 0.38);
    double height = w.uniform(0.8, 2.0);
    int boards = w.integer(2, 5);
    double t = 0.025;
    double half = width / 2;
    w.shape.box(-half, -depth / 2, 0, -half + t, depth / 2, height, wood);
    w.shape.box(half - t, -depth / 2, 0, half, depth / 2, height, wood);
    if (w.chance(0.7)) {
      w.shape.box(
          -half, depth / 2 - 0.01, 0, half, depth / 2, height, w.chance(0.5) ? wood : w.paint());
    }
    double step = (height - t) / boards;
    for (int i = 0; i <= boards; i++) {
      double z = i * step;
      w.shape.box(-half, -depth / 2, z, half, depth / 2, z + t, wood);
      double x = -half + 0.04;
      double stop = half - 0.05 - w.uniform(0, 0.8) * width;
      while (i < boards && x < stop) {
        double thick = w.uniform(0.03, 0.07);
        double tall = step * w.uniform(0.45, 0.85);
        w.shape.box(
            x,
            -depth / 2 + w.uniform(0.01, 0.08),
            z + t,
            x + thick,
            depth / 2 - 0.03,
            z + t + tall,
            w.paint());
        x += thick + 0.003;
      }
    }
  }

  static void cabinet(FurnitureBuilder w) {
    int wood = w.wood();
    double width = w.uniform(0.45, 1.3);
    double depth = w.uniform(0.38, 0.6);
    double height = w.uniform(0.5, 1.5);
    double foot = w.uniform(0.04, 0.15);
    double half = width / 2;
    w.legs(width, depth, foot, 0.03, wood);
    if (w.chance(0.4)) {
      double split = foot + (height - foot) * w.uniform(0.4, 0.7);
      doors(w, -half, half, -depth / 2, depth / 2, foot, split, wood);
      drawers(w, -half, half, -depth / 2, depth / 2, split, height, w.integer(1, 3), wood);
    } else {
      int front = w.chance(0.5) ? wood : w.wood();
      drawers(w, -half, half, -depth / 2, depth / 2, foot, height, w.integer(2, 5), front);
    }
    w.shape.block(0, 0, height + 0.015, width + 0.04, depth + 0.04, 0.03, wood);
    w.clutter(width, depth, height + 0.03);
  }

  private static void drawers(
      FurnitureBuilder w,
      double x0,
      double x1,
      double y0,
      double y1,
      double z0,
      double z1,
      int n,
      int wood) {
    int front = w.chance(0.6) ? w.wood() : w.paint();
    int handle = w.metal();
    boolean bar = w.chance(0.5);
    w.shape.box(x0, y0, z0, x1, y1, z1, wood);
    double step = (z1 - z0) / n;
    for (int i = 0; i < n; i++) {
      double low = z0 + i * step + 0.012;
      // An open drawer shows clearly which side is the front.
      double open = w.chance(0.15) ? w.uniform(0.05, 0.2) : 0.012;
      w.shape.box(x0 + 0.012, y0 - open, low, x1 - 0.012, y0, low + step - 0.024, front);
      double x = (x0 + x1) / 2;
      double z = low + step / 2 - 0.012;
      double s = bar ? (x1 - x0) * 0.3 : 0.03;
      w.shape.block(x, y0 - open - 0.012, z, s, 0.024, 0.022, handle);
    }
  }

  private static void doors(
      FurnitureBuilder w,
      double x0,
      double x1,
      double y0,
      double y1,
      double z0,
      double z1,
      int wood) {
    int front = w.chance(0.6) ? w.wood() : w.paint();
    int handle = w.metal();
    w.shape.box(x0, y0, z0, x1, y1, z1, wood);
    int n = x1 - x0 > 0.7 ? 2 : 1;
    double step = (x1 - x0) / n;
    for (int i = 0; i < n; i++) {
      double low = x0 + i * step + 0.01;
      double high = x0 + (i + 1) * step - 0.01;
      w.shape.box(low, y0 - 0.014, z0 + 0.012, high, y0, z1 - 0.012, front);
      double x = i == 0 ? high - 0.05 : low + 0.05;
      w.shape.block(x, y0 - 0.03, (z0 + z1) / 2, 0.02, 0.03, 0.12, handle);
    }
  }
}
