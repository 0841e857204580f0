package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.train.file.Guarded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Reads all views of a set, describes them and finds problems.
 *
 * <p>{@code ViewSetInspector.inspect(folder).report()}. A problem <em>spoils training</em> if a
 * network trained on the set would learn it: damaged files, mixed sizes, wrong cameras, silhouettes
 * that do not fit their cameras, objects in two splits, or more than a few empty, black or clipped
 * images.
 */
public final class ViewSetInspector {

  /** The largest share of faulty images; a correct renderer makes few. */
  private static final double MAX_FAULTY_SHARE = 0.02;

  /**
   * The largest share of clipped images; above it the framing is wrong. Zero123's cameras are so
   * near that the diagonal of an object does not always fit: 3.5 % of the views of procedural
   * furniture are clipped.
   */
  private static final double MAX_CLIPPED_SHARE = 0.1;

  private static final double LOOK_AT_TOLERANCE = Math.toRadians(1);
  private static final double RADIUS_TOLERANCE = 1e-3;

  /** The least radius if {@code meta.json} gives none; Zero123 renders at 1.5 to 2.2. */
  private static final double MIN_RADIUS = 1;

  private static final double MAX_RADIUS = 3;
  private static final int MAX_LINES = 20;

  /** Compared pairs of silhouettes of each object. */
  private static final int PAIRS = 3;

  /**
   * The largest difference in pixels of the silhouettes of three of four pairs: one pixel for the
   * raster, and a share of the side for half transparent edges. Furniture has 0.4 at 64 pixels, and
   * 3 to 4 with mirrored or inverted cameras. The median would be less, since symmetric objects do
   * not reveal mirrored cameras.
   */
  private static final double EPIPOLAR_PIXELS = 1;

  private static final double EPIPOLAR_SHARE = 0.01;

  private final Path root;
  private final ViewStatistics statistics = new ViewStatistics();
  private final List<String> spoiling = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final Map<String, Integer> resolutions = new TreeMap<>();
  private final Map<Split, Integer> splits = new TreeMap<>();
  private final List<Double> epipolar = new ArrayList<>();
  private final Map<String, String> contents = new HashMap<>();
  private final List<String> copies = new ArrayList<>();
  private int leaks;
  private int side;
  private int objects;

  private ViewSetInspector(Path root) {
    this.root = root;
  }

  /**
   * Reads a whole view set.
   *
   * @param root its folder
   * @return the findings
   * @throws IOException if it is no view set, or a list is damaged
   */
  public static ViewSetInspector inspect(Path root) throws IOException {
    ViewSetInspector inspector = new ViewSetInspector(root);
    inspector.read(ViewSet.open(root));
    return inspector;
  }

  /**
   * Says whether a problem spoils training.
   *
   * @return true if any problem spoils training
   */
  public boolean spoilsTraining() {
    return !spoiling.isEmpty();
  }

  /**
   * Returns all problems; those that spoil training come first.
   *
   * @return one line each; empty if nothing is wrong
   */
  public List<String> problems() {
    List<String> all = new ArrayList<>(spoiling);
    all.addAll(remarks);
    return List.copyOf(all);
  }

  /**
   * Returns the standard deviation of all pixel values, on white, over all channels.
   *
   * @return in units of the [-1, 1] range, the value for sigmaData
   */
  public double sigmaData() {
    return statistics.sigmaData();
  }

  /**
   * Returns the number of objects that could be read.
   *
   * @return 0 or more
   */
  public int objects() {
    return objects;
  }

  /**
   * Returns the number of views that could be read.
   *
   * @return 0 or more
   */
  public long views() {
    return statistics.views();
  }

  /**
   * Returns the findings as text.
   *
   * @return several lines
   */
  public String report() {
    StringBuilder text = new StringBuilder();
    text.append(line("view set    %s", root));
    text.append(line("objects     %d %s", objects, splits));
    text.append(line("views       %d, pixels and number of views: %s", views(), resolutions));
    text.append(line("sigmaData   %.4f", sigmaData()));
    text.append(statistics.report());
    text.append(
        epipolar.isEmpty()
            ? line("cameras     no two views whose silhouettes could be compared")
            : line(
                "cameras     silhouettes agree within %.2f pixels in three of four of %d pairs",
                epipolarQuartile(), epipolar.size()));
    text.append(
        line(
            "verdict     %s",
            spoilsTraining()
                ? "spoils training"
                : remarks.isEmpty() ? "sound" : "sound, with remarks"));
    append(text, "problem", spoiling);
    append(text, "remark", remarks);
    return text.toString();
  }

  private void read(ViewSet set) throws IOException {
    for (Split split : Split.values()) {
      splits.put(split, set.ids(split).size());
    }
    for (String id : set.ids()) {
      try {
        read(set, Guarded.run(() -> set.object(id)));
        objects++;
      } catch (IOException e) {
        spoiling.add(e.getMessage());
      }
    }
    if (resolutions.size() > 1) {
      spoiling.add("images have " + resolutions.size() + " sizes, expected one");
    }
    statistics.faults(MAX_FAULTY_SHARE, MAX_CLIPPED_SHARE, spoiling, remarks);
    splits.forEach(
        (split, count) -> {
          if (count == 0) {
            remarks.add("split " + split + " has no objects");
          }
        });
    checkGroups(set.items(set.ids()));
    checkSilhouettes();
    if (!copies.isEmpty()) {
      String found =
          copies.size()
              + " objects are copies or variants of others: "
              + String.join(", ", copies.subList(0, Math.min(3, copies.size())));
      (leaks > 0 ? spoiling : remarks)
          .add(leaks > 0 ? found + "; " + leaks + " in another split than the first" : found);
    }
  }

