package ai.fresnel.cvs.train.fuzz;

import java.util.List;
import java.util.stream.Stream;

/** All readers of files from outside. */
final class Parsers {

  private Parsers() {}

  static List<Parser> all() {
    return Stream.of(
            ImageParsers.all(),
            MeshParsers.all(),
            CaptureParsers.all(),
            ModelParsers.all(),
            SplatParsers.all(),
            ViewSetParsers.all())
        .flatMap(List::stream)
        .toList();
  }

  static Parser named(String name) {
    return all().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }
}
