package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.json.Json;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipException;

/**
 * Finds files by name in a folder or a zip file. Names are relative, with forward slashes. Look-ups
 * ignore case, since most material files come from systems that ignore it.
 */
abstract class Archive implements Closeable {
  /** The largest number of files; protects the memory from archives of names only. */
  static final int MAX_FILES = 1_000_000;

  /** From the lower-case normalised name to the real name. */
  private final Map<String, String> names = new TreeMap<>();

  /** Returns the name for messages. */
  abstract String label();

  /** Returns the name of a file for messages, printable. */
  final String label(String name) {
    return Json.printable(label() + ": " + name);
  }

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

  /** Returns the real names, sorted. */
  final Collection<String> names() {
    return names.values();
  }

  /**
   * Finds a file by name.
   *
   * @param folder the folder that the name is relative to, or "" for the root
   * @param name the name in a material file, with either slash, in any case, maybe absolute
   * @return the real name; the file of that name in {@code folder} if the path leads nowhere; null
   *     if there is none. Never a file outside this archive.
   */
  final String find(String folder, String name) {
    String slashed = name.strip().replace('\\', '/');
    String full = normalise(folder.isEmpty() ? slashed : folder + "/" + slashed);
    String found = full == null ? null : lookUp(full.toLowerCase(Locale.ROOT));
    if (found == null) {
      String base = slashed.substring(slashed.lastIndexOf('/') + 1);
      String near = normalise(folder.isEmpty() ? base : folder + "/" + base);
      found = near == null ? null : lookUp(near.toLowerCase(Locale.ROOT));
    }
    return found;
  }

  /** Returns the real name of a file by its lower-case normalised name; null if there is none. */
  String lookUp(String lower) {
    return names.get(lower);
  }

  /**
   * Reads a whole file.
   *
   * @param name its real name
   * @param limit the most bytes, counted while reading
   * @return its bytes
   * @throws IOException if it is longer or cannot be read
   */
  final byte[] read(String name, int limit) throws IOException {
    try (InputStream in = open(name)) {
      byte[] bytes = in.readNBytes(limit);
      if (bytes.length == limit && in.read() >= 0) {
        throw new TooLongException(label(name) + " is longer than " + limit + " bytes");
      }
      return bytes;
    } catch (EOFException | ZipException e) {
      throw new IOException(label(name) + " is damaged: " + TextFiles.oneLine(e), e);
    }
  }

  /** Says that a file is longer than the limit. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLongException(String message) {
      super(message);
    }
  }

  /** Returns the folder part of a name, "" for the root. */
  static String folderOf(String name) {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  /** Resolves "." and ".."; returns null if the name leads out of the archive. */
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
