package ai.fresnel.cvs.examples.image;

import ai.djl.modality.cv.Image;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.cutout.Box;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Mask;
import ai.fresnel.cvs.train.image.Photographs;
import ai.fresnel.cvs.train.image.PngBytes;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads photographs and writes images. */
public final class ImageFiles {

  private ImageFiles() {}

  /**
   * Reads a photograph as {@link Photographs#read(Path)} does.
   *
   * @param file PNG or JPEG
   * @return the photograph
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Photograph readPhotograph(Path file) throws IOException {
    Verb.requireExists(file);
    return Photographs.read(file);
  }

  /**
   * Reads a photograph from a stream.
   *
   * @param name the name for errors
   * @param stream PNG or JPEG; left open
   * @return the photograph
   * @throws IOException with the name, if it is damaged, no image or too large
   */
  public static Photograph readPhotograph(String name, InputStream stream) throws IOException {
    return Photographs.read(ImageFile.of(name, stream.readNBytes(ImageFile.MAX_BYTES)));
  }

  /**
   * Reads a mask as {@link Photographs#readMask(Path)} does.
   *
   * @param file an image of the photograph's size
   * @return the mask
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Mask readMask(Path file) throws IOException {
    Verb.requireExists(file);
    return Photographs.readMask(file);
  }

  /**
   * Cuts the object in a box out of a photograph.
   *
   * @param file the photograph's, for errors
   * @param photograph as it was read
   * @param box as {@link Box#parse} reads it
   * @return the photograph with new alpha
   * @throws IOException naming the file if the box is wrong or no object is found in it
   */
  public static Photograph cutOutInside(Path file, Photograph photograph, String box)
      throws IOException {
    try {
      return photograph.cutOutInside(Box.parse(box, photograph.width(), photograph.height()));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
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
    write(file, PngBytes.of(image));
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
    AtomicFiles.writeUnflushed(file, content);
  }
}
