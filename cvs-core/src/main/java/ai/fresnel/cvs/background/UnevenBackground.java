package ai.fresnel.cvs.background;

import java.util.Arrays;
import java.util.Locale;

/**
 * Tells an object from a background that is smooth but not of one colour: a gradient, a vignette, a
 * spotlight, noise, and the soft shadow of the object.
 *
 * <p>A surface of light is fitted to the border, the region that it explains is filled from the
 * border inward, and the surface is fitted again to that region, until the region stays. Then the
 * region grows over what only changes the brightness, and slowly: shadows and the rest of a
 * spotlight have no edges, objects do.
 */
final class UnevenBackground {

  /** Least share of the border that the surface must explain; the object may be cut off. */
  private static final double EXPLAINED = 0.75;

  /** The largest spread of the border around the surface, standard deviation. */
  private static final double MAX_SPREAD = 16;

  private static final int ROUNDS = 12;
  private static final int DEGREE = 4;

  /** Change of brightness from one cell to the next that has no edge. */
  private static final double NO_EDGE = 8;

  /** Range of brightness of shadows and spotlights, as a share of the surface's. */
  private static final double DARKEST = 0.3;

  private static final double BRIGHTEST = 1.5;

  /** How far a channel of a shadow may be from the darkened background. */
  private static final double SAME_HUE = 9;

  /** Radius of the brush that goes over shadows, cells. */
  private static final int BRUSH = 4;

  /** The most of an outline that may be without an edge. */
  private static final double BLURRED = 0.25;

  /** Least share of the object that shadows must leave. */
  private static final double LEFT_BY_SHADOWS = 0.25;

  private final ReducedImage image;
  private final LightSurface border;
  private final double sigma;
  private final double tolerance;
  private LightSurface surface;
  private boolean[] background = new boolean[0];

  private UnevenBackground(ReducedImage image) {
    this.image = image;
    border = LightSurface.ofMost(image, image.border());
    surface = border;
    sigma = surface.sigma(image, image.border());
    tolerance = Math.min(40, Math.max(14, 4 * sigma + 4));
  }

  /**
   * Fits the light of a background.
   *
   * @return the fit, before it is known whether it is needed
   */
  static UnevenBackground of(byte[] rgba, int width, int height) {
    return new UnevenBackground(ReducedImage.of(rgba, width, height));
  }

  /** Returns the standard deviation of the border around the surface, in levels of 255. */
  double sigma() {
    return sigma;
  }

  /** Returns how far the border's surface departs from one colour, in levels of 255. */
  double departure(int[] colour) {
    double most = 0;
    for (int i = 0; i < 81; i++) {
      for (int c = 0; c < 3; c++) {
        double value = border.value((i % 9) / 4.0 - 1, Math.floorDiv(i, 9) / 4.0 - 1, c);
        most = Math.max(most, Math.abs(value - colour[c]));
      }
    }
    return most;
  }

  /** Returns the share of the outline without an edge, were the background of one colour. */
  double softOutline(int[] colour, int reach) {
    boolean[] plain =
        filled(
            image.border(),
            (cell, from) -> {
              for (int c = 0; c < 3; c++) {
                if (Math.abs(image.value(cell, c) - colour[c]) > reach) {
                  return false;
                }
              }
              return true;
            });
    return softOutline(plain);
  }

  private double softOutline(boolean[] ground) {
    int outline = 0;
    int soft = 0;
    double edge = 20 + 3 * sigma;
    for (int cell = 0; cell < ground.length; cell++) {
      if (!ground[cell] && isBeside(ground, cell)) {
        outline++;
        soft += contrast(ground, cell) < edge ? 1 : 0;
      }
    }
    return outline == 0 ? 0 : (double) soft / outline;
  }

  private boolean isBeside(boolean[] ground, int cell) {
    int x = cell % image.width;
    return (x > 0 && ground[cell - 1])
        || (x < image.width - 1 && ground[cell + 1])
        || (cell >= image.width && ground[cell - image.width])
        || (cell < ground.length - image.width && ground[cell + image.width]);
  }

  /** Returns the greatest difference between object and background within two cells. */
  private double contrast(boolean[] ground, int cell) {
    int x = cell % image.width;
    int y = Math.floorDiv(cell, image.width);
    double[] low = {255, 255, 255, 255, 255, 255};
    double[] high = new double[6];
    for (int v = Math.max(0, y - 2); v <= Math.min(image.height - 1, y + 2); v++) {
      for (int u = Math.max(0, x - 2); u <= Math.min(image.width - 1, x + 2); u++) {
        int at = v * image.width + u;
        for (int c = 0; c < 3; c++) {
          int k = ground[at] ? c : c + 3;
          low[k] = Math.min(low[k], image.value(at, c));
          high[k] = Math.max(high[k], image.value(at, c));
        }
      }
    }
    double most = 0;
    for (int c = 0; c < 3; c++) {
      most = Math.max(most, Math.max(high[c] - low[c + 3], high[c + 3] - low[c]));
    }
    return most;
  }

