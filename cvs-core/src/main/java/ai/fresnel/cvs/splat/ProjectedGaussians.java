package ai.fresnel.cvs.splat;

import java.util.function.Supplier;

/**
 * All Gaussians as ellipses of one image, in the numbers that pixels need. Those that cannot be
 * seen have no tiles.
 *
 * <p>One row of {@link #STRIDE} numbers for each Gaussian lies together, since a tile reads few
 * Gaussians and all numbers of each.
 */
final class ProjectedGaussians {

  /** The side of a tile in pixels. */
  static final int TILE = 16;

  /** The middle of the ellipse in pixels. */
  static final int U = 0;

  static final int V = 1;

  /** The inverse of the ellipse's covariance [[A, B], [B, C]]. */
  static final int A = 2;

  static final int B = 3;
  static final int C = 4;
  static final int OPACITY = 5;

  /** The exponent at which alpha is 1/255. */
  static final int REACH = 6;

  static final int RED = 7;
  static final int GREEN = 8;
  static final int BLUE = 9;
  static final int DEPTH = 10;

  /** The numbers of a row. */
  static final int STRIDE = 11;

  /** Gaussians of one piece of parallel work. */
  static final int CHUNK = 512;

  final double[] values;

  /** (N, 4): first column and row of tiles, and those after the last. */
  final int[] tiles;

  private ProjectedGaussians(int count) {
    values = new double[Math.multiplyExact(STRIDE, count)];
    tiles = new int[Math.multiplyExact(4, count)];
  }

  /**
   * Projects all Gaussians.
   *
   * @param projectors makes a projector for one thread
   * @param width of the image in pixels
   * @param height of the image in pixels
   */
  static ProjectedGaussians of(
      int count, Supplier<Projector> projectors, int width, int height, int threads) {
    ProjectedGaussians projected = new ProjectedGaussians(count);
    ParallelLoop.run(
        threads,
        chunks(count),
        chunk -> {
          Projector projector = projectors.get();
          int end = Math.min(count, (chunk + 1) * CHUNK);
          for (int i = chunk * CHUNK; i < end; i++) {
            if (projector.project(i)) {
              projected.place(i, projector, width, height);
            }
          }
        });
    return projected;
  }

  static int chunks(int count) {
    return (count + CHUNK - 1) / CHUNK;
  }

  /** Finds the tiles of an ellipse, and writes its row if there are any. */
  private void place(int i, Projector from, int width, int height) {
    double halfWidth = Math.sqrt(2 * from.reach * from.covarianceXx);
    double halfHeight = Math.sqrt(2 * from.reach * from.covarianceYy);
    int left = tile(from.u - halfWidth, width);
    int right = tile(from.u + halfWidth + TILE, width);
    int top = tile(from.v - halfHeight, height);
    int bottom = tile(from.v + halfHeight + TILE, height);
    if (left >= right || top >= bottom) {
      return;
    }
    from.shade(i);
    tiles[4 * i] = left;
    tiles[4 * i + 1] = top;
    tiles[4 * i + 2] = right;
    tiles[4 * i + 3] = bottom;
    int at = STRIDE * i;
    values[at + U] = from.u;
    values[at + V] = from.v;
    values[at + A] = from.conicA;
    values[at + B] = from.conicB;
    values[at + C] = from.conicC;
    values[at + OPACITY] = from.opacity;
    values[at + REACH] = from.reach;
    values[at + RED] = Math.max(0, from.colour[0]);
    values[at + GREEN] = Math.max(0, from.colour[1]);
    values[at + BLUE] = Math.max(0, from.colour[2]);
    values[at + DEPTH] = from.z;
  }

  /** Returns the tile of a pixel position: 0 before the first, their number after the last. */
  private static int tile(double position, int pixels) {
    int count = (pixels + TILE - 1) / TILE;
    return (int) Math.max(0, Math.min(count, Math.floor(position / TILE)));
  }

  boolean isVisible(int i) {
    return tiles[4 * i] < tiles[4 * i + 2];
  }

  int size() {
    return tiles.length / 4;
  }
}
