package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationPairsTest {

  private static final int OBJECTS = 10;

  @TempDir Path folder;

  /** Objects a, b, ... of which number {@code single} has one view, the others four. */
  private ViewPairDataset data(String name, int first, int objects, int single) throws IOException {
    EvalFixtures set = new EvalFixtures(folder.resolve(name));
    for (int i = first; i < objects; i++) {
      set.add("" + (char) ('a' + i), Split.TEST, 10 * i, i == single ? 1 : 4, 40);
    }
    return set.load(Split.TEST);
  }

  @Test
  void everyObjectHasItsPairsInRounds() throws IOException {
    EvaluationPairs drawn = EvaluationPairs.draw(data("set", 0, OBJECTS, -1), 3, 5);
    assertEquals(3 * OBJECTS, drawn.size());
    Set<String> different = new HashSet<>();
    Set<Long> seeds = new HashSet<>();
    for (int i = 0; i < drawn.size(); i++) {
      ViewPair pair = drawn.pairs().get(i);
      assertEquals(i % OBJECTS, pair.object());
      assertNotEquals(pair.source(), pair.target());
      different.add(pair.object() + ":" + pair.source() + ">" + pair.target());
      seeds.add(pair.sampleSeed());
    }
    assertEquals(3 * OBJECTS, different.size(), "a pair was drawn twice");
    assertEquals(3 * OBJECTS, seeds.size(), "noise was drawn twice");
  }

  @Test
  void allOrderedPairsComeOnceAndNoMore() throws IOException {
    EvaluationPairs drawn = EvaluationPairs.draw(data("set", 0, 2, -1), 50, 5);
    assertEquals(2 * 4 * 3, drawn.size());
    assertEquals(2 * 4 * 3, new HashSet<>(drawn.pairs()).size());
  }

  @Test
  void oneViewIsGivenForAllOthers() throws IOException {
    ViewPairDataset data = data("set", 0, 3, 1);
    EvaluationPairs from = EvaluationPairs.fromView(data, 1, 5);
    // The second object has one view.
    List<String> views =
        from.pairs().stream()
            .map(pair -> pair.object() + ":" + pair.source() + ">" + pair.target())
            .toList();
    assertEquals(List.of("0:1>0", "2:1>0", "0:1>2", "2:1>2", "0:1>3", "2:1>3"), views);
    assertEquals(6, from.pairs().stream().mapToLong(ViewPair::sampleSeed).distinct().count());
    for (int source : new int[] {-1, 4}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> EvaluationPairs.fromView(data, source, 5))
              .getMessage();
      assertEquals("source view is " + source + ", expected 0 to 3, and another view", message);
    }
  }

  @Test
  void seedAndNameDecide() throws IOException {
    ViewPairDataset data = data("set", 0, OBJECTS, -1);
    EvaluationPairs drawn = EvaluationPairs.draw(data, 2, 5);
    assertEquals(drawn, EvaluationPairs.draw(data, 2, 5));
    assertNotEquals(drawn, EvaluationPairs.draw(data, 2, 6));
    // More rounds and fewer objects leave the pairs that stay as they are.
    assertEquals(drawn.pairs(), EvaluationPairs.draw(data, 4, 5).pairs().subList(0, 2 * OBJECTS));
    EvaluationPairs fewer = EvaluationPairs.draw(data("fewer", 3, OBJECTS, -1), 1, 5);
    for (ViewPair pair : fewer.pairs()) {
      ViewPair same = drawn.pairs().get(pair.object() + 3);
      assertEquals(
          new ViewPair(pair.object() + 3, pair.source(), pair.target(), pair.sampleSeed()), same);
    }
  }

  @Test
  void fewerPairsAreSpread() throws IOException {
    EvaluationPairs drawn = EvaluationPairs.draw(data("set", 0, OBJECTS, 4), 2, 5);
    assertEquals(2 * (OBJECTS - 1), drawn.size(), "one view makes no pair");
    assertEquals(List.of(0, 2, 5, 7), objects(drawn.spread(4)));
    assertEquals(List.of(0, 1, 2, 3, 5, 6, 7, 8, 9, 0, 3, 7), objects(drawn.spread(12)));
    assertEquals(drawn, drawn.spread(1000));
    assertEquals(drawn.spread(4), drawn.spread(12).ofDistinctObjects(4));
    assertEquals(List.of(0, 1, 2, 3, 5, 6, 7, 8, 9), objects(drawn.ofDistinctObjects(16)));
  }

  private static List<Integer> objects(EvaluationPairs pairs) {
    return pairs.pairs().stream().map(ViewPair::object).toList();
  }

  @Test
  void nothingToDrawIsRefused() throws IOException {
    ViewPairDataset data = data("set", 0, 1, 0);
    assertThrows(IllegalArgumentException.class, () -> EvaluationPairs.draw(data, 2, 5));
    assertThrows(IllegalArgumentException.class, () -> EvaluationPairs.draw(data, 0, 5));
  }
}
