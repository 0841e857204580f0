package ai.fresnel.cvs.examples.image;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.viewset.AtomicFile;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Reads photographs and writes images. */
public final class ImageFiles {

  /** A pixel takes four bytes while it is decoded, and four more as a photograph. */
  private static final long MAX_PIXELS = 1L << 26;

  private ImageFiles() {}

  /**
   * Reads a photograph with its alpha channel and turns it upright by its EXIF data. Checks the
   * size before it decodes.
   *
   * @param file PNG or JPEG
   * @return the photograph
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Photograph readPhotograph(Path file) throws IOException {
    Verb.requireExists(file);
    try (InputStream in = Files.newInputStream(file)) {
      return readPhotograph(file.toString(), in);
    }
  }

  /**
   * Reads a photograph from a stream as {@link #readPhotograph(Path)} reads a file.
   *
   * @param name the name for errors
   * @param stream PNG or JPEG; left open
   * @return the photograph
   * @throws IOException with the name, if it is damaged, no image or too large
   */
  public static Photograph readPhotograph(String name, InputStream stream) throws IOException {
    // In memory: a full disk would refuse a temporary file.
    try (ImageInputStream in = new MemoryCacheImageInputStream(stream)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException(name + ": no image that can be read, expected PNG or JPEG");
      }
      int orientation = ExifOrientation.read(in);
      ImageReader reader = readers.next();
      // libjpeg fills missing pixels with grey and only warns.
      List<String> warnings = new ArrayList<>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      try {
        reader.setInput(in, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width * height > MAX_PIXELS) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%s: image has %d×%d pixels, expected at most %d in all",
                  name,
                  width,
                  height,
                  MAX_PIXELS));
        }
        BufferedImage stored = reader.read(0);
        if (warnings.stream().anyMatch(warning -> warning.contains("remature end"))) {
          throw new IOException(name + ": damaged image (it is cut off)");
        }
        BufferedImage image = ExifOrientation.upright(stored, orientation);
        return photograph(name, ImageFactory.getInstance().fromImage(image));
      } catch (IIOException | IndexOutOfBoundsException | IllegalStateException e) {
        throw new IOException(name + ": damaged image (" + e.getMessage() + ")", e);
      } finally {
        reader.dispose();
      }
    }
  }

  private static Photograph photograph(String name, Image image) throws IOException {
    try {
      return Photograph.of(image);
    } catch (IllegalArgumentException e) {
      throw new IOException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Puts images side by side.
   *
   * @param images of one size, at least one
   * @return the row, from left to right
   */
  public static BufferedImage sideBySide(List<Image> images) {
    int width = images.get(0).getWidth();
    int height = images.get(0).getHeight();
    BufferedImage row =
        new BufferedImage(width * images.size(), height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = row.createGraphics();
    for (int i = 0; i < images.size(); i++) {
      graphics.drawImage((BufferedImage) images.get(i).getWrappedImage(), i * width, 0, null);
    }
    graphics.dispose();
    return row;
  }

  /**
   * Enlarges an image by bicubic interpolation.
   *
   * @param image the image
   * @param factor 1 or more
   * @return a copy with sides that are longer by the factor
   */
  public static BufferedImage enlarged(BufferedImage image, int factor) {
    int width = image.getWidth() * factor;
    int height = image.getHeight() * factor;
    BufferedImage large = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = large.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return large;
  }

  /**
   * Returns the pixels with channels outermost.
   *
   * @param image the image
   * @return (3, height, width), 8-bit sRGB
   */
  public static byte[] channels(BufferedImage image) {
    int plane = image.getWidth() * image.getHeight();
    byte[] channels = new byte[3 * plane];
    for (int i = 0; i < plane; i++) {
      int rgb = image.getRGB(i % image.getWidth(), i / image.getWidth());
      channels[i] = (byte) (rgb >> 16);
      channels[plane + i] = (byte) (rgb >> 8);
      channels[2 * plane + i] = (byte) rgb;
    }
    return channels;
  }

  /**
   * Writes a PNG, whole or not at all.
   *
   * @param file the file; its folder is made, an older file is replaced
   * @param image the image
   * @throws IOException naming the file if it cannot be written
   */
  public static void writePng(Path file, BufferedImage image) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(png)) {
      ImageIO.write(image, "png", stream);
    }
    write(file, png.toByteArray());
  }

  /**
   * Refuses a folder in the place of a file: a rename would replace an empty one.
   *
   * @param file the file to be written
   * @throws IOException naming it if it is a folder
   */
  public static void requireNoFolder(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": is a folder, expected the name of a file");
    }
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param file the file; its folder is made, an older file is replaced
   * @param content its bytes
   * @throws IOException naming the file if it cannot be written
   */
  public static void write(Path file, byte[] content) throws IOException {
    requireNoFolder(file);
    Files.createDirectories(file.toAbsolutePath().getParent());
    AtomicFile.write(file, content);
  }
}
