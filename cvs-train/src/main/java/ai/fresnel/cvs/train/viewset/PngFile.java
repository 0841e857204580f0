package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.ImageFormat;
import ai.fresnel.cvs.train.image.PngBytes;
import ai.fresnel.cvs.train.image.UnreadableImageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads and writes PNG files as 8-bit RGBA with straight (not premultiplied) alpha, row by row,
 * four bytes a pixel.
 */
public final class PngFile {

  /** The longest side to decode, in pixels. */
  static final int MAX_SIDE = 4096;

  /** The most bytes of a PNG of that size: 8 for each pixel, and some overhead. */
  static final long MAX_BYTES = 8L * MAX_SIDE * MAX_SIDE + (1 << 20);

  private final int width;
  private final int height;
  private final byte[] rgba;

  private PngFile(int width, int height, byte[] rgba) {
    this.width = width;
    this.height = height;
    this.rgba = rgba;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  byte[] rgba() {
    return rgba;
  }

  /**
   * Reads an image. Checks its sides before it decodes the pixels.
   *
   * @throws IOException naming the file if it is no PNG, damaged, or has a side above 4096 pixels
   */
  static PngFile read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw DamagedFile.error(file, size + " bytes", "a PNG of at most " + MAX_BYTES);
    }
    return decode(file, Files.readAllBytes(file));
  }

  /** Reads an image from its bytes; {@code file} names it in messages. */
  static PngFile decode(Path file, byte[] bytes) throws IOException {
    String expected = "a PNG of at most " + MAX_SIDE + "×" + MAX_SIDE + " pixels";
    try {
      ImageFile image = ImageFile.of(file.toString(), bytes);
      if (image.format() != ImageFormat.PNG) {
        throw DamagedFile.error(file, "a " + image.format(), expected);
      }
      if (Math.max(image.width(), image.height()) > MAX_SIDE) {
        throw DamagedFile.error(file, image.width() + "×" + image.height() + " pixels", expected);
      }
      return new PngFile(image.width(), image.height(), image.read().rgba());
    } catch (UnreadableImageException e) {
      throw DamagedFile.error(file, e.problem(), expected);
    }
  }

  /**
   * Writes an image atomically.
   *
   * @param file the file, in an existing folder; replaces an older file
   * @param width pixels
   * @param height pixels
   * @param rgba (height, width, 4), 8-bit sRGB and straight alpha
   * @throws IOException naming the file if it cannot be written
   */
  public static void write(Path file, int width, int height, byte[] rgba) throws IOException {
    AtomicFiles.writeUnflushed(file, encode(width, height, rgba));
  }

  static byte[] encode(int width, int height, byte[] rgba) throws IOException {
    int[] argb = new int[width * height];
    for (int i = 0; i < argb.length; i++) {
      argb[i] =
          (rgba[4 * i + 3] & 0xff) << 24
              | (rgba[4 * i] & 0xff) << 16
              | (rgba[4 * i + 1] & 0xff) << 8
              | (rgba[4 * i + 2] & 0xff);
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, width, height, argb, 0, width);
    return PngBytes.of(image);
  }
}
