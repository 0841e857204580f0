package ai.fresnel.cvs.cutout;

import java.util.Arrays;

/**
 * The minimal cut of a grid whose cells are joined to their eight neighbours, to a source and to a
 * sink: Boykov and Kolmogorov's search trees (2004). Both trees grow from cell to cell until they
 * touch; flow fills the path between them, and cells that its full edges cut off look for another
 * parent of their tree. Capacities are whole numbers, so that the cut is exact.
 *
 * <p>The work is bounded: when it is spent, the cells of the source's tree are its side of the cut.
 */
final class GridCut {

  static final int DIRECTIONS = 8;

  /** Edges looked at for each cell of the grid, at most; images take about a hundred. */
  private static final long WORK_PER_CELL = 3000;

  private static final byte FREE = 0;
  private static final byte SOURCE = 1;
  private static final byte SINK = 2;

  /** Values of {@link #parent} that are not the direction of a cell. */
  private static final byte NONE = -1;

  private static final byte TERMINAL = 8;

  /** Cells of a row with the frame of unconnected cells around the grid. */
  private final int stride;

  /** From a cell to its neighbour by direction; the opposite of direction d is 7 - d. */
  private final int[] offset;

  /** What an edge can still take, by cell and direction. */
  private final int[] residual;

  /** What the source can still give to a cell; below 0, what the sink can still take of it. */
  private final int[] terminal;

  private final byte[] tree;
  private final byte[] parent;

  /** Steps to the terminal, valid if the cell's time is now. */
  private final int[] distance;

  private final int[] time;
  private int now = 1;
  private final IntQueue active;
  private final IntQueue orphans;
  private long work;
  private long flow;

  /** Makes a grid without edges. */
  GridCut(int width, int height) {
    stride = width + 2;
    int cells = stride * (height + 2);
    offset = new int[] {-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1};
    residual = new int[DIRECTIONS * cells];
    terminal = new int[cells];
    tree = new byte[cells];
    parent = new byte[cells];
    distance = new int[cells];
    time = new int[cells];
    active = new IntQueue(cells);
    orphans = new IntQueue(cells);
  }

  private int cell(int x, int y) {
    return (y + 1) * stride + x + 1;
  }

  /** Sets the capacity from the source less that to the sink. */
  void setTerminal(int x, int y, int fromSource) {
    terminal[cell(x, y)] = fromSource;
  }

  /**
   * Joins a cell with its neighbour in one of the directions 4 to 7: right, down left, down, down
   * right. The neighbour must lie in the grid.
   */
  void setEdge(int x, int y, int direction, int capacity) {
    int from = cell(x, y);
    residual[DIRECTIONS * from + direction] = capacity;
    residual[DIRECTIONS * (from + offset[direction]) + 7 - direction] = capacity;
  }

  /** Returns the flow of {@link #cut}. */
  long flow() {
    return flow;
  }

  /** Returns whether a cell is on the source's side of the cut. */
  boolean isSource(int x, int y) {
    return tree[cell(x, y)] == SOURCE;
  }

