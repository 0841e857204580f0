package ai.fresnel.cvs.train.procedural;

/** Generates seats and beds. The front is at -y. */
final class Seats {
  private Seats() {}

  static void chair(FurnitureBuilder w) {
    int frame = w.wood();
    double width = w.uniform(0.4, 0.55);
    double depth = w.uniform(0.4, 0.5);
    double seat = w.uniform(0.4, 0.5);
    double back = seat + w.uniform(0.35, 0.6);
    double thick = w.uniform(0.018, 0.03);
    w.legs(width, depth, seat, thick, frame);
    int cover = w.chance(0.6) ? w.cloth() : frame;
    w.shape.box(-width / 2, -depth / 2, seat, width / 2, depth / 2, seat + 0.05, cover);
    double lean = w.uniform(0.02, 0.12);
    double y = depth / 2 - thick;
    for (int side = -1; side <= 1; side += 2) {
      double x = side * (width / 2 - thick);
      w.shape.beam(at(x, y, seat), at(x, y + lean, back), thick, thick, 8, frame);
    }
    if (w.chance(0.4)) {
      slats(w, width, back, seat, y, lean, frame);
    } else {
      double low = w.uniform(0.25, 0.6);
      double z0 = seat + low * (back - seat);
      double y0 = y + low * lean;
      panel(w, width / 2 - thick, y0, z0, y + lean, back, 0.02, cover);
    }
    if (w.chance(0.35)) {
      // One armrest or two: a single one makes left and right differ.
      int first = w.chance(0.5) ? -1 : 1;
      for (int side = first; side <= 1; side += 2) {
        double x = side * (width / 2);
        double z = seat + 0.22;
        w.shape.beam(at(x, -depth / 3, seat), at(x, -depth / 3, z), thick, thick, 8, frame);
        w.shape.box(x - 0.03, -depth / 2.5, z, x + 0.03, y + lean / 2, z + 0.03, frame);
      }
    }
  }

  private static void slats(
      FurnitureBuilder w,
      double width,
      double back,
      double seat,
      double y,
      double lean,
      int frame) {
    int n = w.integer(2, 6);
    boolean upright = w.chance(0.5);
    for (int i = 0; i < n; i++) {
      double share = (i + 1.0) / n;
      if (upright) {
        double x = (share - 0.5 - 0.5 / n) * width;
        w.shape.beam(at(x, y, seat), at(x, y + lean, back - 0.02), 0.012, 0.012, 4, frame);
      } else {
        double z = seat + share * (back - seat);
        panel(w, width / 2, y + share * lean, z - 0.05, y + share * lean, z, 0.015, frame);
      }
    }
    if (upright) {
      panel(w, width / 2, y + lean, back - 0.06, y + lean, back, 0.02, frame);
    }
  }

  /** Adds a leaning board between two heights. */
  private static void panel(
      FurnitureBuilder w,
      double half,
      double y0,
      double z0,
      double y1,
      double z1,
      double t,
      int material) {
    ShapeBuilder s = w.shape;
    s.quad(
        at(-half, y0 - t, z0),
        at(half, y0 - t, z0),
        at(half, y1 - t, z1),
        at(-half, y1 - t, z1),
        material);
    s.quad(
        at(half, y0 + t, z0),
        at(-half, y0 + t, z0),
        at(-half, y1 + t, z1),
        at(half, y1 + t, z1),
        material);
    s.quad(
        at(-half, y1 - t, z1),
        at(half, y1 - t, z1),
        at(half, y1 + t, z1),
        at(-half, y1 + t, z1),
        material);
    s.quad(
        at(-half, y0 + t, z0),
        at(half, y0 + t, z0),
        at(half, y0 - t, z0),
        at(-half, y0 - t, z0),
        material);
    s.quad(
        at(half, y0 - t, z0),
        at(half, y0 + t, z0),
        at(half, y1 + t, z1),
        at(half, y1 - t, z1),
        material);
    s.quad(
        at(-half, y0 + t, z0),
        at(-half, y0 - t, z0),
        at(-half, y1 - t, z1),
        at(-half, y1 + t, z1),
        material);
  }

