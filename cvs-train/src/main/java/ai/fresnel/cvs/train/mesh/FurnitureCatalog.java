package ai.fresnel.cvs.train.mesh;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the facts about the models of an archive from the catalogue of Sweet Home 3D's furniture
 * libraries (licence, creators, rotations), or from the licence file if there is no catalogue.
 */
final class FurnitureCatalog {
  private static final int MAX_BYTES = 16 << 20;
  private static final Pattern CREATIVE_COMMONS =
      Pattern.compile("https?://creativecommons\\.org/[\\w./-]*[\\w/]");

  private final String licence;

  /** Null without a problem. */
  private String note;

  private final Map<String, String> creators = new HashMap<>();
  private final Map<String, float[]> turns = new HashMap<>();

  /**
   * Reads the catalogue of an archive. The licence is unknown without a catalogue or licence file.
   */
  FurnitureCatalog(Archive archive) {
    Properties properties = new Properties();
    String found = archive.find("", "PluginFurnitureCatalog.properties");
    if (found != null) {
      try {
        properties.load(new StringReader(text(archive.read(found, MAX_BYTES))));
      } catch (IOException | IllegalArgumentException e) {
        note = archive.label() + ": " + found + " is damaged: " + TextFiles.oneLine(e);
        properties.clear();
      }
    }
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith("model#")) {
        String number = key.substring("model#".length());
        String model = normal(properties.getProperty(key));
        creators.put(model, properties.getProperty("creator#" + number, "unknown").strip());
        float[] turn = turn(properties.getProperty("modelRotation#" + number));
        if (turn != null) {
          turns.put(model, turn);
        }
      }
    }
    licence = licence(archive, properties.getProperty("license", "").strip());
  }

  /** Decodes a properties file, which is Latin-1 unless a byte order mark says otherwise. */
  private static String text(byte[] bytes) {
    boolean marked = bytes.length > 1 && (bytes[0] & 0xFF) > 0xEE && (bytes[1] & 0xFF) > 0xBA;
    return marked ? TextFiles.decode(bytes) : new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Returns why the catalogue could not be read, if there is one and it could not. */
  Optional<String> note() {
    return Optional.ofNullable(note);
  }

  /** Returns the licence of the archive in one line. */
  String licence() {
    return licence;
  }

  /** Returns the creator of a model, or "unknown". */
  String creator(String model) {
    return creators.getOrDefault(normal(model), "unknown");
  }

  /** Returns the rotation (3,3) that sets a model upright, front forward. */
  float[] turnOf(String model) {
    return turns.getOrDefault(normal(model), ObjReader.IDENTITY);
  }

  private static String licence(Archive archive, String stated) {
    if (!stated.isEmpty()) {
      return stated.replaceAll("\\s+", " ");
    }
    for (String name : new String[] {"LICENSE.TXT", "LICENSE", "LICENCE.TXT", "LICENCE"}) {
      String found = archive.find("", name);
      if (found != null) {
        String otherwise = "see " + found + " in " + archive.label();
        try {
          Matcher url = CREATIVE_COMMONS.matcher(TextFiles.decode(archive.read(found, MAX_BYTES)));
          return url.find() ? url.group() : otherwise;
        } catch (IOException e) {
          return otherwise;
        }
      }
    }
    return "unknown";
  }

  /** Parses nine numbers of a rotation; returns null if they are missing or no rotation. */
  private static float[] turn(String text) {
    if (text == null) {
      return null;
    }
    String[] words = text.strip().split("\\s+", -1);
    float[] m = new float[9];
    if (words.length != 9) {
      return null;
    }
    try {
      for (int i = 0; i < 9; i++) {
        m[i] = Float.parseFloat(words[i]);
      }
    } catch (NumberFormatException e) {
      return null;
    }
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        float dot = m[3 * i] * m[3 * j] + m[3 * i + 1] * m[3 * j + 1] + m[3 * i + 2] * m[3 * j + 2];
        if (!(Math.abs(dot - (i == j ? 1 : 0)) < 0.01f)) {
          return null;
        }
      }
    }
    return m;
  }

  private static String normal(String model) {
    return model.strip().replaceFirst("^/+", "").toLowerCase(Locale.ROOT);
  }
}