  /**
   * Finds the background and says whether it is told better than by one colour.
   *
   * @param softBefore share of the outline without an edge, by one colour
   * @return whether most of that is gone
   */
  boolean find(double softBefore) {
    find();
    return softOutline(background) <= 0.5 * softBefore;
  }

  /**
   * Finds the background, which is not of one colour.
   *
   * @throws IllegalArgumentException if the border is not smooth, or the object has no edges
   */
  void require() {
    long explained =
        Arrays.stream(image.border())
            .filter(cell -> surface.residual(image, cell) <= tolerance)
            .count();
    double share = (double) explained / image.border().length;
    if (share < EXPLAINED || sigma > MAX_SPREAD) {
      throw BackgroundKey.notPlain(
          String.format(
              Locale.ROOT,
              "%d %% of the border are one smooth colour, spread by %.0f of 255; expected %.0f %%"
                  + " and a spread of at most %.0f",
              (int) (100 * share),
              sigma,
              100 * EXPLAINED,
              MAX_SPREAD));
    }
    find();
    if (softOutline(background) > BLURRED) {
      throw BackgroundKey.notPlain("its light is not told from the object");
    }
  }

  private void find() {
    LightSurface next = surface;
    int size = 0;
    for (int round = 0; round < ROUNDS; round++) {
      LightSurface light = next;
      boolean[] region =
          filled(image.border(), (cell, from) -> light.residual(image, cell) <= tolerance);
      int[] cells = cells(region);
      if (cells.length <= size * 1.002) {
        break;
      }
      size = cells.length;
      surface = light;
      background = region;
      next = LightSurface.ofAll(image, cells, round == 0 ? 2 : DEGREE);
    }
    growOverLight();
    dropSpecks();
  }

  private static int[] cells(boolean[] of) {
    int count = 0;
    int[] cells = new int[of.length];
    for (int i = 0; i < of.length; i++) {
      if (of[i]) {
        cells[count++] = i;
      }
    }
    return Arrays.copyOf(cells, count);
  }

  /** Whether a cell goes on with a region that reached the cell beside it. */
  private interface Step {
    boolean takes(int cell, int from);
  }

  /** Fills from some cells, each of which must go on with itself. */
  private boolean[] filled(int[] seeds, Step step) {
    boolean[] region = new boolean[image.cells()];
    int[] stack = new int[image.cells()];
    int size = 0;
    for (int seed : seeds) {
      size = push(region, stack, size, seed, seed, step);
    }
    while (size > 0) {
      int cell = stack[--size];
      int x = cell % image.width;
      size = x > 0 ? push(region, stack, size, cell - 1, cell, step) : size;
      size = x < image.width - 1 ? push(region, stack, size, cell + 1, cell, step) : size;
      size = cell >= image.width ? push(region, stack, size, cell - image.width, cell, step) : size;
      size =
          cell < region.length - image.width
              ? push(region, stack, size, cell + image.width, cell, step)
              : size;
    }
    return region;
  }

  private static int push(boolean[] region, int[] stack, int size, int cell, int from, Step step) {
    if (region[cell] || !step.takes(cell, from)) {
      return size;
    }
    region[cell] = true;
    stack[size] = cell;
    return size + 1;
  }

  /**
   * Grows over what has the background's hue and no edges, by a brush: an object's outline may have
   * no contrast in some places, through which a single cell would leak.
   */
  private void growOverLight() {
    ReducedImage smooth = image.smoothed();
    boolean[] free = new boolean[image.cells()];
    for (int cell = 0; cell < free.length; cell++) {
      free[cell] = background[cell] || (isLight(smooth, cell) && isFlat(smooth, cell));
    }
    boolean[] brush = spread(free, false);
    boolean[] reached = filled(cells(background), (cell, from) -> background[cell] || brush[cell]);
    for (int cell = 0; cell < reached.length; cell++) {
      reached[cell] &= brush[cell];
    }
    boolean[] grown = spread(reached, true);
    for (int cell = 0; cell < grown.length; cell++) {
      grown[cell] = background[cell] || (grown[cell] && free[cell]);
    }
    int before = image.cells() - cells(background).length;
    int after = image.cells() - cells(grown).length;
    // Blurred objects have no edges either: then the light is not told from them.
    boolean clear = softOutline(grown) <= 0.5 * softOutline(background);
    if (after >= LEFT_BY_SHADOWS * before && after < before && clear) {
      background = grown;
    }
  }

