package ai.fresnel.cvs.train.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final int INPUTS = Integer.getInteger("fuzz.inputs", 1000);

  private static final int FIRST = Integer.getInteger("fuzz.first", 0);

  /** Stops a parser after so many seconds, whatever the number of inputs. */
  private static final int SECONDS = Integer.getInteger("fuzz.seconds", Integer.MAX_VALUE);

  private static final int MOST_FAULTS = 40;
  private static final Path REPORTS = Path.of(System.getProperty("fuzz.reports", "target/fuzz"));

  @TempDir Path folder;

  private static Stream<Parser> parsers() {
    String wanted = System.getProperty("fuzz.parser", "");
    return Stream.of(
            MeshParsers.all(), CaptureParsers.all(), ModelParsers.all(), ViewSetParsers.all())
        .flatMap(List::stream)
        .filter(
            parser -> wanted.isEmpty() || Arrays.asList(wanted.split(",")).contains(parser.name()));
  }

  private record Place(Seed seed, Path outside, Path root, List<String> names) {}

  @ParameterizedTest
  @MethodSource("parsers")
  void damagedFilesAreReadOrRefusedInOneLine(Parser parser) throws Exception {
    List<Place> places = new ArrayList<>();
    for (Seed seed : parser.seeds()) {
      places.add(place(seed, folder.resolve(Integer.toString(places.size()))));
    }
    Map<String, String> faults = new TreeMap<>();
    int read = 0;
    int count = 0;
    long start = System.nanoTime();
    try (Judge judge = new Judge()) {
      for (Place place : places) {
        // The sound file must be read, or damage would not get far.
        write(place, place.seed().content());
        Optional<Judge.Fault> fault =
            judge.judge(place.root(), strict(parser), place.seed().named());
        assertEquals(Optional.empty(), fault, place.seed().name());
      }
      for (int i = FIRST; i < FIRST + INPUTS && faults.size() < MOST_FAULTS; i++) {
        if ((System.nanoTime() - start) / 1_000_000_000 >= SECONDS) {
          break;
        }
        Place place = places.get(i % places.size());
        byte[] damaged = damaged(parser, place.seed(), i);
        write(place, damaged);
        boolean[] whole = {false};
        Parser.Reading reading =
            root -> {
              parser.reading().read(root);
              whole[0] = true;
            };
        Optional<Judge.Fault> fault = judge.judge(place.root(), reading, place.seed().named());
        if (fault.isEmpty() && i % 50 < places.size()) {
          fault = outside(place);
        }
        count++;
        read += whole[0] ? 1 : 0;
        if (fault.isPresent()) {
          report(parser, place, i, fault.get(), faults);
        }
      }
      for (Place place : places) {
        assertEquals(Optional.empty(), outside(place));
      }
    }
    System.out.printf(
        "fuzz %s: %d inputs from seed %d, %d read, %d refused, %d kinds of fault, %d ms%n",
        parser.name(),
        count,
        SEED,
        read,
        count - read,
        faults.size(),
        (System.nanoTime() - start) / 1_000_000);
    assertEquals("", String.join("\n", faults.values()), parser.name());
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

  private static Place place(Seed seed, Path outside) throws Exception {
    Path root = Files.createDirectories(outside.resolve("fuzzed-object"));
    seed.folder().write(root);
    Files.createDirectories(root.resolve(seed.file()).getParent());
    Files.write(root.resolve(seed.file()), new byte[0]);
    return new Place(seed, outside, root, Judge.names(outside));
  }

  private static void write(Place place, byte[] content) throws IOException {
    Files.write(place.root().resolve(place.seed().file()), place.seed().pack().apply(content));
  }

  /** Returns input {@code i} of a parser. */
  private static byte[] damaged(Parser parser, Seed seed, int i) {
    SplittableRandom random = new SplittableRandom(31 * (31 * SEED + parser.name().hashCode()) + i);
    List<Seed> seeds = parser.seeds();
    Seed other = seeds.get(random.nextInt(seeds.size()));
    return new Mutator(random, parser.words())
        .damage(seed.content(), other.content(), seed.isText());
  }

  private static Optional<Judge.Fault> outside(Place place) throws IOException {
    List<String> names = Judge.names(place.outside());
    return names.equals(place.names())
        ? Optional.empty()
        : Optional.of(new Judge.Fault("files written", names.toString()));
  }

  private static void report(
      Parser parser, Place place, int i, Judge.Fault fault, Map<String, String> faults)
      throws IOException {
    if (faults.containsKey(fault.kind())) {
      return;
    }
    String file = place.seed().file();
    Path copy = REPORTS.resolve(parser.name() + "-" + SEED + "-" + i).resolve(file);
    Files.createDirectories(copy.getParent());
    Files.copy(place.root().resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
    faults.put(
        fault.kind(),
        "%s: %s: %s (input %d of %s, %s)"
            .formatted(parser.name(), fault.kind(), fault.detail(), i, place.seed().name(), copy));
  }
}
