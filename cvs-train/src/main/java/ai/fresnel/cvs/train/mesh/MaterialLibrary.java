package ai.fresnel.cvs.train.mesh;

import de.javagl.obj.FloatTuple;
import de.javagl.obj.Mtl;
import de.javagl.obj.MtlReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The materials of the MTL files of an OBJ file, made when first used. */
final class MaterialLibrary {
  private static final int MAX_MTL_BYTES = 16 << 20;
  private static final float BLACKEST = 0.14f;

  /** Matches "map_Kd" with a name and no option. */
  private static final Pattern MAP =
      Pattern.compile("(?im)^([ \\t]*map_kd[ \\t]+)([^\\s-][^\\r\\n]*)$");

  private static final Pattern FIRST = Pattern.compile("(?im)^[ \\t]*newmtl\\b");

  /** A space that is no separator for the parser, which would cut names at spaces. */
  private static final char HARD_SPACE = '\u00a0';

  private final Archive archive;
  private final String folder;
  private final Set<String> notes;
  private final Map<String, Mtl> definitions = new HashMap<>();
  private final Map<String, Texture> textures = new HashMap<>();

  /**
   * Makes an empty library.
   *
   * @param archive holds the MTL files and textures
   * @param folder the folder of the OBJ file
   * @param notes receives a line for everything missing
   */
  MaterialLibrary(Archive archive, String folder, Set<String> notes) {
    this.archive = archive;
    this.folder = folder;
    this.notes = notes;
  }

  /** Loads the files of a "mtllib" line: one file whose name may have spaces, or several files. */
  void loadAll(String line) {
    if (archive.find(folder, line) != null || !line.contains(" ")) {
      load(line);
      return;
    }
    for (String name : line.strip().split("\\s+", -1)) {
      load(name);
    }
  }

  /** Adds the materials of an MTL file. Earlier definitions of a name stay. */
  void load(String mtlName) {
    String found = archive.find(folder, mtlName);
    if (found == null) {
      notes.add("material file " + mtlName + " is missing");
      return;
    }
    try {
      String text = TextFiles.decode(archive.read(found, MAX_MTL_BYTES));
      // The parser fails on properties before the first material, which some files have.
      Matcher first = FIRST.matcher(text);
      Matcher matcher = MAP.matcher(first.find() ? text.substring(first.start()) : "");
      String hardened =
          matcher.replaceAll(
              m ->
                  Matcher.quoteReplacement(
                      m.group(1) + m.group(2).strip().replace(' ', HARD_SPACE)));
      for (Mtl mtl : MtlReader.read(new StringReader(hardened))) {
        if (mtl.getName() != null) {
          definitions.putIfAbsent(mtl.getName(), mtl);
        }
      }
    } catch (IOException | RuntimeException e) {
      notes.add("material file " + found + " is damaged: " + TextFiles.oneLine(e));
    }
  }

  /** Returns the material of a name; light grey for an unknown or empty name. */
  Material material(String name) {
    Mtl mtl = definitions.get(name);
    if (mtl == null) {
      if (!name.isEmpty()) {
        notes.add("material " + name + " is not defined");
      }
      return new Material(name, 0.75f, 0.75f, 0.75f, 1, null);
    }
    FloatTuple kd = mtl.getKd();
    boolean full = kd != null && kd.getDimensions() >= 3;
    float red = full ? unit(kd.getX(), 0.75f) : 0.75f;
    float green = full ? unit(kd.getY(), 0.75f) : 0.75f;
    float blue = full ? unit(kd.getZ(), 0.75f) : 0.75f;
    float opacity = mtl.getD() == null ? 1 : unit(mtl.getD(), 1);
    Texture texture = texture(mtl.getMapKd());
    if (texture != null) {
      // By the specification Kd multiplies map_Kd, but exporters write any grey: keep its hue only.
      float most = Math.max(red, Math.max(green, blue));
      boolean hue = most > 0.05f;
      red = hue ? red / most : 1;
      green = hue ? green / most : 1;
      blue = hue ? blue / most : 1;
    } else {
      red = lifted(red);
      green = lifted(green);
      blue = lifted(blue);
    }
    return new Material(name, red, green, blue, opacity, texture);
  }

  private Texture texture(String name) {
    if (name == null || name.isBlank()) {
      return null;
    }
    String soft = name.replace(HARD_SPACE, ' ');
    String found = archive.find(folder, soft);
    if (found == null) {
      notes.add("texture " + soft + " is missing");
      return null;
    }
    String key = found.toLowerCase(Locale.ROOT);
    if (!textures.containsKey(key)) {
      Texture texture = null;
      try {
        texture = TextureDecoder.decode(archive.read(found, TextureDecoder.MAX_BYTES));
      } catch (IOException e) {
        notes.add("texture " + found + " is unusable: " + TextFiles.oneLine(e));
      }
      textures.put(key, texture);
    }
    return textures.get(key);
  }

  /** Raises dark values to those of real paint; pure black would show no shape. */
  static float lifted(float value) {
    return BLACKEST + (1 - BLACKEST) * value;
  }

  private static float unit(float value, float otherwise) {
    return Float.isNaN(value) ? otherwise : Math.max(0, Math.min(1, value));
  }
}
