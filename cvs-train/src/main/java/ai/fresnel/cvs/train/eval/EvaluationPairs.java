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
 * The pairs of an evaluation, the same for every model. They come in rounds: the first pair of
 * every object precedes the second of any. Immutable.
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
   * Draws pairs of every object without repetition. Source and target differ. The pairs of an
   * object depend on the seed, its name and its number of views, not on other objects. An object
   * with V views has at most V·(V − 1) pairs, none with one view.
   *
   * @param data the objects
   * @param pairsPerObject the number of pairs of each object, at least 1
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
   * Pairs one view of every object with each of its others, in their order, as published protocols
   * do.
   *
   * @param data the objects
   * @param source the index of the source view
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
    // Two draws for each round: choice of views and noise must be independent.
    long[] draws = SampleNoise.seeds(objectSeed, 0, 2 * (round + 1));
    // A Fisher-Yates shuffle of all ordered pairs, as far as needed.
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
   * Returns the number of pairs.
   *
   * @return 1 or more
   */
  public int size() {
    return pairs.size();
  }

  /**
   * Returns fewer pairs of as many objects as possible: whole rounds, then a part of the next
   * round, spread evenly over its objects.
   *
   * @param count the number of pairs, at least 1
   * @return that many of these pairs, or all if there are fewer
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
   * Returns pairs of distinct objects, spread evenly over the set, for a contact sheet.
   *
   * @param count the number of pairs, at least 1
   * @return that many of these pairs, or one for each object if there are fewer objects
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