  /** Finds the minimal cut; returns whether the work sufficed. */
  boolean cut() {
    Arrays.fill(parent, NONE);
    for (int cell = 0; cell < terminal.length; cell++) {
      if (terminal[cell] != 0) {
        tree[cell] = terminal[cell] > 0 ? SOURCE : SINK;
        parent[cell] = TERMINAL;
        distance[cell] = 1;
        active.add(cell);
      }
    }
    long most = WORK_PER_CELL * terminal.length;
    while (!active.isEmpty()) {
      int cell = active.poll();
      // A path may leave the cell in its tree: then it has more neighbours to look at.
      while (tree[cell] != FREE) {
        int direction = grow(cell);
        if (direction == NONE) {
          break;
        }
        boolean forward = tree[cell] == SOURCE;
        int other = cell + offset[direction];
        augment(forward ? cell : other, forward ? direction : 7 - direction);
        now++;
        while (!orphans.isEmpty()) {
          adopt(orphans.poll());
        }
        if (work > most) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * What can still flow from a cell of the source's tree to its neighbour, or back in the sink's.
   */
  private int outward(int cell, int direction) {
    return tree[cell] == SOURCE
        ? residual[DIRECTIONS * cell + direction]
        : residual[DIRECTIONS * (cell + offset[direction]) + 7 - direction];
  }

  /** What can still flow from a neighbour of the source's tree to a cell, or back in the sink's. */
  private int inward(int cell, int direction, byte side) {
    return side == SOURCE
        ? residual[DIRECTIONS * (cell + offset[direction]) + 7 - direction]
        : residual[DIRECTIONS * cell + direction];
  }

  /** Takes free neighbours into the cell's tree; returns the direction of the other tree. */
  private int grow(int cell) {
    work += DIRECTIONS;
    for (int direction = 0; direction < DIRECTIONS; direction++) {
      if (outward(cell, direction) <= 0) {
        continue;
      }
      int other = cell + offset[direction];
      if (tree[other] == FREE) {
        tree[other] = tree[cell];
        adopt(other, 7 - direction, distance[cell] + 1, time[cell]);
        active.add(other);
      } else if (tree[other] != tree[cell]) {
        return direction;
      } else if (time[other] <= time[cell] && distance[other] > distance[cell] + 1) {
        adopt(other, 7 - direction, distance[cell] + 1, time[cell]);
      }
    }
    return NONE;
  }

  private void adopt(int cell, int direction, int steps, int known) {
    parent[cell] = (byte) direction;
    distance[cell] = steps;
    time[cell] = known;
  }

  /** Fills the path from the source over an edge between the trees to the sink. */
  private void augment(int from, int direction) {
    int to = from + offset[direction];
    int bridge = DIRECTIONS * from + direction;
    int amount = residual[bridge];
    int cell = from;
    for (; parent[cell] != TERMINAL; cell += offset[parent[cell]]) {
      amount = Math.min(amount, inward(cell, parent[cell], SOURCE));
    }
    amount = Math.min(amount, terminal[cell]);
    for (cell = to; parent[cell] != TERMINAL; cell += offset[parent[cell]]) {
      amount = Math.min(amount, inward(cell, parent[cell], SINK));
    }
    amount = Math.min(amount, -terminal[cell]);
    residual[bridge] -= amount;
    residual[DIRECTIONS * to + 7 - direction] += amount;
    drain(from, SOURCE, amount);
    drain(to, SINK, amount);
    flow += amount;
  }

  /** Takes an amount from the edges between a cell and its terminal; full edges make orphans. */
  private void drain(int start, byte side, int amount) {
    int cell = start;
    while (parent[cell] != TERMINAL) {
      int direction = parent[cell];
      int above = cell + offset[direction];
      int up = DIRECTIONS * cell + direction;
      int down = DIRECTIONS * above + 7 - direction;
      residual[up] += side == SOURCE ? amount : -amount;
      residual[down] += side == SOURCE ? -amount : amount;
      if (residual[side == SOURCE ? down : up] == 0) {
        parent[cell] = NONE;
        orphans.add(cell);
      }
      cell = above;
      work++;
    }
    terminal[cell] += side == SOURCE ? -amount : amount;
    if (terminal[cell] == 0) {
      parent[cell] = NONE;
      orphans.add(cell);
    }
  }

  /** Finds a parent of the same tree that leads to the terminal, or sets the orphan free. */
  private void adopt(int orphan) {
    byte side = tree[orphan];
    int nearest = Integer.MAX_VALUE;
    int best = NONE;
    work += DIRECTIONS;
    for (int direction = 0; direction < DIRECTIONS; direction++) {
      int other = orphan + offset[direction];
      if (tree[other] == side && inward(orphan, direction, side) > 0) {
        int steps = steps(other);
        if (steps < nearest) {
          nearest = steps;
          best = direction;
        }
      }
    }
    if (best != NONE) {
      adopt(orphan, best, nearest + 1, now);
      return;
    }
    for (int direction = 0; direction < DIRECTIONS; direction++) {
      int other = orphan + offset[direction];
      if (tree[other] == side) {
        if (inward(orphan, direction, side) > 0) {
          active.add(other);
        }
        if (parent[other] == 7 - direction) {
          parent[other] = NONE;
          orphans.add(other);
        }
      }
    }
    tree[orphan] = FREE;
  }

  /** Counts the steps to the terminal and remembers them; the most if the path ends before. */
  private int steps(int start) {
    int steps = 0;
    int cell = start;
    while (time[cell] != now && parent[cell] != TERMINAL) {
      if (parent[cell] == NONE) {
        return Integer.MAX_VALUE;
      }
      cell += offset[parent[cell]];
      steps++;
      work++;
    }
    if (time[cell] == now && parent[cell] == NONE) {
      return Integer.MAX_VALUE;
    }
    int all = steps + (time[cell] == now ? distance[cell] : 1);
    int left = all;
    for (cell = start; time[cell] != now && parent[cell] != TERMINAL; left--) {
      time[cell] = now;
      distance[cell] = left;
      cell += offset[parent[cell]];
    }
    time[cell] = now;
    distance[cell] = left;
    return all;
  }
}
