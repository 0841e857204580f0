package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.BlenderPose;
import com.google.gson.JsonArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes a view set object by object, then its lists.
 *
 * <p>An object appears under its name only when it is complete, and an existing object is not
 * written again: repeat an interrupted run to continue it. Several writers may fill one folder with
 * different objects; the last {@link #finish()} lists them all.
 */
public final class ViewSetWriter {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._~-]{0,199}");
  private static final String TEMPORARY = ".writing-";

  private final Path root;

  /**
   * Makes the folder if it is missing.
   *
   * @param root the view set's folder
   * @throws IOException if it cannot be made
   */
  public ViewSetWriter(Path root) throws IOException {
    this.root = Files.createDirectories(root);
  }

  /**
   * Says whether an object exists and need not be rendered.
   *
   * @param id the object's name
   * @return true if {@link #write} would skip it; false if views are missing or its {@code
   *     meta.json} is damaged
   */
  public boolean isComplete(String id) {
    return complete(id).isPresent();
  }

  /**
   * Writes an object, unless it exists.
   *
   * @param id the object's name: letters, digits, points, dashes, underscores and tildes, at most
   *     200
   * @param views its views, at least one, all with the meta's intrinsics
   * @param meta its metadata
   * @return false if the object existed
   * @throws IOException if a file cannot be written
   * @throws IllegalArgumentException if the id, the views or the meta are not as described
   */
  public boolean write(String id, List<View> views, ObjectMeta meta) throws IOException {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "object id \""
              + id
              + "\" is no plain name, expected letters, digits, '.', '-', '_', '~'");
    }
    if (views.isEmpty()) {
      throw new IllegalArgumentException("object " + id + " has no views, expected at least 1");
    }
    meta.requireRadii();
    for (int i = 0; i < views.size(); i++) {
      if (!views.get(i).intrinsics().equals(meta.intrinsics())) {
        throw new IllegalArgumentException(
            "view " + i + " of " + id + " has other intrinsics than its meta, expected the same");
      }
    }
    if (isComplete(id)) {
      return false;
    }
    Path folder = root.resolve(id);
    Path temporary = root.resolve(TEMPORARY + id);
    delete(temporary);
    Files.createDirectory(temporary);
    for (int i = 0; i < views.size(); i++) {
      writeView(temporary, i, views.get(i));
    }
    meta.write(temporary.resolve(ObjectMeta.FILE_NAME), views.size());
    delete(folder);
    Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    return true;
  }

  /**
   * Writes {@code valid_paths.json} and {@code split.json} for all complete objects, including
   * those of earlier runs.
   *
   * @throws IOException if a file cannot be read or written
   */
  public void finish() throws IOException {
    List<SplitRule.Item> items = new ArrayList<>();
    for (String id : folders(root)) {
      Optional<ObjectMeta> meta = complete(id);
      meta.ifPresent(m -> items.add(new SplitRule.Item(id, m.stem(), m.meshHash())));
    }
    JsonArray ids = new JsonArray();
    items.forEach(item -> ids.add(item.id()));
    SplitFile.write(root, SplitRule.DEFAULT.assign(items));
    // Last: a set with this list is complete.
    JsonFile.write(root.resolve(ViewSet.LIST), ids);
  }

  /** Returns the sorted names of the folders that may be objects. */
  static Set<String> folders(Path root) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(root)) {
      files
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .forEach(names::add);
    }
    return names;
  }

  private Optional<ObjectMeta> complete(String id) {
    Path folder = root.resolve(id);
    Path file = folder.resolve(ObjectMeta.FILE_NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ObjectFiles files = ObjectFiles.of(folder);
    try {
      ObjectMeta.Stored stored = ObjectMeta.read(files);
      boolean whole = ViewObject.countViews(files) == stored.views();
      return whole ? Optional.of(stored.meta()) : Optional.empty();
    } catch (IOException e) {
      // A damaged object is written again, as one with missing views is.
      return Optional.empty();
    }
  }

  private static void writeView(Path folder, int index, View view) throws IOException {
    int width = view.intrinsics().width();
    int height = view.intrinsics().height();
    PngFile.write(folder.resolve(ViewObject.name(index, ".png")), width, height, view.rgba());
    double[] camera = BlenderPose.fromCameraPose(view.pose());
    Npy.write(folder.resolve(ViewObject.name(index, ".npy")), camera, 3, 4);
    if (view.depth().isPresent()) {
      Path file = folder.resolve(ViewObject.name(index, ".depth.npy"));
      Npy.write(file, view.depth().get(), height, width);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
