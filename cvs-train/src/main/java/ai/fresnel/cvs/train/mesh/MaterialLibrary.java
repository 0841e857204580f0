package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The materials of the MTL files of an OBJ file: {@code Kd}, {@code d} and {@code map_Kd} with its
 * options {@code -s}, {@code -o} and {@code -clamp}. Each file is read once.
 */
final class MaterialLibrary {
  private static final int MAX_MTL_BYTES = 16 << 20;
  private static final float BLACKEST = 0.14f;
  private static final float GREY = 0.75f;

  /** The numbers or words after each option of a map; -3 means up to three numbers. */
  private static final Map<String, Integer> OPTIONS =
      Map.ofEntries(
          Map.entry("-s", -3),
          Map.entry("-o", -3),
          Map.entry("-t", -3),
          Map.entry("-mm", 2),
          Map.entry("-bm", 1),
          Map.entry("-boost", 1),
          Map.entry("-texres", 1),
          Map.entry("-blendu", 1),
          Map.entry("-blendv", 1),
          Map.entry("-cc", 1),
          Map.entry("-clamp", 1),
          Map.entry("-imfchan", 1),
          Map.entry("-type", 1),
          Map.entry("-colorspace", 1));

  private final ObjectFiles files;
  private final Map<String, Definition> definitions = new HashMap<>();
  private final Set<String> loaded = new HashSet<>();

  /**
   * Makes an empty library.
   *
   * @param files the files of the object
   */
  MaterialLibrary(ObjectFiles files) {
    this.files = files;
  }

  /** A material and the placement of its texture. */
  static final class Look {
    private final Material material;
    private final float[] placement;

    Look(Material material, float[] placement) {
      this.material = material;
      this.placement = placement;
    }

    Material material() {
      return material;
    }

    /** Returns scale of u, of v, and offset of u, of v; null to leave them. */
    float[] placement() {
      return placement;
    }
  }

  /** A material as the file defines it. */
  private static final class Definition {
    private final float[] kd = {GREY, GREY, GREY};
    private float opacity = 1;
    private String map;
    private float[] placement;
    private boolean clamp;
  }

  /**
   * Loads the files of a "mtllib" line: one file whose name may have spaces, or several files.
   *
   * @param line the names; may be quoted, and followed by a comment
   */
  void loadAll(String line) {
    String whole = unquoted(line);
    String bare = withoutComment(line);
    if (files.find(whole) != null || !bare.contains(" ")) {
      load(files.find(whole) != null ? whole : unquoted(bare));
    } else if (files.find(unquoted(bare)) != null) {
      load(unquoted(bare));
    } else {
      for (String name : bare.split("\\s+", -1)) {
        load(unquoted(name));
      }
    }
  }

  /** Adds the materials of an MTL file. Earlier definitions of a name stay. */
  void load(String mtlName) {
    String found = files.find(mtlName);
    if (found == null) {
      files.note("material file " + mtlName + " is missing");
    } else if (loaded.add(found)) {
      try {
        parse(found, TextFiles.decode(files.read(found, MAX_MTL_BYTES)));
      } catch (IOException | RuntimeException e) {
        files.note("material file " + found + " is damaged: " + TextFiles.oneLine(e));
      }
    }
  }

