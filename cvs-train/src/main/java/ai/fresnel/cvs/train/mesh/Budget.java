package ai.fresnel.cvs.train.mesh;

import java.io.IOException;

/**
 * Counts what one object takes, before it is allocated: triangles, vertices, JSON, bytes of files
 * and textures. A small file can ask for much through instances, references and compression.
 *
 * <p>Everything together may take half of Java's memory.
 */
final class Budget {
  /** The most triangles; real files have fewer. */
  static final int MAX_TRIANGLES = 3_000_000;

  /** The most bytes of all files of an object, read one after another. */
  private static final long MAX_READ = 4L << 30;

  /** The most pixels of all images of an object, at the size of their files. */
  private static final long MAX_PIXELS = 1L << 31;

  /** The pixels of images, however small their files: one of 16384×16384, 256 of 1024×1024. */
  private static final long FREE_PIXELS = 1L << 28;

  /** The pixels for each byte of an image's file beyond those; photographs have fewer. */
  private static final int PIXELS_PER_BYTE = 20;

  // Bytes of memory for one of each at the peak, growing arrays and the final mesh together.
  private static final int TRIANGLE = 480;
  private static final int VERTEX = 96;
  private static final int FILE_BYTE = 3;
  private static final int JSON_VALUE = 200;
  private static final int COMPRESSED = 700;
  private static final int TEXEL = 22;

  private final long memory;
  private long taken;
  private long triangles;
  private long read;
  private long pixels;
  private long freePixels;

  /** Starts an object with half of Java's memory. */
  Budget() {
    this(Runtime.getRuntime().maxMemory() / 2);
  }

  /**
   * Starts an object.
   *
   * @param memory bytes
   */
  Budget(long memory) {
    this.memory = memory;
  }

  /** Counts triangles of the mesh. */
  void triangles(long count) throws IOException {
    triangles += count;
    if (triangles > MAX_TRIANGLES) {
      throw new IOException("more than " + MAX_TRIANGLES + " triangles");
    }
    take(count, TRIANGLE, "triangles");
  }

  /** Counts vertices of the mesh. */
  void vertices(long count) throws IOException {
    take(count, VERTEX, "vertices");
  }

  /** Counts values of JSON. */
  void values(long count) throws IOException {
    take(count, JSON_VALUE, "values of JSON");
  }

  /** Counts triangles and points that a decoder unpacks. */
  void compressed(long count) throws IOException {
    take(count, COMPRESSED, "compressed triangles and points");
  }

  /** Counts bytes that stay in memory. */
  void bytes(long count) throws IOException {
    take(count, FILE_BYTE, "bytes");
  }

  /** Returns how many bytes may still stay in memory. */
  long bytesLeft() {
    return (memory - taken) / FILE_BYTE;
  }

  /** Returns how many bytes may be read at once and dropped. */
  long bytesAtOnce() {
    return memory / 16;
  }

  /** Counts bytes that were read, whether they stay or not. */
  void read(long count) throws IOException {
    read += count;
    if (read > MAX_READ) {
      throw new IOException("its files have more than " + MAX_READ + " bytes");
    }
  }

  /**
   * Counts the pixels of an image, whose decoding takes time.
   *
   * @param count width times height
   * @param bytes the size of the file
   * @return false if the image is one too many
   */
  boolean decodes(long count, long bytes) {
    long most = Math.min(MAX_PIXELS, Math.max(freePixels, FREE_PIXELS) + PIXELS_PER_BYTE * bytes);
    if (pixels + count > most) {
      return false;
    }
    pixels += count;
    freePixels = most;
    return true;
  }

  /**
   * Returns the most texels that a texture may keep: an equal share of half the memory, so that
   * many textures become smaller instead of too many.
   *
   * @param textures the number of textures of the object, at least 1
   */
  long texelsOf(int textures) {
    return Math.max(1, memory / 2 / TEXEL / textures);
  }

  /** Counts the texels that a texture keeps. */
  void texels(long count) throws IOException {
    take(count, TEXEL, "texels");
  }

  private void take(long count, int each, String what) throws IOException {
    long bytes = Math.multiplyExact(count, (long) each);
    if (bytes > memory - taken) {
      throw new IOException(
          String.format(
              "%s%s need more memory than %d MB, half of Java's; --heap gives more",
              count == 1 ? "its " : count + " ", what, memory >> 20));
    }
    taken += bytes;
  }
}
