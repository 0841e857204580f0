package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The pairs an evaluation is made on, the same for every model: in rounds, the first pair of every
 * object before the second of any. Immutable.
 *
 * @param pairs source and target views, with the seed of each pair's noise
 */
public record EvaluationPairs(List<ViewPair> pairs) {

  /**
   * Copies the list.
   *
   * @param pairs the pairs
   */
  public EvaluationPairs {
    pairs = List.copyOf(pairs);
  }

  /**
   * Draws pairs of every object, without repetition; source and target differ. The pairs of an
   * object depend on the seed, its name and how many views it has, not on the other objects. An
   * object with one view has none, one with V views at most V·(V − 1).
   *
   * @param data the objects
   * @param pairsPerObject how many of each, at least 1
   * @param seed decides views and noise
   * @return the pairs
   * @throws IllegalArgumentException if {@code pairsPerObject} is below 1, or no object has two
   *     views
   */
  public static EvaluationPairs draw(ViewPairDataset data, int pairsPerObject, long seed) {
    if (pairsPerObject < 1) {
      throw new IllegalArgumentException(pairsPerObject + " pairs an object, expected at least 1");
    }
    List<ViewPair> drawn = new ArrayList<>();
    for (int round = 0; round < pairsPerObject; round++) {
      for (int object = 0; object < data.objects(); object++) {
        int views = data.views(object);
        if (round < views * (views - 1)) {
          drawn.add(pair(data, object, round, seed));
        }
      }
    }
    if (drawn.isEmpty()) {
      throw new IllegalArgumentException("no object has two views, expected one that has");
    }
    return new EvaluationPairs(drawn);
  }

  /**
   * Pairs one view of every object with each of its others, in their order: how published protocols
   * give one input view and ask for all the rest.
   *
   * @param data the objects
   * @param source the index of the view that is given
   * @param seed decides the noise
   * @return the pairs
   * @throws IllegalArgumentException if no object has that view and another
   */
  public static EvaluationPairs fromView(ViewPairDataset data, int source, long seed) {
    List<ViewPair> all = new ArrayList<>();
    long[][] seeds = new long[data.objects()][];
    int most = 0;
    for (int object = 0; object < seeds.length; object++) {
      int views = data.views(object);
      seeds[object] = SampleNoise.seeds(objectSeed(data, object, seed), 0, views);
      most = Math.max(most, views);
    }
    for (int target = 0; target < most; target++) {
      for (int object = 0; object < seeds.length; object++) {
        if (target != source && Math.max(source, target) < seeds[object].length) {
          all.add(new ViewPair(object, source, target, seeds[object][target]));
        }
      }
    }
    if (source < 0 || all.isEmpty()) {
      throw new IllegalArgumentException(
          "source view is " + source + ", expected 0 to " + (most - 1) + ", and another view");
    }
    return new EvaluationPairs(all);
  }

  private static long objectSeed(ViewPairDataset data, int object, long seed) {
    byte[] name = data.id(object).getBytes(StandardCharsets.UTF_8);
    return seed ^ UUID.nameUUIDFromBytes(name).getMostSignificantBits();
  }

  private static ViewPair pair(ViewPairDataset data, int object, int round, long seed) {
    long objectSeed = objectSeed(data, object, seed);
    int views = data.views(object);
    int choices = views * (views - 1);
    // Two draws a round: what chose the views must not be what seeds the noise.
    long[] draws = SampleNoise.seeds(objectSeed, 0, 2 * (round + 1));
    // Fisher and Yates' shuffle of all ordered pairs, as far as it is needed.
    int[] shuffled = new int[choices];
    for (int i = 0; i < choices; i++) {
      shuffled[i] = i;
    }
    for (int i = 0; i <= round; i++) {
      int other = i + (int) Long.remainderUnsigned(draws[2 * i], choices - i);
      int swapped = shuffled[i];
      shuffled[i] = shuffled[other];
      shuffled[other] = swapped;
    }
    int source = shuffled[round] / (views - 1);
    int target = shuffled[round] % (views - 1);
    return new ViewPair(
        object, source, target < source ? target : target + 1, draws[2 * round + 1]);
  }

  /**
   * Returns how many pairs there are.
   *
   * @return 1 or more
   */
  public int size() {
    return pairs.size();
  }

  /**
   * Takes fewer pairs, of as many objects as can be: whole rounds, then of the next round a part
   * that is spread evenly over its objects.
   *
   * @param count how many pairs, at least 1
   * @return that many of these pairs, or all if there are not so many
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public EvaluationPairs spread(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " pairs, expected at least 1");
    }
    List<ViewPair> taken = new ArrayList<>();
    for (List<ViewPair> round : rounds()) {
      int open = Math.min(round.size(), count - taken.size());
      for (int i = 0; i < open; i++) {
        taken.add(round.get((int) ((long) i * round.size() / open)));
      }
    }
    return new EvaluationPairs(taken);
  }

  /**
   * Takes pairs of distinct objects, spread evenly over the set, for a contact sheet.
   *
   * @param count how many, at least 1
   * @return that many of these pairs, or one an object if there are not so many objects
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public EvaluationPairs ofDistinctObjects(int count) {
    return new EvaluationPairs(rounds().get(0)).spread(count);
  }

  private List<List<ViewPair>> rounds() {
    Map<Integer, Integer> seen = new HashMap<>();
    List<List<ViewPair>> rounds = new ArrayList<>();
    for (ViewPair pair : pairs) {
      int round = seen.merge(pair.object(), 1, Integer::sum) - 1;
      if (round == rounds.size()) {
        rounds.add(new ArrayList<>());
      }
      rounds.get(round).add(pair);
    }
    return rounds;
  }
}
