package ai.fresnel.cvs.cutout;

import java.util.Arrays;

/**
 * Tells an object from a busy background by their colours: GrabCut of Rother, Kolmogorov and Blake
 * (2004). The object's and the background's colours are mixtures of Gaussians; a minimal cut puts
 * the outline where colours change and both sides fit their mixtures, which are then fitted again.
 *
 * <p>The work is done on a reduced copy of the box and its surroundings, so time and memory are
 * bounded for a photograph of any size. The outline is refined on the photograph's own pixels. The
 * same photograph and hints always give the same result.
 */
public final class GrabCut {

  /** The longer side of the reduced copy, in cells. */
  private static final int MOST_CELLS = 400;

  private static final int ITERATIONS = 5;

  /** How far the surroundings reach beyond the box, in its longer side. */
  private static final double SURROUNDINGS = 0.4;

  /** Weight of the outline's length, as in the paper. */
  private static final double GAMMA = 50;

  /** More than all that can pull at a cell, as in OpenCV. */
  private static final double SURE = 9 * GAMMA;

  /** Steps of a capacity in one unit of the energy. */
  private static final double STEPS = 64;

  /** Least share of the cells that must be known to be background. */
  private static final double LEAST_BACKGROUND = 0.005;

  /** Share of the background outside of the box that its mixture counts as explained. */
  private static final double EXPLAINED = 0.95;

  /** Least share of the box that must be unlike the background to begin with that alone. */
  private static final double LEAST_UNLIKE = 0.02;

  /** Difference of the shares of the box that two results span which decides between them. */
  private static final double SPAN_MATTERS = 0.15;

  /** Share of the object at each end that may be a speck. */
  private static final double THIN = 0.01;

  private static final byte UNKNOWN = 0;
  private static final byte OBJECT = 1;
  private static final byte BACKGROUND = 2;

  private final Window window;
  private final byte[] known;
  private final boolean[] object;
  private final int[] right;

  /** Inverse of twice the mean squared difference of neighbours. */
  private final double beta;

  private GrabCut(Window window, CutOutHints hints) {
    this.window = window;
    known = known(window, hints);
    object = new boolean[window.cells()];
    for (int cell = 0; cell < object.length; cell++) {
      object[cell] = known[cell] == OBJECT || (known[cell] == UNKNOWN && hints.box().isPresent());
    }
    right = new int[] {1, window.width - 1, window.width, window.width + 1};
    beta = beta();
  }

  /**
   * Finds the object.
   *
   * @param rgba 8-bit sRGB with alpha, which is not read, (height, width, 4) row by row; left as it
   *     is
   * @param width pixels
   * @param height pixels
   * @param hints where the object is
   * @return alpha of each pixel, soft along the outline
   * @throws IllegalArgumentException if the box lies outside of the photograph or leaves no
   *     background outside, or no object is found
   */
  public static byte[] alpha(byte[] rgba, int width, int height, CutOutHints hints) {
    if (rgba.length != 4L * width * height) {
      throw new IllegalArgumentException(
          "photograph has " + rgba.length + " bytes, expected " + 4L * width * height);
    }
    Window window = new Window(rgba, width, edges(hints, width, height), MOST_CELLS);
    GrabCut cut = new GrabCut(window, hints);
    cut.find(hints);
    return new SoftOutline(window, cut.object, cut.known).alpha(rgba, width, height);
  }

  /** Returns left, top, right and bottom of the box with its surroundings. */
  private static int[] edges(CutOutHints hints, int width, int height) {
    if (hints.box().isEmpty()) {
      return new int[] {0, 0, width, height};
    }
    Box box = hints.box().get();
    double across = Math.min(width, box.x() + box.width()) - Math.max(0, box.x());
    double down = Math.min(height, box.y() + box.height()) - Math.max(0, box.y());
    if (across < 1 || down < 1) {
      throw new IllegalArgumentException(
          String.format(
              "box %s has less than a pixel of the photograph of %d×%d pixels",
              box, width, height));
    }
    double margin = Math.max(2, SURROUNDINGS * Math.max(across, down));
    return new int[] {
      (int) Math.max(0, Math.floor(box.x() - margin)),
      (int) Math.max(0, Math.floor(box.y() - margin)),
      (int) Math.min(width, Math.ceil(box.x() + box.width() + margin)),
      (int) Math.min(height, Math.ceil(box.y() + box.height() + margin))
    };
  }

