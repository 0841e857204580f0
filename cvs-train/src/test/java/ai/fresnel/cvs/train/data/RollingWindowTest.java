package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RollingWindowTest {

  private static int[] series(RollingWindow<Integer> window, int samples) {
    int[] objects = new int[samples];
    for (int i = 0; i < samples; i++) {
      objects[i] = window.get(i, SplitMix64.draw(3, i));
    }
    return objects;
  }

  @Test
  void allObjectsComeEquallyOftenAndFewAreLoaded() {
    AtomicInteger loads = new AtomicInteger();
    RollingWindow<Integer> window =
        new RollingWindow<>(
            20,
            4,
            8,
            1,
            index -> {
              loads.incrementAndGet();
              return index;
            });
    int samples = 16_000;
    int[] counts = new int[20];
    for (int object : series(window, samples)) {
      counts[object]++;
    }
    // A hundred rounds; each object's draws are nearly those of its turns in the window.
    for (int count : counts) {
      assertEquals(800, count, 100, Arrays.toString(counts));
    }
    assertTrue(loads.get() <= samples / 8 + 4, loads + " loads");
  }

  @Test
  void aSamplesObjectDoesNotDependOnWhatWasAskedBefore() {
    int[] whole = series(new RollingWindow<>(20, 4, 8, 1, index -> index), 400);
    RollingWindow<Integer> fresh = new RollingWindow<>(20, 4, 8, 1, index -> index);
    for (int i : new int[] {399, 250, 251, 100, 0, 399}) {
      assertEquals(whole[i], fresh.get(i, SplitMix64.draw(3, i)));
    }
    int[] other = series(new RollingWindow<>(20, 4, 8, 2, index -> index), 400);
    assertTrue(!Arrays.equals(whole, other));
  }

  @Test
  void brokenObjectsLeaveTheirTurnsToOthers() {
    RollingWindow<Integer> window =
        new RollingWindow<>(
            6,
            3,
            2,
            1,
            index -> {
              if (index != 4) {
                throw new IOException("object " + index + " is broken");
              }
              return index;
            });
    for (int object : series(window, 30)) {
      assertEquals(4, object);
    }
    RollingWindow<Integer> none =
        new RollingWindow<>(
            2,
            1,
            1,
            1,
            index -> {
              throw new IOException("broken");
            });
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> none.get(0, 0));
    assertEquals("none of 2 objects can be loaded", e.getMessage());
  }
}