  private void parse(String file, String text) {
    Definition current = new Definition(); // For properties before the first material.
    int number = 0;
    for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
      number++;
      TextFiles.Words words = new TextFiles.Words(lines.next());
      String keyword = words.next();
      if (keyword == null) {
        continue;
      }
      boolean good = true;
      switch (keyword.toLowerCase(Locale.ROOT)) {
        case "newmtl" -> {
          current = new Definition();
          String name = words.rest();
          definitions.putIfAbsent(name, current);
          definitions.putIfAbsent(withoutComment(name), current);
        }
        case "kd" -> good = colour(words, current.kd);
        case "d" -> good = opacity(words, current);
        case "map_kd" -> map(words, current);
        case "map_d" -> files.note("transparency by an image (map_d) is left out");
        default -> {
          // Highlights and other properties do not affect the image.
        }
      }
      if (!good) {
        files.note(file + " line " + number + ": " + keyword + " is not a number in 0..1; ignored");
      }
    }
  }

  /** Reads red, green and blue; one number is a grey. */
  private static boolean colour(TextFiles.Words words, float[] kd) {
    double[] n = new double[3];
    int count = words.numbers(n);
    if (count == 1) {
      Arrays.fill(n, n[0]);
    }
    boolean good = count == 1 || count == 3;
    for (double value : n) {
      good &= !Double.isNaN(value);
    }
    for (int c = 0; c < 3 && good; c++) {
      kd[c] = Math.max(0, Math.min(1, (float) n[c]));
    }
    return good;
  }

  private static boolean opacity(TextFiles.Words words, Definition definition) {
    String word = words.next();
    double value = TextFiles.Words.number("-halo".equals(word) ? words.next() + "" : word + "");
    if (Double.isNaN(value)) {
      return false;
    }
    definition.opacity = Math.max(0, Math.min(1, (float) value));
    return true;
  }

  /** Reads the options and the name of a texture. */
  private void map(TextFiles.Words words, Definition definition) {
    float[] placement = {1, 1, 0, 0};
    String name = words.rest();
    while (name.startsWith("-")) {
      TextFiles.Words rest = new TextFiles.Words(name);
      String option = rest.next().toLowerCase(Locale.ROOT);
      Integer arguments = OPTIONS.get(option);
      if (arguments == null) {
        break; // A name that begins with a dash.
      }
      if (arguments < 0) {
        name = numbers(rest, option, placement);
      } else {
        for (int i = 0; i < arguments; i++) {
          String word = rest.next();
          definition.clamp |= option.equals("-clamp") && "on".equalsIgnoreCase(word);
        }
        name = rest.rest();
      }
    }
    boolean moved = !Arrays.equals(placement, new float[] {1, 1, 0, 0});
    definition.placement = moved ? placement : null;
    definition.map = name;
  }

  /** Reads one to three numbers of an option; returns what follows. */
  private static String numbers(TextFiles.Words words, String option, float[] placement) {
    int at = option.equals("-s") ? 0 : 2;
    String left = words.rest();
    for (int i = 0; i < 3; i++) {
      String word = words.next();
      float value = word == null ? Float.NaN : (float) TextFiles.Words.number(word);
      if (!Float.isFinite(value)) {
        break;
      }
      if (i < 2 && !option.equals("-t")) {
        placement[at + i] = value;
      }
      left = words.rest();
    }
    return left;
  }

  /** Shares the memory among the textures. */
  void expectTextures() {
    files.expectTextures(
        definitions.values().stream()
            .map(definition -> definition.map)
            .filter(Objects::nonNull)
            .distinct()
            .count());
  }

  /**
   * Returns the material of a name; light grey for an unknown or empty name.
   *
   * @param given the name, maybe followed by a comment
   * @param coloured whether vertices have colours; a surface without a material is white then
   */
  Look look(String given, boolean coloured) {
    String name = definitions.containsKey(given) ? given : withoutComment(given);
    Definition found = definitions.get(name);
    if (found == null) {
      if (!name.isEmpty()) {
        files.note("material " + name + " is not defined");
      }
      float grey = coloured ? 1 : GREY;
      return new Look(new Material(name, grey, grey, grey, 1, null), null);
    }
    float red = found.kd[0];
    float green = found.kd[1];
    float blue = found.kd[2];
    Texture texture = texture(found.map);
    if (texture != null) {
      // By the specification Kd multiplies map_Kd, but exporters write any grey: keep its hue only.
      float most = Math.max(red, Math.max(green, blue));
      boolean hue = most > 0.05f;
      red = hue ? red / most : 1;
      green = hue ? green / most : 1;
      blue = hue ? blue / most : 1;
      texture = found.clamp ? texture.wrapped(Texture.Wrap.CLAMP, Texture.Wrap.CLAMP) : texture;
    } else {
      red = lifted(red);
      green = lifted(green);
      blue = lifted(blue);
    }
    return new Look(
        new Material(name, red, green, blue, found.opacity, texture),
        texture == null ? null : found.placement);
  }

  private Texture texture(String given) {
    if (given == null || given.isBlank()) {
      return null;
    }
    String name = unquoted(given);
    String found = files.find(name);
    if (found == null) {
      name = unquoted(withoutComment(given));
      found = files.find(name);
    }
    if (found == null) {
      files.note("texture " + name + " is missing");
      return null;
    }
    String real = found;
    return files.texture(
        real.toLowerCase(Locale.ROOT),
        "texture " + real,
        () -> files.read(real, TextureDecoder.MAX_BYTES),
        argb -> argb);
  }

  /** Cuts what follows a # after a space. */
  private static String withoutComment(String text) {
    return text.replaceFirst("\\s#.*", "").strip();
  }

  private static String unquoted(String text) {
    String bare = text.strip();
    boolean quoted = bare.length() > 1 && bare.startsWith("\"") && bare.endsWith("\"");
    return quoted ? bare.substring(1, bare.length() - 1) : bare;
  }

  /** Raises dark values to those of real paint; pure black would show no shape. */
  static float lifted(float value) {
    return BLACKEST + (1 - BLACKEST) * value;
  }
}
