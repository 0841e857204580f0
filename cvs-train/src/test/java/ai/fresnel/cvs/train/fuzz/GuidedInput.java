package ai.fresnel.cvs.train.fuzz;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What Jazzer calls, in a process of its own: the first byte of an input chooses the seed whose
 * folder and container are used, the rest is the content of its file.
 */
public final class GuidedInput {

  /** Begins each line that reports a fault. */
  static final String FAULT = "fault in ";

  private static Parser parser;
  private static List<Place> places;
  private static Path reports;
  private static final Judge JUDGE = new Judge();
  private static final Set<String> KINDS = new HashSet<>();
  private static int count;

  private GuidedInput() {}

  /**
   * Starts.
   *
   * @param args the parser's name, a folder to work in, one for files that show a fault
   */
  public static void fuzzerInitialize(String[] args) throws Exception {
    parser = Parsers.named(args[0]);
    places = Place.of(parser, Files.createDirectories(Path.of(args[1])));
    reports = Path.of(args[2]);
  }

  /** Reads an input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    Place place = places.get((input[0] & 255) % places.size());
    place.write(Arrays.copyOfRange(input, 1, input.length));
    Optional<Judge.Fault> fault = place.judge(JUDGE, parser.reading());
    if (++count % 100 == 0 && fault.isEmpty()) {
      fault = place.changed();
    }
    // Jazzer learns the words that the judge looks for, and writes them into names.
    fault = fault.filter(f -> !f.kind().startsWith(Judge.CLASS_NAMES));
    if (fault.isPresent() && KINDS.add(fault.get().kind())) {
      Path file = place.keep(reports.resolve(parser.name() + "-guided-" + count));
      System.out.println(
          FAULT
              + parser
              + ": "
              + fault.get().kind()
              + ": "
              + fault.get().detail()
              + " ("
              + file
              + ")");
    }
  }
}
