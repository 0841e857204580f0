package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damages sound files and reads them. Each input follows from the seed, the parser and its number
 * alone. What counts as a fault is in {@link Judge}; docs/robustness.md says how to run longer.
 */
@Tag("fuzz")
class FuzzTest {

  private static final long SEED = Long.getLong("fuzz.seed", 22);

  /** Inputs of each parser. */
  private static final int INPUTS = Integer.getInteger("fuzz.inputs", 750);

  private static final int FIRST = Integer.getInteger("fuzz.first", 0);

  /** Stops a parser after so many seconds, whatever the number of inputs. */
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", Integer.MAX_VALUE);

  private static final int MOST_FAULTS = 40;
  private static final Path REPORTS = Path.of(System.getProperty("fuzz.reports", "target/fuzz"));

  @TempDir Path folder;

  static Stream<Parser> parsers() {
    List<String> wanted = List.of(System.getProperty("fuzz.parser", "").split(","));
    return Parsers.all().stream()
        .filter(parser -> wanted.contains("") || wanted.contains(parser.name()));
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void damagedFilesAreReadOrRefusedInOneLine(Parser parser) throws Exception {
    List<Place> places = Place.of(parser, folder);
    Map<String, String> faults = new TreeMap<>();
    int read = 0;
    int count = 0;
    long start = System.nanoTime();
    try (Judge judge = new Judge()) {
      for (Place place : places) {
        // The sound file must be read, or damage would not get far.
        place.write(place.seed().content());
        assertEquals(Optional.empty(), place.judge(judge, strict(parser)), place.seed().name());
      }
      for (int i = FIRST; i < FIRST + INPUTS && faults.size() < MOST_FAULTS; i++) {
        if (millis(start) >= 1000L * SECONDS) {
          break;
        }
        Place place = places.get(i % places.size());
        place.write(damaged(parser, place.seed(), i));
        boolean[] whole = {false};
        Parser.Reading reading =
            root -> {
              parser.reading().read(root);
              whole[0] = true;
            };
        Optional<Judge.Fault> fault = place.judge(judge, reading);
        if (fault.isEmpty() && i % 50 < places.size()) {
          fault = place.changed();
        }
        count++;
        read += whole[0] ? 1 : 0;
        if (fault.isPresent() && !faults.containsKey(fault.get().kind())) {
          faults.put(fault.get().kind(), report(parser, place, i, fault.get()));
        }
      }
      for (Place place : places) {
        assertEquals(Optional.empty(), place.changed());
      }
    }
    System.out.printf(
        "fuzz %s: %d inputs from seed %d, %d read, %d refused, %d kinds of fault, %d ms%n",
        parser.name(), count, SEED, read, count - read, faults.size(), millis(start));
    assertEquals("", String.join("\n", faults.values()), parser.name());
  }

  private static long millis(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static Parser.Reading strict(Parser parser) {
    return root -> {
      try {
        parser.reading().read(root);
      } catch (Exception e) {
        throw new AssertionError("a sound file is refused: " + e, e);
      }
    };
  }

  /** Returns input {@code i} of a parser. */
  private static byte[] damaged(Parser parser, Seed seed, int i) {
    SplittableRandom random = new SplittableRandom(31 * (31 * SEED + parser.name().hashCode()) + i);
    List<Seed> seeds = parser.seeds();
    Seed other = seeds.get(random.nextInt(seeds.size()));
    return new Mutator(random, parser.words())
        .damage(seed.content(), other.content(), seed.isText());
  }

  private static String report(Parser parser, Place place, int i, Judge.Fault fault)
      throws IOException {
    Path copy = place.keep(REPORTS.resolve(parser.name() + "-" + SEED + "-" + i));
    return "%s: %s: %s (input %d of %s, %s)"
        .formatted(parser.name(), fault.kind(), fault.detail(), i, place.seed().name(), copy);
  }
}