  static void stool(FurnitureBuilder w) {
    int frame = w.chance(0.6) ? w.wood() : w.metal();
    double height = w.uniform(0.45, 0.8);
    double width = w.uniform(0.32, 0.45);
    w.legs(width * 0.9, width * 0.9, height, w.uniform(0.015, 0.03), frame);
    int cover = w.cloth();
    if (w.chance(0.6)) {
      double r = width / 2;
      double[] seat = {
        0, height, r, height, r * 1.04, height + 0.03, r * 0.95, height + 0.07, 0, height + 0.08
      };
      w.shape.lathe(0, 0, seat, 28, cover);
    } else {
      w.shape.block(0, 0, height + 0.03, width, width, 0.06, cover);
    }
    double rest = height * w.uniform(0.2, 0.45);
    int bars = w.integer(1, 3);
    double e = width * 0.42;
    double[][] corners = {{-e, -e}, {e, -e}, {e, e}, {-e, e}};
    for (int i = 0; i < bars; i++) {
      double[] a = corners[i];
      double[] b = corners[i + 1];
      w.shape.beam(at(a[0], a[1], rest), at(b[0], b[1], rest), 0.012, 0.012, 8, frame);
    }
    if (w.chance(0.3)) {
      w.shape.box(-e, e * 0.8, height + 0.06, e, e, height + w.uniform(0.15, 0.3), cover);
    }
  }

  static void sofa(FurnitureBuilder w) {
    int cover = w.cloth();
    int cushion = w.chance(0.5) ? w.cloth() : cover;
    double width = w.uniform(0.8, 1.9);
    double depth = w.uniform(0.7, 0.9);
    double seat = w.uniform(0.32, 0.42);
    double arm = w.uniform(0.1, 0.2);
    double armTop = seat + w.uniform(0.12, 0.25);
    double back = seat + w.uniform(0.3, 0.5);
    double foot = w.uniform(0.05, 0.14);
    double half = width / 2;
    w.legs(width, depth, foot, 0.03, w.wood());
    w.shape.box(-half, -depth / 2, foot, half, depth / 2, seat, cover);
    w.shape.box(-half, depth / 2 - 0.2, seat, half, depth / 2, back, cover);
    // A chaise longue has one arm, and a longer seat on the other side.
    boolean chaise = w.chance(0.3);
    w.shape.box(-half, -depth / 2, seat, -half + arm, depth / 2 - 0.2, armTop, cover);
    if (chaise) {
      double from = half - width * 0.35;
      w.shape.box(from, -depth / 2 - 0.45, foot, half, -depth / 2, seat + 0.1, cover);
    } else {
      w.shape.box(half - arm, -depth / 2, seat, half, depth / 2 - 0.2, armTop, cover);
    }
    double right = chaise ? half : half - arm;
    int seats = width > 1.3 ? 3 : width > 1 ? 2 : 1;
    double each = (right + half - arm) / seats;
    for (int i = 0; i < seats; i++) {
      double x0 = -half + arm + i * each + 0.01;
      w.shape.box(
          x0, -depth / 2 - 0.01, seat, x0 + each - 0.02, depth / 2 - 0.2, seat + 0.1, cushion);
    }
    if (w.chance(0.6)) {
      double x = w.uniform(-half + arm + 0.15, right - 0.15);
      w.shape.block(x, depth / 2 - 0.27, seat + 0.24, 0.28, 0.1, 0.26, w.cloth());
    }
  }

  static void bed(FurnitureBuilder w) {
    int frame = w.wood();
    double width = w.uniform(0.9, 1.8);
    double length = w.uniform(1.9, 2.15);
    double rail = w.uniform(0.22, 0.38);
    double half = width / 2;
    double end = length / 2;
    w.legs(width, length, rail, 0.04, frame);
    w.shape.box(-half, -end, rail - 0.1, half, end, rail, frame);
    w.shape.box(-half, end, 0, half, end + 0.06, w.uniform(0.75, 1.15), frame);
    if (w.chance(0.5)) {
      w.shape.box(-half, -end - 0.05, 0, half, -end, rail + w.uniform(0.1, 0.35), frame);
    }
    int sheet = w.plain("sheet", 0xf2efe8);
    double top = rail + w.uniform(0.16, 0.26);
    w.shape.box(-half + 0.02, -end + 0.02, rail, half - 0.02, end - 0.02, top, sheet);
    double fold = w.uniform(0.1, 0.5);
    w.shape.box(-half - 0.01, -end + 0.01, rail - 0.06, half + 0.01, fold, top + 0.03, w.cloth());
    int pillows = width > 1.3 ? 2 : 1;
    int pillow = w.chance(0.5) ? sheet : w.cloth();
    for (int i = 0; i < pillows; i++) {
      double x = pillows == 1 ? w.uniform(-0.1, 0.1) : (i - 0.5) * half;
      w.shape.block(x, end - 0.28, top + 0.06, 0.55, 0.36, 0.12, pillow);
    }
  }

  private static double[] at(double x, double y, double z) {
    return ShapeBuilder.at(x, y, z);
  }
}
