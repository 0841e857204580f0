package ai.fresnel.cvs.train.mesh;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes image files to textures. Checks the size before it decodes pixels. */
final class TextureDecoder {
  /** The most bytes of a file. */
  static final int MAX_BYTES = 64 << 20;

  private static final int MAX_SIDE = 16_384;

  /** Larger images are subsampled while decoding; views of a few hundred pixels show no more. */
  static final int WANTED_SIDE = 1024;

  private static final Set<String> FORMATS = Set.of("jpeg", "jpg", "png", "gif", "bmp");

  private TextureDecoder() {}

  /**
   * Decodes.
   *
   * @param bytes a whole jpg, png, gif or bmp file
   * @param side the most texels a side; larger images are subsampled
   * @param pixel applied to each pixel, 0xAARRGGBB
   * @return the texture
   * @throws IOException if it is none of these, damaged, or more than 16384 pixels a side
   */
  static Texture decode(byte[] bytes, int side, IntUnaryOperator pixel) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("not an image this Java can read");
      }
      ImageReader reader = readers.next();
      try {
        String format = reader.getFormatName().toLowerCase(Locale.ROOT);
        if (!FORMATS.contains(format)) {
          throw new IOException("image format " + format + ", expected jpg, png, gif or bmp");
        }
        reader.setInput(in, true, true);
        return read(reader, side, pixel);
      } finally {
        reader.dispose();
      }
    } catch (RuntimeException e) {
      // The decoders of the class library throw unchecked exceptions for some damaged files.
      throw new IOException("damaged image: " + e, e);
    }
  }

  /**
   * Returns the size of an image without decoding it.
   *
   * @param bytes a whole image file
   * @return width times height in the file
   * @throws IOException if it is no image, or damaged
   */
  static long pixels(byte[] bytes) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("not an image this Java can read");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return (long) reader.getWidth(0) * reader.getHeight(0);
      } finally {
        reader.dispose();
      }
    } catch (RuntimeException e) {
      throw new IOException("damaged image: " + e, e);
    }
  }

  private static Texture read(ImageReader reader, int side, IntUnaryOperator pixel)
      throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
      throw new IOException(
          "image of " + width + "x" + height + " pixels, expected 1.." + MAX_SIDE + " a side");
    }
    ImageReadParam param = reader.getDefaultReadParam();
    int stepX = (width + side - 1) / side;
    int stepY = (height + side - 1) / side;
    param.setSourceSubsampling(stepX, stepY, 0, 0);
    BufferedImage image = reader.read(0, param);
    int w = image.getWidth();
    int h = image.getHeight();
    int[] argb = image.getRGB(0, 0, w, h, null, 0, w);
    return Texture.of(w, h, Arrays.stream(argb).map(pixel).toArray());
  }
}
