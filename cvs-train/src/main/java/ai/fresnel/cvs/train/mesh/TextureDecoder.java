package ai.fresnel.cvs.train.mesh;

import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.RgbaImage;
import ai.fresnel.cvs.train.image.UnreadableImageException;
import java.io.IOException;
import java.util.function.IntUnaryOperator;

/** Decodes image files to textures. Checks the size before it decodes pixels. */
final class TextureDecoder {
  /** The most bytes of a file. */
  static final int MAX_BYTES = 64 << 20;

  private static final int MAX_SIDE = 16_384;

  /** Larger images are subsampled while decoding; views of a few hundred pixels show no more. */
  static final int WANTED_SIDE = 1024;

  private TextureDecoder() {}

  /**
   * Opens an image without decoding its pixels.
   *
   * @param bytes a whole image file
   * @return the image
   * @throws IOException if it is of no known format, damaged, or more than 16384 pixels a side
   */
  static ImageFile open(byte[] bytes) throws IOException {
    try {
      return ImageFile.of("texture", bytes).requireSides(MAX_SIDE);
    } catch (UnreadableImageException e) {
      // The caller names the file.
      throw new IOException(e.problem(), e);
    }
  }

  /**
   * Decodes an image.
   *
   * @param image from {@link #open}
   * @param side the most texels a side; larger images are subsampled
   * @param pixel applied to each pixel, 0xAARRGGBB
   * @return the texture
   * @throws IOException if the image is damaged
   */
  static Texture decode(ImageFile image, int side, IntUnaryOperator pixel) throws IOException {
    try {
      int stepX = (image.width() + side - 1) / side;
      int stepY = (image.height() + side - 1) / side;
      RgbaImage texels = image.read(stepX, stepY);
      int[] argb = new int[texels.width() * texels.height()];
      for (int i = 0; i < argb.length; i++) {
        argb[i] = pixel.applyAsInt(texels.argb(i % texels.width(), i / texels.width()));
      }
      return Texture.of(texels.width(), texels.height(), argb);
    } catch (UnreadableImageException e) {
      // The caller names the file.
      throw new IOException(e.problem(), e);
    }
  }
}