  /** Spreads the cells that are as asked by the brush's radius, across and then down. */
  private boolean[] spread(boolean[] of, boolean what) {
    boolean[] across = new boolean[of.length];
    boolean[] result = new boolean[of.length];
    for (int pass = 0; pass < 2; pass++) {
      boolean[] from = pass == 0 ? of : across;
      boolean[] to = pass == 0 ? across : result;
      for (int cell = 0; cell < of.length; cell++) {
        int at = pass == 0 ? cell % image.width : Math.floorDiv(cell, image.width);
        int last = (pass == 0 ? image.width : image.height) - 1;
        int step = pass == 0 ? 1 : image.width;
        boolean found = false;
        for (int k = -Math.min(BRUSH, at); k <= Math.min(BRUSH, last - at); k++) {
          found |= from[cell + k * step] == what;
        }
        to[cell] = found == what;
      }
    }
    return result;
  }

  /** Whether a cell is the background, darker or brighter. */
  private boolean isLight(ReducedImage smooth, int cell) {
    double ground = 0;
    double found = 0;
    for (int c = 0; c < 3; c++) {
      ground += surface.value(image.u(cell), image.v(cell), c);
      found += smooth.value(cell, c);
    }
    double ratio = found / Math.max(1, ground);
    if (ratio < DARKEST || ratio > BRIGHTEST) {
      return false;
    }
    for (int c = 0; c < 3; c++) {
      double expected = ratio * surface.value(image.u(cell), image.v(cell), c);
      if (Math.abs(smooth.value(cell, c) - expected) > SAME_HUE + sigma) {
        return false;
      }
    }
    return true;
  }

  /** Whether the cells around one differ little. */
  private boolean isFlat(ReducedImage smooth, int cell) {
    int x = cell % image.width;
    int y = Math.floorDiv(cell, image.width);
    int left = x > 0 ? cell - 1 : cell;
    int right = x < image.width - 1 ? cell + 1 : cell;
    int up = y > 0 ? cell - image.width : cell;
    int down = y < image.height - 1 ? cell + image.width : cell;
    double limit = 2 * NO_EDGE + sigma;
    for (int c = 0; c < 3; c++) {
      if (Math.abs(smooth.value(left, c) - smooth.value(right, c)) > limit
          || Math.abs(smooth.value(up, c) - smooth.value(down, c)) > limit) {
        return false;
      }
    }
    return true;
  }

  private void dropSpecks() {
    boolean[] ground = background;
    Parts parts = Parts.of(image.width, image.height, cell -> !ground[cell]);
    parts.specks(
        (y, from, to, part) ->
            Arrays.fill(ground, y * image.width + from, y * image.width + to, true));
  }

  /** Returns the cell of a pixel. */
  int cell(int x, int y) {
    return Math.floorDiv(y, image.factor) * image.width + Math.floorDiv(x, image.factor);
  }

  boolean isBackground(int cell) {
    return background[cell];
  }

  /** Whether object and background meet in or beside a cell. */
  boolean isOutline(int cell) {
    int x = cell % image.width;
    int y = Math.floorDiv(cell, image.width);
    boolean mine = background[cell];
    for (int v = Math.max(0, y - 1); v <= Math.min(image.height - 1, y + 1); v++) {
      for (int u = Math.max(0, x - 1); u <= Math.min(image.width - 1, x + 1); u++) {
        if (background[v * image.width + u] != mine) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns the background's colour at a cell, shadows included: the mean of what is near. */
  double ground(int cell, int channel) {
    int x = cell % image.width;
    int y = Math.floorDiv(cell, image.width);
    double sum = 0;
    int count = 0;
    for (int v = Math.max(0, y - 2); v <= Math.min(image.height - 1, y + 2); v++) {
      for (int u = Math.max(0, x - 2); u <= Math.min(image.width - 1, x + 2); u++) {
        int near = v * image.width + u;
        if (background[near]) {
          sum += image.value(near, channel);
          count++;
        }
      }
    }
    return count > 0 ? sum / count : surface.value(image.u(cell), image.v(cell), channel);
  }

  /** Returns how far a pixel may be from the background's colour, in levels of 255. */
  double tolerance() {
    return tolerance;
  }
}
