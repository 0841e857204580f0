package ai.fresnel.cvs.train.image;

import ai.fresnel.cvs.Photograph;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads photographs and masks for the network: upright by their EXIF data, with their alpha
 * channel. Of more than 2²⁴ pixels every second column and row is kept, or fewer: far more than any
 * model sees.
 */
public final class Photographs {

  private static final long MAX_PIXELS = 1L << 26;
  private static final long MAX_KEPT = 1L << 24;

  private Photographs() {}

  /**
   * Reads a photograph.
   *
   * @param file PNG or JPEG; see {@link ImageFile}
   * @return the photograph
   * @throws IOException naming the file if it is missing, damaged, no image, or has less than 8
   *     pixels a side or more than 2²⁶ in all
   */
  public static Photograph read(Path file) throws IOException {
    return read(ImageFile.open(file));
  }

  /**
   * Reads a photograph.
   *
   * @param file the opened file
   * @return the photograph
   * @throws IOException naming the file if it is damaged or has too few or too many pixels
   */
  public static Photograph read(ImageFile file) throws IOException {
    RgbaImage image = file.requirePixels(MAX_PIXELS).readUpright(MAX_KEPT);
    try {
      return Photograph.ofRgba(image.rgba(), image.width(), image.height());
    } catch (IllegalArgumentException e) {
      throw new IOException(file.name() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a mask of a photograph, turned and reduced as the photograph is.
   *
   * @param file an image of the photograph's size; see {@link Mask}
   * @return the mask
   * @throws IOException naming the file if it is missing, damaged, no image or too large
   */
  public static Mask readMask(Path file) throws IOException {
    return readMask(ImageFile.open(file));
  }

  /**
   * Reads a mask of a photograph, turned and reduced as the photograph is.
   *
   * @param file the opened image, of the photograph's size
   * @return the mask
   * @throws IOException naming the file if it is damaged or too large
   */
  public static Mask readMask(ImageFile file) throws IOException {
    return Mask.readUpright(file.requirePixels(MAX_PIXELS), MAX_KEPT);
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
}
