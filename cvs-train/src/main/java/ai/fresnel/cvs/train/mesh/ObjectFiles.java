package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.train.image.ImageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * The files of one object: finds and reads them within the object's {@link Budget}, decodes each
 * image once, and collects the notes.
 */
final class ObjectFiles {
  private static final int MAX_NOTES = 12;

  private final Archive archive;
  private final String name;
  private final String folder;
  private final Budget budget;
  private final Set<String> notes = new LinkedHashSet<>();
  private long moreNotes;
  private int expected = 1;
  private final Map<String, byte[]> kept = new HashMap<>();

  /** Null for images that cannot be used. */
  private final Map<String, Texture> textures = new HashMap<>();

  /** Reads the bytes of an image. */
  interface Source {
    byte[] read() throws IOException;
  }

  /**
   * Starts an object.
   *
   * @param archive holds its files
   * @param name the real name of its mesh file in the archive
   * @param budget what it may take
   */
  ObjectFiles(Archive archive, String name, Budget budget) {
    this.archive = archive;
    this.name = name;
    this.folder = Archive.folderOf(name);
    this.budget = budget;
  }

  /** Returns the name of the mesh file for messages. */
  String label() {
    return archive.label(name);
  }

  /** Returns the real name of the mesh file in the archive. */
  String name() {
    return name;
  }

  Budget budget() {
    return budget;
  }

  /** Notes what is missing, replaced or left out, in one printable line; each line once. */
  void note(String line) {
    if (notes.contains(line)) {
      return;
    }
    String printable = TextFiles.printable(line);
    if (notes.size() < MAX_NOTES) {
      notes.add(printable.length() > 240 ? printable.substring(0, 240) + "…" : printable);
    } else if (!notes.contains(printable)) {
      moreNotes++;
    }
  }

  /** Returns the notes. */
  List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    if (moreNotes > 0) {
      all.add("and " + moreNotes + " more");
    }
    return all;
  }

  /** Returns the real name of a file that the mesh file names, or null; never one outside. */
  String find(String wanted) {
    return archive.find(folder, wanted);
  }

  /** Reads a file that is dropped after use. */
  byte[] read(String real, int limit) throws IOException {
    return read(real, limit, Math.max(budget.bytesAtOnce(), budget.bytesLeft()));
  }

  /** Reads a file that stays in memory; once, however often it is named. */
  byte[] keep(String real) throws IOException {
    byte[] bytes = kept.get(real);
    if (bytes == null) {
      bytes = read(real, MeshFiles.MAX_BYTES, budget.bytesLeft());
      budget.bytes(bytes.length);
      kept.put(real, bytes);
    }
    return bytes;
  }

  private byte[] read(String real, int limit, long memory) throws IOException {
    try {
      byte[] bytes = archive.read(real, (int) Math.min(limit, memory));
      budget.read(bytes.length);
      return bytes;
    } catch (Archive.TooLongException e) {
      if (memory >= limit) {
        throw e;
      }
      throw new IOException(
          e.getMessage() + ", all that Java's memory allows; --heap gives more", e);
    }
  }

  /** Says how many textures will be decoded, to share the memory among them. */
  void expectTextures(long count) {
    expected = (int) Math.max(1, Math.min(count, Integer.MAX_VALUE));
  }

  /**
   * Decodes an image, once for each key.
   *
   * @param key stands for the image and for what is done to its pixels
   * @param what the image, for notes
   * @param source reads it
   * @param pixel applied to each pixel, 0xAARRGGBB
   * @return the texture, or null with a note
   */
  Texture texture(String key, String what, Source source, IntUnaryOperator pixel) {
    if (!textures.containsKey(key)) {
      textures.put(key, decode(what, source, pixel));
    }
    return textures.get(key);
  }

  private Texture decode(String what, Source source, IntUnaryOperator pixel) {
    try {
      byte[] bytes = source.read();
      ImageFile image = TextureDecoder.open(bytes);
      if (!budget.decodes((long) image.width() * image.height(), bytes.length)) {
        note(what + " is left out: the images of the object have too many pixels together");
        return null;
      }
      long most = budget.texelsOf(expected);
      int side = (int) Math.min(TextureDecoder.WANTED_SIDE, Math.max(1, Math.sqrt((double) most)));
      if (side < TextureDecoder.WANTED_SIDE) {
        note("textures have " + side + " texels a side at most, to fit into Java's memory");
      }
      Texture texture = TextureDecoder.decode(image, side, pixel);
      budget.texels((long) texture.width() * texture.height());
      return texture;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      note(what + " is unusable: " + TextFiles.oneLine(e));
      return null;
    }
  }
}
