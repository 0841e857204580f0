package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/**
 * Reads and writes files of Gaussians in every {@link SplatFormat}.
 *
 * <pre>{@code
 * GaussianCloud cloud = SplatFiles.read(Path.of("chair.ply"));
 * SplatFiles.write(Path.of("chair.spz"), cloud);
 * }</pre>
 */
public final class SplatFiles {

  private static final int BUFFER = 1 << 16;

  private SplatFiles() {}

  /**
   * Reads a file in the axes of its format.
   *
   * @param file a {@code .ply}, {@code .splat} or {@code .spz} file; the content decides which
   * @return the cloud in the world's axes; Gaussians whose numbers are not finite are left out,
   *     with a warning
   * @throws IOException in one line naming the file, if it is missing, damaged, of another format,
   *     or needs more than half of Java's memory
   */
  public static GaussianCloud read(Path file) throws IOException {
    SplatFormat format = format(file);
    return read(file, format, format.axes());
  }

  /**
   * Reads a file in axes other than those of its format.
   *
   * @param file as in {@link #read(Path)}
   * @param axes the axes in which the file was written
   * @return as in {@link #read(Path)}
   * @throws IOException as {@link #read(Path)} does
   */
  public static GaussianCloud read(Path file, SplatAxes axes) throws IOException {
    return read(file, format(file), axes);
  }

  private static GaussianCloud read(Path file, SplatFormat format, SplatAxes axes)
      throws IOException {
    String name = file.toString();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
      long size = Files.size(file);
      GaussianCloud cloud =
          switch (format) {
            case PLY -> PlyReader.read(name, in, size);
            case SPZ -> SpzReader.read(name, in, size);
            case SPLAT -> DotSplat.read(name, in, size);
            case GLB -> throw new IOException(name + ": glTF is written, not read");
          };
      return axes.toWorld(cloud);
    } catch (EOFException e) {
      throw new IOException(name + ": is cut off", e);
    } catch (ZipException e) {
      throw new IOException(name + ": is no intact gzip file (" + Json.firstLine(e) + ")", e);
    } catch (OutOfMemoryError e) {
      long megabytes = Runtime.getRuntime().maxMemory() >> 20;
      throw new IOException(
          name + ": needs more memory than the " + megabytes + " MB there are", e);
    }
  }

  /** Finds the format by the first bytes; only {@code .splat} has none of its own. */
  private static SplatFormat format(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      // A pipe has no length and may never end.
      throw new IOException(file + ": " + (Files.exists(file) ? "is no file" : "is missing"));
    }
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(4);
    }
    if (begins(start, 'p', 'l', 'y')) {
      return SplatFormat.PLY;
    } else if (begins(start, 0x1F, 0x8B)) {
      return SplatFormat.SPZ;
    } else if (begins(start, 'N', 'G', 'S', 'P')) {
      throw new IOException(file + ": version 4 or later of .spz, expected 1 to 3");
    } else if (SplatFormat.of(file).filter(named -> named == SplatFormat.SPLAT).isPresent()) {
      return SplatFormat.SPLAT;
    }
    throw new IOException(file + ": expected a .ply, .splat or .spz file of Gaussians");
  }

  private static boolean begins(byte[] start, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (i >= start.length || (start[i] & 0xFF) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes a file in the axes of its format: completely, or not at all.
   *
   * @param file the file, replaced if it exists; the ending of its name decides the format
   * @param cloud a cloud in a world with +z up
   * @throws IllegalArgumentException if the ending is none of a {@link SplatFormat}, or the format
   *     cannot hold the cloud
   * @throws IOException naming the file if it cannot be written; an older file stays
   */
  public static void write(Path file, GaussianCloud cloud) throws IOException {
    write(file, cloud, format(file.toString(), file).axes());
  }

  /**
   * Writes a file in axes other than those of its format.
   *
   * @param file as in {@link #write(Path, GaussianCloud)}
   * @param cloud as there
   * @param axes the axes of the file
   * @throws IllegalArgumentException as there
   * @throws IOException as there
   */
  public static void write(Path file, GaussianCloud cloud, SplatAxes axes) throws IOException {
    SplatFormat format = format(file.toString(), file);
    GaussianCloud turned = axes.fromWorld(cloud);
    AtomicFiles.Content content;
    try {
      content =
          switch (format) {
            case PLY -> PlyWriter.content(turned);
            case SPLAT -> DotSplat.content(turned);
            case SPZ -> SpzWriter.content(turned);
            case GLB -> GaussianGlb.content(turned);
          };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
    AtomicFiles.write(file, content);
  }

  private static SplatFormat format(String name, Path file) {
    return SplatFormat.of(file)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    name + ": expected a name that ends in " + SplatFormat.endings()));
  }
}
