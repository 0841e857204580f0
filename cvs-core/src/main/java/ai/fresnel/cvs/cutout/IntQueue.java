package ai.fresnel.cvs.cutout;

/** A queue of cells, first in, first out, with each cell at most once. */
final class IntQueue {

  private final int[] ring;
  private final boolean[] present;
  private int first;
  private int size;

  /** Makes a queue of cells from 0 to below a number. */
  IntQueue(int cells) {
    ring = new int[cells];
    present = new boolean[cells];
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(int cell) {
    if (!present[cell]) {
      present[cell] = true;
      int at = first + size++;
      ring[at < ring.length ? at : at - ring.length] = cell;
    }
  }

  int poll() {
    int cell = ring[first];
    first = first + 1 < ring.length ? first + 1 : 0;
    size--;
    present[cell] = false;
    return cell;
  }
}
