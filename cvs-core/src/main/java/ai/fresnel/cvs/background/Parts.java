package ai.fresnel.cvs.background;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/** The connected parts of an area of pixels; pixels that touch at a corner are connected. */
public final class Parts {

  /** Smaller parts than this share of the largest one are specks. */
  private static final int SPECK = 200;

  /** Parts of fewer pixels are specks even beside a small object. */
  private static final int FEW = 4;

  /** A connected part. */
  public static final class Part {
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right;
    private int bottom;
    private int pixels;

    private Part() {}

    /**
     * Returns the first column.
     *
     * @return from 0
     */
    public int left() {
      return left;
    }

    /**
     * Returns the first row.
     *
     * @return from 0
     */
    public int top() {
      return top;
    }

    /**
     * Returns the column after the last.
     *
     * @return above {@link #left}
     */
    public int right() {
      return right;
    }

    /**
     * Returns the row after the last.
     *
     * @return above {@link #top}
     */
    public int bottom() {
      return bottom;
    }

    /**
     * Counts the pixels.
     *
     * @return at least 1
     */
    public int pixels() {
      return pixels;
    }
  }

  /** Row, first column and column after the last of each run of pixels, and its parent run. */
  private int[] runs = new int[256];

  private int count;
  private final Part[] parts;
  private int largest;

  private Parts(int width, int height, IntPredicate inside) {
    int above = 0;
    for (int y = 0; y < height; y++) {
      int first = count;
      for (int x = 0; x < width; x++) {
        int start = x;
        while (x < width && inside.test(y * width + x)) {
          x++;
        }
        if (x > start) {
          add(y, start, x);
          above = join(above, first);
        }
      }
      above = first;
    }
    parts = new Part[count];
    for (int run = 0; run < count; run++) {
      int root = root(run);
      Part part = parts[root] == null ? new Part() : parts[root];
      parts[root] = part;
      part.top = Math.min(part.top, runs[4 * run]);
      part.bottom = Math.max(part.bottom, runs[4 * run] + 1);
      part.left = Math.min(part.left, runs[4 * run + 1]);
      part.right = Math.max(part.right, runs[4 * run + 2]);
      part.pixels += runs[4 * run + 2] - runs[4 * run + 1];
      largest = Math.max(largest, part.pixels);
    }
  }

  /**
   * Finds the parts of an area.
   *
   * @param width pixels
   * @param height pixels
   * @param inside of a pixel's number, row by row: whether it belongs to the area
   * @return the parts
   */
  public static Parts of(int width, int height, IntPredicate inside) {
    return new Parts(width, height, inside);
  }

  private void add(int y, int from, int to) {
    if (4 * count + 4 > runs.length) {
      runs = Arrays.copyOf(runs, 2 * runs.length);
    }
    runs[4 * count] = y;
    runs[4 * count + 1] = from;
    runs[4 * count + 2] = to;
    runs[4 * count + 3] = count;
    count++;
  }

  /** Joins the newest run with those of the row above; returns where the next may start. */
  private int join(int start, int end) {
    int run = count - 1;
    int above = start;
    // Runs of the row above, from the first that reaches this one's left neighbour.
    while (above < end && runs[4 * above + 2] < runs[4 * run + 1]) {
      above++;
    }
    for (int k = above; k < end && runs[4 * k + 1] <= runs[4 * run + 2]; k++) {
      int a = root(k);
      int b = root(run);
      runs[4 * Math.max(a, b) + 3] = Math.min(a, b);
    }
    return above;
  }

  private int root(int run) {
    int at = run;
    while (runs[4 * at + 3] != at) {
      runs[4 * at + 3] = runs[4 * runs[4 * at + 3] + 3];
      at = runs[4 * at + 3];
    }
    return at;
  }

  /**
   * Returns the parts that are no specks.
   *
   * @return none if the area is empty
   */
  public List<Part> objects() {
    List<Part> kept = new ArrayList<>();
    for (Part part : parts) {
      if (part != null && !isSpeck(part)) {
        kept.add(part);
      }
    }
    return kept;
  }

  private boolean isSpeck(Part part) {
    double least = Math.max((double) largest / SPECK, Math.min(FEW, largest / 4.0));
    return part.pixels < least;
  }

  /** Takes a run of a speck. */
  public interface Run {

    /**
     * Takes the run.
     *
     * @param y the row
     * @param from the first column
     * @param to the column after the last
     * @param part the speck
     */
    void at(int y, int from, int to, Part part);
  }

  /**
   * Visits the runs of all specks.
   *
   * @param visit takes them
   */
  public void specks(Run visit) {
    for (int run = 0; run < count; run++) {
      Part part = parts[root(run)];
      if (isSpeck(part)) {
        visit.at(runs[4 * run], runs[4 * run + 1], runs[4 * run + 2], part);
      }
    }
  }
}
