package ai.fresnel.cvs.train.image;

import java.io.IOException;
import java.util.Optional;

/**
 * What a file says of its image before any pixel is decoded.
 *
 * @param format the format
 * @param width pixels as stored, at least 1
 * @param height pixels as stored, at least 1
 * @param orientation how to turn the stored image upright, 1 to 8 as EXIF counts
 * @param pixels how the pixels are stored
 * @param damage what shows without decoding that the file cannot be decoded
 */
record ImageHeader(
    ImageFormat format,
    int width,
    int height,
    int orientation,
    StoredPixels pixels,
    Optional<String> damage) {

  /**
   * Reads a header.
   *
   * @param bytes the whole file
   * @throws IOException without the file's name, if this is no image or its size cannot be told
   */
  static ImageHeader of(byte[] bytes) throws IOException {
    ImageFormat format = ImageFormat.of(bytes);
    if (format == null) {
      String other = ImageFormat.other(bytes);
      throw new IOException(
          (other == null ? "no image that can be read" : "a file of " + other)
              + ", expected PNG or JPEG");
    }
    return switch (format) {
      case PNG -> PngScan.header(bytes);
      case JPEG -> JpegScan.header(bytes);
      case GIF -> SimpleScans.gif(bytes);
      case BMP -> SimpleScans.bmp(bytes);
    };
  }

  static IOException damaged(String how) {
    return new IOException("damaged image (" + how + ")");
  }

  static IOException cutOff() {
    return damaged("it is cut off");
  }

  /** Refuses a size that is none. */
  static void requireSize(int width, int height) throws IOException {
    if (width < 1 || height < 1) {
      throw damaged(width + "×" + height + " pixels in its header");
    }
  }

  /** Says so if a file cannot hold the pixels that it claims. */
  static Optional<String> implausible(int width, int height, double needed, long bytes) {
    return needed <= bytes
        ? Optional.empty()
        : Optional.of(
            damaged(bytes + " bytes cannot hold " + width + "×" + height + " pixels").getMessage());
  }
}
