package ai.fresnel.cvs.cutout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GridCutTest {

  private static final int[][] STEPS = {{1, 0}, {-1, 1}, {0, 1}, {1, 1}};

  /** A grid and the same graph as a matrix of capacities: the cells, the source, the sink. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Graph(GridCut grid, long[][] capacity, int width, int height) {

    static Graph random(int width, int height, Random random) {
      int cells = width * height;
      Graph graph =
          new Graph(new GridCut(width, height), new long[cells + 2][cells + 2], width, height);
      for (int cell = 0; cell < cells; cell++) {
        int x = cell % width;
        int y = cell / width;
        int pull = random.nextInt(3) == 0 ? 0 : random.nextInt(41) - 20;
        graph.grid.setTerminal(x, y, pull);
        graph.capacity[cells][cell] = Math.max(0, pull);
        graph.capacity[cell][cells + 1] = Math.max(0, -pull);
        for (int k = 0; k < 4; k++) {
          int u = x + STEPS[k][0];
          int v = y + STEPS[k][1];
          if (u >= 0 && u < width && v < height) {
            int edge = random.nextInt(4) == 0 ? 0 : random.nextInt(12);
            graph.grid.setEdge(x, y, 4 + k, edge);
            graph.capacity[cell][v * width + u] = edge;
            graph.capacity[v * width + u][cell] = edge;
          }
        }
      }
      return graph;
    }

    /** The cost of the cut that the grid found. */
    long cost() {
      int cells = width * height;
      boolean[] source = new boolean[cells + 2];
      for (int cell = 0; cell < cells; cell++) {
        source[cell] = grid.isSource(cell % width, cell / width);
      }
      source[cells] = true;
      long cost = 0;
      for (int a = 0; a < source.length; a++) {
        for (int b = 0; b < source.length; b++) {
          cost += source[a] && !source[b] ? capacity[a][b] : 0;
        }
      }
      return cost;
    }

    /** The most flow, by Edmonds and Karp: shortest paths in what is left. */
    long flow() {
      int nodes = capacity.length;
      long[][] left = new long[nodes][];
      Arrays.setAll(left, i -> capacity[i].clone());
      long flow = 0;
      while (true) {
        int[] from = new int[nodes];
        Arrays.fill(from, -1);
        from[nodes - 2] = nodes - 2;
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        queue.add(nodes - 2);
        while (!queue.isEmpty() && from[nodes - 1] < 0) {
          int node = queue.poll();
          for (int next = 0; next < nodes; next++) {
            if (from[next] < 0 && left[node][next] > 0) {
              from[next] = node;
              queue.add(next);
            }
          }
        }
        if (from[nodes - 1] < 0) {
          return flow;
        }
        long amount = Long.MAX_VALUE;
        for (int node = nodes - 1; node != nodes - 2; node = from[node]) {
          amount = Math.min(amount, left[from[node]][node]);
        }
        for (int node = nodes - 1; node != nodes - 2; node = from[node]) {
          left[from[node]][node] -= amount;
          left[node][from[node]] += amount;
        }
        flow += amount;
      }
    }
  }

  @Test
  void cutsAreMinimal() {
    Random random = new Random(1);
    for (int i = 0; i < 400; i++) {
      Graph graph = Graph.random(1 + random.nextInt(7), 1 + random.nextInt(7), random);
      assertTrue(graph.grid().cut());
      assertEquals(graph.flow(), graph.grid().flow(), "graph " + i);
      assertEquals(graph.flow(), graph.cost(), "graph " + i);
    }
  }

  @Test
  void endsOnLargeGridsOfNoise() {
    int side = 200;
    Random random = new Random(2);
    GridCut grid = new GridCut(side, side);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        grid.setTerminal(x, y, random.nextInt(2001) - 1000);
        for (int k = 0; k < 4; k++) {
          int u = x + STEPS[k][0];
          if (u >= 0 && u < side && y + STEPS[k][1] < side) {
            grid.setEdge(x, y, 4 + k, random.nextInt(1000));
          }
        }
      }
    }
    assertTrue(grid.cut());
  }
}
