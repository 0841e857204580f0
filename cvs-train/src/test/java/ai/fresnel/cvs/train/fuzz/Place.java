package ai.fresnel.cvs.train.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A seed's folder on disk.
 *
 * @param seed the seed
 * @param outside holds the folder and nothing else
 * @param root the folder
 * @param names everything in {@code outside}
 */
record Place(Seed seed, Path outside, Path root, List<String> names) {

  /** Writes the files around each seed of a parser. */
  static List<Place> of(Parser parser, Path work) throws Exception {
    List<Place> places = new ArrayList<>();
    for (Seed seed : parser.seeds()) {
      Path outside = work.resolve(Integer.toString(places.size()));
      Path root = Files.createDirectories(outside.resolve("fuzzed-object"));
      seed.folder().write(root);
      Files.createDirectories(root.resolve(seed.file()).getParent());
      Files.write(root.resolve(seed.file()), new byte[0]);
      places.add(new Place(seed, outside, root, Judge.names(outside)));
    }
    return places;
  }

  /** Packs content and writes the file. */
  void write(byte[] content) throws IOException {
    Files.write(root.resolve(seed.file()), seed.pack().apply(content));
  }

  /** Reads the folder. */
  Optional<Judge.Fault> judge(Judge judge, Parser.Reading reading) throws InterruptedException {
    return judge.judge(root, reading, seed.named());
  }

  /** Says whether anything was written or deleted, inside or outside. */
  Optional<Judge.Fault> changed() throws IOException {
    List<String> now = Judge.names(outside);
    return now.equals(names)
        ? Optional.empty()
        : Optional.of(new Judge.Fault("files written", now.toString()));
  }

  /** Keeps a copy of the damaged file. */
  Path keep(Path folder) throws IOException {
    Path copy = folder.resolve(seed.file());
    Files.createDirectories(copy.getParent());
    return Files.copy(root.resolve(seed.file()), copy, StandardCopyOption.REPLACE_EXISTING);
  }
}
