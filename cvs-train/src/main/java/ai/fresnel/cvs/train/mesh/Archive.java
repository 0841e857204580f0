package ai.fresnel.cvs.train.mesh;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Files by name, from a folder or a zip file. Names are relative, with forward slashes; look-ups
 * ignore case, since the material files were mostly written where it does not matter.
 */
abstract class Archive implements Closeable {
  /** Protects the memory against archives that are mostly directory. */
  static final int MAX_FILES = 1_000_000;

  /** Lower-case normalised name to real name. */
  private final Map<String, String> names = new TreeMap<>();

  /** The name for messages. */
  abstract String label();

  /** Opens a file by its real name. */
  abstract InputStream open(String name) throws IOException;

  /** Registers a file; the first of two names that differ only in case wins. */
  final void register(String name) throws IOException {
    String normal = normalise(name);
    if (normal != null) {
      names.putIfAbsent(normal.toLowerCase(Locale.ROOT), name);
      if (names.size() > MAX_FILES) {
        throw new IOException(label() + ": more than " + MAX_FILES + " files");
      }
    }
  }

  /** The real names, sorted. */
  final Collection<String> names() {
    return names.values();
  }

  /**
   * Looks a name up.
   *
   * @param folder the folder it is relative to, or "" for the root
   * @param name as a material file gives it: either slash, any case, maybe absolute
   * @return the real name; a file of that name in {@code folder} itself if the path leads nowhere;
   *     null if there is none. Never a file outside this archive.
   */
  final String find(String folder, String name) {
    String slashed = name.strip().replace('\\', '/');
    String full = normalise(folder.isEmpty() ? slashed : folder + "/" + slashed);
    String found = full == null ? null : names.get(full.toLowerCase(Locale.ROOT));
    if (found == null) {
      String base = slashed.substring(slashed.lastIndexOf('/') + 1);
      String near = normalise(folder.isEmpty() ? base : folder + "/" + base);
      found = near == null ? null : names.get(near.toLowerCase(Locale.ROOT));
    }
    return found;
  }

  /**
   * Reads a file whole.
   *
   * @param name its real name
   * @param limit the most bytes accepted, counted while reading
   * @return its bytes
   * @throws IOException if it is longer or cannot be read
   */
  final byte[] read(String name, int limit) throws IOException {
    try (InputStream in = open(name)) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        if (out.size() + (long) n > limit) {
          throw new IOException(label() + ": " + name + " is longer than " + limit + " bytes");
        }
        out.write(chunk, 0, n);
      }
      return out.toByteArray();
    }
  }

  /** The folder part of a name, "" for the root. */
  static String folderOf(String name) {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  /** Resolves "." and ".."; null if the name climbs out of the archive. */
  private static String normalise(String name) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : name.replace('\\', '/').split("/", -1)) {
      if (part.equals("..")) {
        if (parts.isEmpty()) {
          return null;
        }
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }
}
