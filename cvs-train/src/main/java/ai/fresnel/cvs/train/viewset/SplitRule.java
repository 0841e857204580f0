package ai.fresnel.cvs.train.viewset;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Assigns objects to training, validation and test, and keeps variants of one object together.
 *
 * <p>Objects with the same mesh hash or the same stem are linked; connected objects form a group.
 * The SHA-256 of the name of the group decides, so an object lands in the same split in every view
 * set, whatever else is in it. Stems are compared in lower case without folder, file ending,
 * trailing digits and separators: {@code chairs/Chair_02.obj} and {@code chair-3} are linked. Empty
 * values and generic names ({@code model}, {@code mesh}, ...) link nothing.
 *
 * <p>Some collections number unlike objects, {@code random001} to {@code random500}. By the rule
 * above all of them would be variants of one. So writers of view sets store {@link #stem}, which
 * marks serial numbers. Sets written before have no marks, and keep their splits.
 *
 * @param trainShare expected share of groups for training, in [0, 1]
 * @param validationShare expected share of groups for validation, in [0, 1]; the rest is for test
 */
public record SplitRule(double trainShare, double validationShare) {

  /**
   * About 79 % training, 8 % validation, 13 % test. Of 820 single objects, 107 ± 10 are for test:
   * 80 or more are almost certain.
   */
  public static final SplitRule DEFAULT = new SplitRule(0.79, 0.08);

  private static final Pattern FOLDER = Pattern.compile("^.*[/\\\\]");
  private static final Pattern MESH_ENDING =
      Pattern.compile("\\.(obj|glb|gltf|ply|stl|off|fbx|dae|blend|usdz?)$");
  private static final Pattern VARIANT = Pattern.compile("[\\s0-9_.()\\-]+$");

  /** Three digits: nobody makes a hundred variants of an object, but collections have hundreds. */
  private static final Pattern SERIAL = Pattern.compile("[0-9]{3,}[\\s_.()\\-]*$");

  /** Names of generated objects, which say nothing whatever their number. */
  private static final Set<String> SERIAL_NAMES =
      Set.of("item", "obj", "random", "sample", "shape");

  /** Ends a stem that is to be taken as it is: the rule strips digits only at the end. */
  private static final char MARK = '#';

  /** Default names of exporters; as links they would join a whole collection into one group. */
  private static final Set<String> GENERIC_NAMES =
      Set.of(
          "",
          "asset",
          "export",
          "geometry",
          "mesh",
          "meshes",
          "model",
          "model_normalized",
          "object",
          "scene",
          "texture",
          "textured",
          "untitled");

  /**
   * The facts about an object that the rule uses.
   *
   * @param id the object's name in its view set
   * @param stem the mesh's file name, or empty
   * @param meshHash a hash of the mesh's content, or empty
   */
  public record Item(String id, String stem, String meshHash) {}

  /**
   * Assigns every object.
   *
   * @param items the objects, in any order
   * @return id → split, sorted by id
   */
  public Map<String, Split> assign(Collection<Item> items) {
    Map<String, Split> splits = new TreeMap<>();
    groups(items).forEach((name, ids) -> ids.forEach(id -> splits.put(id, splitOf(name))));
    return splits;
  }

  /** Returns the connected components by name, each with its ids. */
  static Map<String, List<String>> groups(Collection<Item> items) {
    Map<String, String> parents = new HashMap<>();
    for (Item item : items) {
      String stem = normalise(item.stem());
      String node = "id:" + item.id();
      if (!GENERIC_NAMES.contains(stem)) {
        join(parents, node, "a-stem:" + stem);
      }
      if (!item.meshHash().isEmpty()) {
        join(parents, node, "b-mesh:" + item.meshHash());
      }
    }
    Map<String, List<String>> groups = new TreeMap<>();
    for (Item item : items) {
      String root = find(parents, "id:" + item.id());
      groups.computeIfAbsent(root, key -> new ArrayList<>()).add(item.id());
    }
    return groups;
  }

  static String normalise(String stem) {
    String name = FOLDER.matcher(stem).replaceFirst("").toLowerCase(Locale.ROOT);
    name = MESH_ENDING.matcher(name).replaceFirst("");
    return VARIANT.matcher(name).replaceFirst("");
  }

  /**
   * Returns the stem to store with an object that is written to a view set: the mesh's name, marked
   * where its number is a serial number, so that it links no other. Numbers of three digits and
   * more are serial numbers, and those of names like {@code random} or {@code shape} whatever their
   * length.
   *
   * @param name the mesh's file name, or empty
   * @return the name; followed by {@code #} if its number is a serial number
   */
  public static String stem(String name) {
    String plain = MESH_ENDING.matcher(name.toLowerCase(Locale.ROOT)).replaceFirst("");
    boolean numbered = !plain.isEmpty() && Character.isDigit(plain.charAt(plain.length() - 1));
    boolean serial =
        SERIAL.matcher(plain).find() || (numbered && SERIAL_NAMES.contains(normalise(name)));
    return serial ? name.substring(0, plain.length()) + MARK : name;
  }

  private Split splitOf(String group) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(("cvs split 1 " + group).getBytes(StandardCharsets.UTF_8));
      // 53 bits, the precision of a double in [0, 1).
      double place = (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
      if (place < trainShare) {
        return Split.TRAIN;
      }
      return place < trainShare + validationShare ? Split.VALIDATION : Split.TEST;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String find(Map<String, String> parents, String node) {
    String root = node;
    while (!parents.getOrDefault(root, root).equals(root)) {
      root = parents.get(root);
    }
    // Shorten the path on the way, so that long chains stay cheap.
    String walked = node;
    while (!walked.equals(root)) {
      String next = parents.get(walked);
      parents.put(walked, root);
      walked = next;
    }
    return root;
  }

  /**
   * Joins two groups. The smaller name becomes the root, so the name of a group does not depend on
   * the order of objects.
   */
  private static void join(Map<String, String> parents, String one, String other) {
    String a = find(parents, one);
    String b = find(parents, other);
    if (a.compareTo(b) < 0) {
      parents.put(b, a);
    } else if (!a.equals(b)) {
      parents.put(a, b);
    }
  }
}
