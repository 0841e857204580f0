package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import ai.fresnel.cvs.json.JsonValue;
import ai.fresnel.cvs.train.file.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A folder of objects with views from several cameras, in Zero123's layout: {@code <id>/000.png}
 * (RGBA) and {@code <id>/000.npy} (3×4, world → Blender camera). {@link ViewSetWriter} adds {@code
 * meta.json}, {@code valid_paths.json} and {@code split.json}. The folder may hold tar files of
 * {@link ShardWriter} instead.
 */
public final class ViewSet {

  static final String LIST = "valid_paths.json";
  private static final long MAX_LIST_BYTES = 1 << 28;

  private final Path root;
  private final Map<String, Split> splits;

  /** Null if objects have folders. */
  private final Shards shards;

  private ViewSet(Path root, Map<String, Split> splits, Shards shards) {
    this.root = root;
    this.splits = splits;
    this.shards = shards;
  }

  /**
   * Opens a view set. Takes the objects from {@code valid_paths.json}, or all folders with a {@code
   * 000.png}, and their splits from {@code split.json} or {@link SplitRule#DEFAULT}.
   *
   * @param root the folder
   * @return the view set; no images are read yet
   * @throws IOException if there is no object, or a list is damaged
   */
  public static ViewSet open(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw DamagedFile.error(root, "no folder", "a view set");
    }
    Shards shards = Shards.list(root).isEmpty() ? null : Shards.open(root);
    Set<String> ids = new TreeSet<>();
    if (shards != null) {
      shards.ids().forEach(ids::add);
    } else {
      ids = Files.exists(root.resolve(LIST)) ? listed(root) : found(root);
    }
    if (ids.isEmpty()) {
      throw DamagedFile.error(root, "no objects", LIST + ", folders with 000.png, or shards");
    }
    ViewSet all = new ViewSet(root, Map.of(), shards);
    return new ViewSet(root, all.splits(ids), shards);
  }

  /**
   * Returns the folder.
   *
   * @return the path that was opened
   */
  public Path root() {
    return root;
  }

  /**
   * Returns the names of all objects.
   *
   * @return ids, sorted
   */
  public List<String> ids() {
    return List.copyOf(splits.keySet());
  }

  /**
   * Returns the names of the objects of a split.
   *
   * @param split the split
   * @return ids, sorted; may be empty
   */
  public List<String> ids(Split split) {
    return splits.keySet().stream().filter(id -> splits.get(id) == split).toList();
  }

  /**
   * Returns the objects of a split, grouped as on disk.
   *
   * @param split the split
   * @return ids, those of one shard together in its order, others alone; may be empty
   */
  public List<List<String>> groups(Split split) {
    if (shards == null) {
      return ids(split).stream().map(List::of).toList();
    }
    return shards.contents().stream()
        .map(ids -> ids.stream().filter(id -> splits.get(id) == split).toList())
        .filter(ids -> !ids.isEmpty())
        .toList();
  }

  /**
   * Returns the split of an object.
   *
   * @param id one of {@link #ids()}
   * @return its split
   */
  Split split(String id) {
    return splits.get(id);
  }

  /**
   * Opens an object.
   *
   * @param id one of {@link #ids()}
   * @return the object
   * @throws IOException if its views are missing or its {@code meta.json} is damaged
   * @throws IllegalArgumentException if the set has no such object
   */
  public ViewObject object(String id) throws IOException {
    if (!splits.containsKey(id)) {
      throw new IllegalArgumentException(root + " has no object " + id);
    }
    return ViewObject.open(id, files(id));
  }

  private ObjectFiles files(String id) {
    return shards == null ? ObjectFiles.of(root.resolve(id)) : shards.files(id);
  }

  /**
   * Returns the variants of every object: the objects that {@link SplitRule} keeps in one split.
   *
   * @return id → the ids of its group, itself included, sorted; for every object of the set
   * @throws IOException if a {@code meta.json} is damaged
   */
  public Map<String, List<String>> variants() throws IOException {
    Map<String, List<String>> variants = new TreeMap<>();
    for (List<String> group : SplitRule.groups(items(splits.keySet())).values()) {
      group.forEach(id -> variants.put(id, List.copyOf(group)));
    }
    return variants;
  }

  /** Returns the facts for the split rule of each object. */
  List<SplitRule.Item> items(Collection<String> ids) {
    List<SplitRule.Item> items = new ArrayList<>();
    for (String id : ids) {
      Optional<ObjectMeta> meta = meta(files(id));
      items.add(
          new SplitRule.Item(
              id,
              meta.map(ObjectMeta::stem).orElse(""),
              meta.map(ObjectMeta::meshHash).orElse("")));
    }
    return items;
  }

  /** Returns an object's metadata; damaged ones are refused where the object itself is opened. */
  private static Optional<ObjectMeta> meta(ObjectFiles files) {
    try {
      return files.has(ObjectMeta.FILE_NAME)
          ? Optional.of(ObjectMeta.read(files).meta())
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Map<String, Split> splits(Set<String> ids) throws IOException {
    if (!Files.exists(root.resolve(SplitFile.NAME))) {
      return SplitRule.DEFAULT.assign(items(ids));
    }
    Map<String, Split> splits = SplitFile.read(root);
    for (String id : ids) {
      if (!splits.containsKey(id)) {
        throw DamagedFile.error(
            root.resolve(SplitFile.NAME), "no entry for " + Json.quote(id), "one for every object");
      }
    }
    splits.keySet().retainAll(ids);
    return splits;
  }

  private static Set<String> listed(Path root) throws IOException {
    return JsonFile.read(
        root.resolve(LIST),
        MAX_LIST_BYTES,
        "a list of object folders inside the view set",
        json -> {
          TreeSet<String> ids = new TreeSet<>();
          DataFolder folder = DataFolder.of(root);
          json.items().forEach(id -> ids.add(inside(folder, id)));
          return ids;
        });
  }

  /** Returns the name of a folder in the view set; a name that is a number was always read. */
  private static String inside(DataFolder folder, JsonValue json) {
    String id = json.json().isJsonPrimitive() ? json.json().getAsString() : json.string();
    try {
      if (!folder.file(id).equals(folder.path())) {
        return id;
      }
    } catch (IOException e) {
      throw new JsonException(json.where() + ": " + Json.quote(id) + " leads out of the folder", e);
    }
    throw json.wrong("the name of a folder in the view set");
  }

  private static Set<String> found(Path root) throws IOException {
    Set<String> ids = ViewSetWriter.folders(root);
    ids.removeIf(id -> !Files.exists(root.resolve(id).resolve(ViewObject.name(0, ".png"))));
    return ids;
  }
}
