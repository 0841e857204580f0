package ai.fresnel.cvs.splat;

/**
 * The Gaussians of each tile, front to back: one sort by depth over all, then one pass in that
 * order that appends each Gaussian to its tiles.
 *
 * <p>A slot is one Gaussian in one tile. Slots of a tile lie together.
 */
final class TileLists {

  /** Enough for 100,000 Gaussians that each cover 1,000 tiles; ten numbers each in gradients. */
  private static final long MAX_SLOTS = 100_000_000;

  final int columns;
  final int rows;

  /** Where the slots of each tile begin, and after the last tile the number of slots. */
  final int[] firstSlot;

  /** The Gaussian of each slot. */
  final int[] gaussian;

  /** Where the entries of each Gaussian in {@link #slots} begin; (N + 1). */
  final int[] firstEntry;

  /** The slots of each Gaussian, by rows and columns of its tiles. */
  final int[] slots;

  /**
   * Makes the lists.
   *
   * @throws IllegalArgumentException if there are too many
   */
  TileLists(ProjectedGaussians projected, int width, int height) {
    columns = (width + ProjectedGaussians.TILE - 1) / ProjectedGaussians.TILE;
    rows = (height + ProjectedGaussians.TILE - 1) / ProjectedGaussians.TILE;
    int count = projected.size();
    firstEntry = new int[count + 1];
    firstSlot = new int[columns * rows + 1];
    count(projected);
    gaussian = new int[firstEntry[count]];
    slots = new int[firstEntry[count]];
    fill(projected);
  }

  private void count(ProjectedGaussians projected) {
    int[] tiles = projected.tiles;
    long total = 0;
    for (int i = 0; i < projected.size(); i++) {
      int at = 4 * i;
      total += (long) (tiles[at + 2] - tiles[at]) * (tiles[at + 3] - tiles[at + 1]);
      if (total > MAX_SLOTS) {
        throw new IllegalArgumentException(
            "Gaussians cover more than "
                + MAX_SLOTS
                + " tiles of the image, expected fewer or smaller Gaussians, or fewer pixels");
      }
      firstEntry[i + 1] = (int) total;
      for (int row = tiles[at + 1]; row < tiles[at + 3]; row++) {
        for (int column = tiles[at]; column < tiles[at + 2]; column++) {
          firstSlot[row * columns + column + 1]++;
        }
      }
    }
    for (int tile = 0; tile < columns * rows; tile++) {
      firstSlot[tile + 1] += firstSlot[tile];
    }
  }

  private void fill(ProjectedGaussians projected) {
    int[] tiles = projected.tiles;
    int[] nextSlot = firstSlot.clone();
    for (int i : byDepth(projected)) {
      int at = 4 * i;
      int entry = firstEntry[i];
      for (int row = tiles[at + 1]; row < tiles[at + 3]; row++) {
        for (int column = tiles[at]; column < tiles[at + 2]; column++) {
          int slot = nextSlot[row * columns + column]++;
          gaussian[slot] = i;
          slots[entry++] = slot;
        }
      }
    }
  }

  /** Sorts the visible Gaussians; of equal depths the first comes first. */
  private static int[] byDepth(ProjectedGaussians projected) {
    int visible = 0;
    for (int i = 0; i < projected.size(); i++) {
      visible += projected.isVisible(i) ? 1 : 0;
    }
    int[] order = new int[visible];
    int[] keys = new int[visible];
    int next = 0;
    for (int i = 0; i < projected.size(); i++) {
      if (projected.isVisible(i)) {
        order[next] = i;
        double depth = projected.values[ProjectedGaussians.STRIDE * i + ProjectedGaussians.DEPTH];
        // Depths are above 0, where the bits of floats are in their order.
        keys[next++] = Float.floatToRawIntBits((float) depth);
      }
    }
    int[] order2 = new int[visible];
    int[] keys2 = new int[visible];
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      int[] start = new int[257];
      for (int key : keys) {
        start[((key >>> shift) & 255) + 1]++;
      }
      for (int digit = 0; digit < 256; digit++) {
        start[digit + 1] += start[digit];
      }
      for (int i = 0; i < visible; i++) {
        int to = start[(keys[i] >>> shift) & 255]++;
        order2[to] = order[i];
        keys2[to] = keys[i];
      }
      int[] swapped = order;
      order = order2;
      order2 = swapped;
      swapped = keys;
      keys = keys2;
      keys2 = swapped;
    }
    return order;
  }
}
