package ai.fresnel.cvs.train.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns images upright. Cameras store images as the sensor was held and say in EXIF data (tag 274)
 * how to turn them: a JPEG in a segment, a PNG in a chunk. Java's readers ignore that tag.
 */
final class ExifOrientation {

  private static final int LITTLE = 0x4949;
  private static final int ORIENTATION = 274;

  private ExifOrientation() {}

  /**
   * Reads the orientation from the first directory of a TIFF, which is what EXIF data are.
   *
   * @param data the TIFF from its byte order on; its position moves
   * @return 1 to 8 as EXIF counts; 1 (upright) if there is no orientation or the data are damaged
   */
  static int ofTiff(ByteBuffer data) {
    try {
      ByteBuffer tiff = data.slice();
      tiff.order(tiff.getShort() == LITTLE ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
      tiff.position(tiff.getInt(4));
      int entries = tiff.getShort() & 0xFFFF;
      for (int i = 0; i < entries; i++) {
        int tag = tiff.getShort() & 0xFFFF;
        tiff.getShort();
        tiff.getInt();
        int value = tiff.getShort() & 0xFFFF;
        tiff.getShort();
        if (tag == ORIENTATION) {
          return value >= 1 && value <= 8 ? value : 1;
        }
      }
      return 1;
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      // Damaged: the image stays as it is stored.
      return 1;
    }
  }

  /** Says whether upright images have their sides exchanged. */
  static boolean isSideways(int orientation) {
    return orientation >= 5;
  }

  /**
   * Turns an image upright.
   *
   * @param stored as stored
   * @param orientation 1 to 8
   * @return the image itself, or a copy
   */
  static RgbaImage upright(RgbaImage stored, int orientation) {
    if (orientation == 1) {
      return stored;
    }
    int w = stored.width();
    int h = stored.height();
    boolean sideways = isSideways(orientation);
    int width = sideways ? h : w;
    int height = sideways ? w : h;
    byte[] from = stored.rgba();
    byte[] to = new byte[from.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        // Where the pixel is stored, one case for each line of EXIF's table.
        int pixel =
            switch (orientation) {
              case 2 -> y * w + w - 1 - x;
              case 3 -> (h - 1 - y) * w + w - 1 - x;
              case 4 -> (h - 1 - y) * w + x;
              case 5 -> x * w + y;
              case 6 -> (h - 1 - x) * w + y;
              case 7 -> (h - 1 - x) * w + w - 1 - y;
              default -> x * w + w - 1 - y;
            };
        System.arraycopy(from, 4 * pixel, to, 4 * (y * width + x), 4);
      }
    }
    return RgbaImage.of(width, height, to);
  }
}