  private static byte[] known(Window window, CutOutHints hints) {
    byte[] known = new byte[window.cells()];
    for (int y = 0; y < window.height; y++) {
      for (int x = 0; x < window.width; x++) {
        double u = window.u(x);
        double v = window.v(y);
        byte value =
            hints.box().isPresent() && !hints.box().get().contains(u, v) ? BACKGROUND : UNKNOWN;
        for (Stroke stroke : hints.background()) {
          value = stroke.covers(u, v, window.cell) ? BACKGROUND : value;
        }
        for (Stroke stroke : hints.object()) {
          value = stroke.covers(u, v, window.cell) ? OBJECT : value;
        }
        known[y * window.width + x] = value;
      }
    }
    return known;
  }

  /**
   * Finds the object from two beginnings, and keeps the result that fits box and colours better.
   */
  private void find(CutOutHints hints) {
    int[] background = cells(false);
    int[] inside = cells(true);
    if (background.length < LEAST_BACKGROUND * window.cells() || background.length == 0) {
      throw new IllegalArgumentException(
          "box "
              + hints.box().map(Box::toString).orElse("")
              + " is the whole photograph, expected background around the object, or strokes on"
              + " it");
    }
    requireObject(inside, hints);
    ColourMixture ground = ColourMixture.fit(window.rgb, background);
    int[] unlike = unlike(ground, background, inside);
    boolean[] begin = object.clone();
    double energy = find(ground, inside);
    if (unlike.length < inside.length) {
      boolean[] first = object.clone();
      double spanned = spanned(hints);
      System.arraycopy(begin, 0, object, 0, begin.length);
      double other = find(ground, unlike);
      double reached = spanned(hints);
      boolean better =
          Math.abs(reached - spanned) > SPAN_MATTERS ? reached > spanned : other < energy;
      if (!better) {
        System.arraycopy(first, 0, object, 0, first.length);
      }
    }
    requireObject(cells(true), hints);
  }

