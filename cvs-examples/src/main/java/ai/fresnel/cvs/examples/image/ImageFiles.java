package ai.fresnel.cvs.examples.image;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Mask;
import ai.fresnel.cvs.train.image.RgbaImage;
import ai.fresnel.cvs.train.viewset.AtomicFile;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Reads photographs and writes images. */
public final class ImageFiles {

  /** The most pixels of a photograph's file. */
  private static final long MAX_PIXELS = 1L << 26;

  /** The most pixels of a photograph that are kept: far more than any model sees. */
  private static final long MAX_KEPT = 1L << 24;

  private ImageFiles() {}

  /**
   * Reads a photograph with its alpha channel and turns it upright by its EXIF data. Keeps every
   * second column and row, or fewer, of more than 2²⁴ pixels.
   *
   * @param file PNG or JPEG; see {@link ImageFile}
   * @return the photograph
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Photograph readPhotograph(Path file) throws IOException {
    Verb.requireExists(file);
    return photograph(ImageFile.open(file));
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
    return photograph(ImageFile.of(name, stream.readNBytes(ImageFile.MAX_BYTES)));
  }

  /**
   * Reads a mask of a photograph, turned and reduced as the photograph is.
   *
   * @param file an image of the photograph's size; see {@link Mask}
   * @return the mask
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Mask readMask(Path file) throws IOException {
    Verb.requireExists(file);
    return Mask.readUpright(ImageFile.open(file).requirePixels(MAX_PIXELS), MAX_KEPT);
  }

  /**
   * Marks a photograph's object by a mask.
   *
   * @param photograph the photograph
   * @param mask a mask of its size
   * @return the photograph with the mask as its alpha
   * @throws IllegalArgumentException if the sizes differ
   */
  public static Photograph masked(Photograph photograph, Mask mask) {
    byte[] white = mask.image().rgba();
    return photograph.withMask(Photograph.ofRgba(white, mask.width(), mask.height()));
  }

  private static Photograph photograph(ImageFile file) throws IOException {
    RgbaImage image = file.requirePixels(MAX_PIXELS).readUpright(MAX_KEPT);
    try {
      return Photograph.ofRgba(image.rgba(), image.width(), image.height());
    } catch (IllegalArgumentException e) {
      throw new IOException(file.name() + ": " + e.getMessage(), e);
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
   * Writes a file, whole or not at all.
   *
   * @param file the file; its folder is made, an older file is replaced
   * @param content its bytes
   * @throws IOException naming the file if it cannot be written
   */
  public static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    AtomicFile.write(file, content);
  }
}
