package ai.fresnel.cvs.train.image;

import ai.djl.modality.cv.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes PNG files in memory. ImageIO's own way makes a temporary file for each image. */
public final class PngBytes {

  private PngBytes() {}

  /**
   * Encodes an image.
   *
   * @param image pixels
   * @return the bytes of a PNG file; the same for the same pixels
   * @throws IOException if this Java has no PNG writer
   */
  public static byte[] of(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("this Java has no PNG writer");
      }
    }
    return bytes.toByteArray();
  }

  /**
   * Encodes a view.
   *
   * @param image an image of DJL's default factory, as views are
   * @return the bytes of a PNG file; the same for the same pixels
   * @throws IOException if this Java has no PNG writer
   */
  public static byte[] of(Image image) throws IOException {
    return of((BufferedImage) image.getWrappedImage());
  }
}