  /** Cuts and fits in turn, until nothing changes; returns the energy. */
  private double find(ColourMixture firstGround, int[] firstObject) {
    ColourMixture ground = firstGround;
    ColourMixture colours = ColourMixture.fit(window.rgb, firstObject);
    double energy = Double.POSITIVE_INFINITY;
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
      boolean[] before = object.clone();
      energy = cut(colours, ground);
      int[] background = cells(false);
      int[] inside = cells(true);
      if (Arrays.equals(before, object) || inside.length == 0 || background.length == 0) {
        break;
      }
      ground = ground.refit(window.rgb, background);
      colours = colours.refit(window.rgb, inside);
    }
    return energy;
  }

  /**
   * Returns the share of the box's width and height that the object spans, but for specks at its
   * ends: a person draws the box around the object.
   */
  private double spanned(CutOutHints hints) {
    if (hints.box().isEmpty()) {
      return 1;
    }
    int[] columns = new int[window.width];
    int[] rows = new int[window.height];
    int count = 0;
    for (int cell = 0; cell < object.length; cell++) {
      if (object[cell]) {
        columns[cell % window.width]++;
        rows[Math.floorDiv(cell, window.width)]++;
        count++;
      }
    }
    Box box = hints.box().get();
    return span(columns, count)
        * span(rows, count)
        * window.cell
        * window.cell
        / (box.width() * box.height());
  }

  private static int span(int[] counts, int total) {
    int first = 0;
    int last = counts.length - 1;
    for (int below = 0; first < last && below + counts[first] <= THIN * total; first++) {
      below += counts[first];
    }
    for (int above = 0; last > first && above + counts[last] <= THIN * total; last--) {
      above += counts[last];
    }
    return total == 0 ? 0 : last - first + 1;
  }

  /**
   * Returns the cells of the box that the background does not explain. The paper begins with the
   * whole box; where that shows more background than object, its mixture explains both alike.
   */
  private int[] unlike(ColourMixture ground, int[] background, int[] inside) {
    double[] costs =
        Arrays.stream(background).mapToDouble(cell -> ground.cost(window.rgb, cell)).toArray();
    Arrays.sort(costs);
    double usual = costs[(int) (EXPLAINED * (costs.length - 1))];
    int[] unlike =
        Arrays.stream(inside)
            .filter(cell -> known[cell] == OBJECT || ground.cost(window.rgb, cell) > usual)
            .toArray();
    return unlike.length < LEAST_UNLIKE * inside.length ? inside : unlike;
  }

  private static void requireObject(int[] inside, CutOutHints hints) {
    if (inside.length == 0) {
      throw new IllegalArgumentException(
          "no object differs from its surroundings"
              + hints.box().map(box -> " in box " + box).orElse("")
              + ": give a tighter box, strokes on the object, or a mask");
    }
  }

  private int[] cells(boolean ofObject) {
    int[] cells = new int[object.length];
    int count = 0;
    for (int cell = 0; cell < object.length; cell++) {
      if (object[cell] == ofObject) {
        cells[count++] = cell;
      }
    }
    return Arrays.copyOf(cells, count);
  }

  private double beta() {
    double sum = 0;
    long count = 0;
    for (int y = 0; y < window.height; y++) {
      for (int x = 0; x < window.width; x++) {
        for (int k = 0; k < 4; k++) {
          if (hasNeighbour(x, y, k)) {
            int cell = y * window.width + x;
            sum += window.difference(cell, cell + right[k]);
            count++;
          }
        }
      }
    }
    return sum == 0 ? 0 : count / (2 * sum);
  }

  /** Right, down left, down, down right. */
  private boolean hasNeighbour(int x, int y, int k) {
    return k == 0
        ? x + 1 < window.width
        : y + 1 < window.height && x + k - 2 >= 0 && x + k - 2 < window.width;
  }

  /** Cuts; returns the energy. */
  private double cut(ColourMixture colours, ColourMixture ground) {
    GridCut grid = new GridCut(window.width, window.height);
    double common = 0;
    for (int y = 0; y < window.height; y++) {
      for (int x = 0; x < window.width; x++) {
        int cell = y * window.width + x;
        double ofObject = colours.cost(window.rgb, cell);
        double ofGround = ground.cost(window.rgb, cell);
        double pull =
            switch (known[cell]) {
              case OBJECT -> SURE;
              case BACKGROUND -> -SURE;
              default -> ofGround - ofObject;
            };
        common += pull > 0 ? ofObject : ofGround;
        grid.setTerminal(x, y, (int) Math.round(STEPS * Math.min(SURE, Math.max(-SURE, pull))));
        for (int k = 0; k < 4; k++) {
          if (hasNeighbour(x, y, k)) {
            double difference = window.difference(cell, cell + right[k]);
            double weight = GAMMA * Math.exp(-beta * difference) / (k % 2 == 0 ? 1 : Math.sqrt(2));
            grid.setEdge(x, y, 4 + k, (int) Math.round(STEPS * weight));
          }
        }
      }
    }
    grid.cut();
    for (int cell = 0; cell < object.length; cell++) {
      boolean source = grid.isSource(cell % window.width, Math.floorDiv(cell, window.width));
      object[cell] = known[cell] == OBJECT || (source && known[cell] != BACKGROUND);
    }
    return common + grid.flow() / STEPS;
  }
}