  private double epipolarQuartile() {
    List<Double> sorted = epipolar.stream().sorted().toList();
    return sorted.get(3 * sorted.size() / 4);
  }

  private void checkSilhouettes() {
    if (epipolar.isEmpty()) {
      return;
    }
    double allowed = EPIPOLAR_PIXELS + EPIPOLAR_SHARE * side;
    if (epipolarQuartile() > allowed) {
      spoiling.add(
          String.format(
              Locale.ROOT,
              "silhouettes differ by %.1f pixels in one of four of %d pairs, expected %.1f: the"
                  + " cameras are not those of the images",
              epipolarQuartile(),
              epipolar.size(),
              allowed));
    }
  }

  /** Finds copies and variants: objects with the same mesh file or the same images. */
  private void checkCopy(ViewSet set, ViewObject object, List<View> views) {
    String mesh = object.meta().map(ObjectMeta::meshHash).orElse("");
    List<String> keys = new ArrayList<>();
    if (!mesh.isEmpty()) {
      keys.add("mesh " + mesh);
    }
    if (!views.isEmpty()) {
      CRC32 sum = new CRC32();
      views.forEach(view -> sum.update(view.rgba()));
      keys.add("images " + views.size() + " " + sum.getValue());
    }
    String first = null;
    for (String key : keys) {
      String other = contents.putIfAbsent(key, object.id());
      first = first == null ? other : first;
    }
    if (first != null) {
      copies.add(object.id() + " of " + first);
      leaks += set.split(first) == set.split(object.id()) ? 0 : 1;
    }
  }

  private void checkGroups(Collection<SplitRule.Item> items) {
    int largest = SplitRule.groups(items).values().stream().mapToInt(List::size).max().orElse(0);
    if (items.size() >= 10 && largest * 2 > items.size()) {
      remarks.add(
          largest + " of " + items.size() + " objects count as variants of one: stems too alike");
    }
  }

  private void read(ViewSet set, ViewObject object) {
    List<View> views = new ArrayList<>();
    if (object.size() < 2) {
      remarks.add(object.id() + ": 1 view, expected a source and a target at least");
    }
    for (int i = 0; i < object.size(); i++) {
      try {
        int index = i;
        View view = Guarded.run(() -> object.read(index));
        int width = view.intrinsics().width();
        int height = view.intrinsics().height();
        side = Math.max(side, width);
        resolutions.merge(width + "x" + height, 1, Integer::sum);
        if (width != height) {
          spoiling.add(name(object, i) + ": image is not square");
        }
        statistics.add(view);
        checkPose(object, i, view.pose());
        views.add(view);
      } catch (IOException e) {
        spoiling.add(e.getMessage());
      }
    }
    for (int i = 0; i < Math.min(PAIRS, views.size() - 1); i++) {
      EpipolarCheck.pixels(views.get(i), views.get(i + 1)).ifPresent(epipolar::add);
    }
    checkCopy(set, object, views);
  }

  private void checkPose(ViewObject object, int index, CameraPose pose) {
    double[] origin = pose.translation();
    double offAxis = Math.atan2(Math.hypot(origin[0], origin[1]), origin[2]);
    if (offAxis > LOOK_AT_TOLERANCE) {
      spoiling.add(
          name(object, index)
              + String.format(
                  Locale.ROOT,
                  ": camera looks %.1f degrees past the origin, expected at most %.0f",
                  Math.toDegrees(offAxis),
                  Math.toDegrees(LOOK_AT_TOLERANCE)));
    }
    Optional<ObjectMeta> meta = object.meta();
    double min = meta.map(ObjectMeta::minRadius).orElse(MIN_RADIUS);
    double max = meta.map(ObjectMeta::maxRadius).orElse(MAX_RADIUS);
    double radius = pose.radius();
    if (radius < min * (1 - RADIUS_TOLERANCE) || radius > max * (1 + RADIUS_TOLERANCE)) {
      spoiling.add(
          name(object, index)
              + String.format(
                  Locale.ROOT, ": radius is %.3f, expected %.3f to %.3f", radius, min, max));
    }
  }

  private static String name(ViewObject object, int index) {
    return String.format(Locale.ROOT, "%s/%03d", object.id(), index);
  }

  private static void append(StringBuilder text, String word, List<String> lines) {
    for (String problem : lines.subList(0, Math.min(MAX_LINES, lines.size()))) {
      // Names from files may hold control characters.
      text.append(line("%-11s %s", word, Json.printable(problem)));
    }
    if (lines.size() > MAX_LINES) {
      text.append(line("%-11s ... and %d more", word, lines.size() - MAX_LINES));
    }
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }
}
