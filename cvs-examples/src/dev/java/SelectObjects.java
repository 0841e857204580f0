import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshFiles;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.SplitRule;
import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Lists the objects of a rendered view set that are worth training on, and splits them by groups.
 *
 * <p>Usage: {@code java -cp CLASSES SelectObjects.java MESHES VIEWSET}, where the view set was
 * rendered of the meshes. Writes {@code valid_paths.json}, {@code split.json} and {@code
 * dropped.tsv} (object, reason) into the view set.
 *
 * <p>Furniture of {@code .sh3f} libraries is kept, with the splits it always had. Of other meshes
 * go those that nobody would photograph:
 *
 * <ul>
 *   <li>kit: a word of the file name says that it is a piece to build levels of ({@link #KIT}), or
 *       a part of a gun;
 *   <li>flat: the shortest side of the bounding box is below {@link #FLAT} of the longest, and the
 *       middle one above {@link #BROAD}: rugs, banners and plates, but not swords.
 * </ul>
 *
 * <p>Objects whose file names begin with the same word are one group, in whatever pack: variants
 * differ in what follows.
 */
public final class SelectObjects {

  private static final double FLAT = 0.05;
  private static final double BROAD = 0.34;

  private static final Set<String> KIT =
      Set.of(
          "wall", "walls", "floor", "tile", "tiles", "road", "street", "streets", "path", "roof",
          "river", "coast", "hex", "terrain", "hill", "hills", "mountain", "mountains", "platform",
          "platforms", "modular", "rail", "details", "cube", "ramp", "tunnel", "dirt", "base",
          "smoke", "cobweb", "pipe", "pipes", "cable", "support", "connector", "landingpad",
          "corner", "innercorner", "outercorner");

  private static final String GUNS = "modular_sci_fi_guns_pack";
  private static final Set<String> GUN_PARTS =
      Set.of(
          "barrel", "body", "cylinder", "grip", "handguard", "magazine", "stock", "scope", "sight");

  private SelectObjects() {}

  private record Chosen(SplitRule.Item item, Optional<String> reason) {}

  public static void main(String[] args) throws IOException {
    Path views = Path.of(args[1]);
    List<MeshSource> sources = MeshFiles.list(Path.of(args[0]));
    Map<String, Chosen> all = new ConcurrentHashMap<>();
    sources.parallelStream()
        .filter(source -> Files.exists(views.resolve(source.id()).resolve("meta.json")))
        .forEach(source -> all.put(source.id(), choose(source)));
    addVariants(views, all);
    Map<String, String> dropped = new TreeMap<>();
    List<SplitRule.Item> kept = new ArrayList<>();
    new TreeMap<>(all)
        .forEach(
            (id, chosen) ->
                chosen
                    .reason()
                    .ifPresentOrElse(
                        reason -> dropped.put(id, reason), () -> kept.add(chosen.item())));
    Map<String, Split> splits = SplitRule.DEFAULT.assign(kept);
    Map<String, String> names = new TreeMap<>();
    splits.forEach((id, split) -> names.put(id, split.name().toLowerCase(Locale.ROOT)));
    Gson gson = new Gson();
    Files.writeString(
        views.resolve("split.json"), gson.toJson(Map.of("format", 1, "objects", names)));
    Files.writeString(views.resolve("valid_paths.json"), gson.toJson(names.keySet()));
    StringBuilder table = new StringBuilder("object\treason\n");
    dropped.forEach((id, reason) -> table.append(id).append('\t').append(reason).append('\n'));
    Files.writeString(views.resolve("dropped.tsv"), table);
    System.out.println(kept.size() + " objects kept, " + dropped.size() + " dropped");
    for (Split split : Split.values()) {
      for (boolean furniture : new boolean[] {true, false}) {
        System.out.println(
            split
                + (furniture ? " furniture " : " others ")
                + kept.stream()
                    .filter(i -> splits.get(i.id()) == split)
                    .filter(i -> furniture != i.stem().startsWith("other "))
                    .count());
      }
    }
  }

  /** Chooses the variants of an object, {@code <id>~v1} and so on, as the object itself. */
  private static void addVariants(Path views, Map<String, Chosen> all) throws IOException {
    try (Stream<Path> folders = Files.list(views)) {
      for (Path folder : folders.toList()) {
        String id = folder.getFileName().toString();
        Chosen object = all.get(id.replaceFirst("~v[0-9]+$", ""));
        if (object != null && Files.exists(folder.resolve("meta.json"))) {
          SplitRule.Item item = object.item();
          all.put(
              id,
              new Chosen(new SplitRule.Item(id, item.stem(), item.meshHash()), object.reason()));
        }
      }
    }
  }

  private static Chosen choose(MeshSource source) {
    LoadedMesh loaded;
    try {
      loaded = source.load();
    } catch (IOException e) {
      return new Chosen(
          new SplitRule.Item(source.id(), "", ""), Optional.of("broken: " + e.getMessage()));
    }
    if (loaded.source().contains(".sh3f/")) {
      return new Chosen(
          new SplitRule.Item(source.id(), loaded.stem(), loaded.sha256()), Optional.empty());
    }
    List<String> words = words(loaded.stem());
    float[] sides = loaded.mesh().extent();
    Arrays.sort(sides);
    SplitRule.Item item =
        new SplitRule.Item(source.id(), "other " + words.get(0), loaded.sha256());
    Optional<String> kit =
        words.stream()
            .filter(
                word ->
                    KIT.contains(word)
                        || (loaded.source().contains(GUNS) && GUN_PARTS.contains(word)))
            .findFirst();
    if (kit.isPresent()) {
      return new Chosen(item, Optional.of("kit: " + kit.get()));
    }
    if (sides[0] < FLAT * sides[2] && sides[1] > BROAD * sides[2]) {
      return new Chosen(
          item, Optional.of(String.format(Locale.ROOT, "flat: %.3f, %.3f", sides[0], sides[1])));
    }
    return new Chosen(item, Optional.empty());
  }

  /** The words of a file name in lower case, without numbers: TreeStump_Snow2 has three. */
  static List<String> words(String stem) {
    String name = stem.replaceFirst("\\.gltf$", "").replaceFirst("-transformed$", "");
    List<String> words =
        Stream.of(name.split("[^A-Za-z]+|(?<=[a-z])(?=[A-Z])"))
            .filter(word -> !word.isEmpty())
            .map(word -> word.toLowerCase(Locale.ROOT))
            .toList();
    return words.isEmpty() ? List.of(stem) : words;
  }
}
