package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ParallelLoopTest {

  @Test
  void eachPieceIsDoneOnce() {
    for (int threads = 1; threads <= 8; threads++) {
      for (int count : new int[] {0, 1, 2, 7, 1000}) {
        AtomicIntegerArray calls = new AtomicIntegerArray(count);
        ParallelLoop.run(threads, count, calls::incrementAndGet);
        for (int i = 0; i < count; i++) {
          assertEquals(1, calls.get(i));
        }
      }
    }
  }

  /** The pool's threads all wait inside of loops: each caller finishes its own. */
  @Test
  void loopsInsideOfLoopsEnd() {
    AtomicIntegerArray calls = new AtomicIntegerArray(1);
    ParallelLoop.run(
        4,
        20,
        i -> ParallelLoop.run(4, 20, j -> ParallelLoop.run(4, 5, k -> calls.incrementAndGet(0))));
    assertEquals(2000, calls.get(0));
  }

  @Test
  void theFirstFailureIsThrown() {
    for (int threads = 1; threads <= 4; threads++) {
      int most = threads;
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  ParallelLoop.run(
                      most,
                      100,
                      i -> {
                        if (i == 50) {
                          throw new IllegalStateException("piece 50");
                        }
                      }));
      assertEquals("piece 50", thrown.getMessage());
    }
  }
}
