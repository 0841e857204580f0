package ai.fresnel.cvs.examples.image;

import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.stream.ImageInputStream;

/**
 * Turns photographs upright. Cameras store images as the sensor was held and say in the JPEG's EXIF
 * data (tag 274) how to turn them. Java's reader ignores that tag.
 */
final class ExifOrientation {

  private static final int START_OF_IMAGE = 0xFFD8;
  private static final int APP1 = 0xFFE1;

  /** The most segments before the image that are searched; cameras write fewer. */
  private static final int MAX_SEGMENTS = 64;

  private static final int EXIF = 0x45786966;
  private static final int LITTLE = 0x4949;
  private static final int ORIENTATION = 274;

  private ExifOrientation() {}

  /**
   * Reads the orientation. Java's own JPEG metadata holds it too, but its reader refuses files with
   * EXIF data before the JFIF header, which are common.
   *
   * @param in an image at its start; the position stays there
   * @return 1 to 8 as EXIF counts; 1 (upright) if there is no orientation
   */
  static int read(ImageInputStream in) throws IOException {
    in.mark();
    try {
      if (in.readUnsignedShort() != START_OF_IMAGE) {
        return 1;
      }
      for (int i = 0; i < MAX_SEGMENTS; i++) {
        int marker = in.readUnsignedShort();
        int length = in.readUnsignedShort() - 2;
        if (marker >> 8 != 0xFF || length < 0) {
          return 1;
        }
        byte[] segment = new byte[length];
        in.readFully(segment);
        int orientation = marker == APP1 ? parse(segment) : 0;
        if (orientation != 0) {
          return orientation;
        }
      }
      return 1;
    } catch (EOFException e) {
      return 1;
    } finally {
      in.reset();
    }
  }

  /** Reads the orientation from the first TIFF directory after "Exif\0\0"; 0 if there is none. */
  private static int parse(byte[] bytes) {
    try {
      ByteBuffer exif = ByteBuffer.wrap(bytes);
      if (exif.getInt() != EXIF) {
        return 0;
      }
      ByteBuffer tiff = exif.position(6).slice();
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
          return value <= 8 ? value : 0;
        }
      }
      return 0;
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      // DamagedFile: the image stays as it is stored.
      return 0;
    }
  }

  /**
   * Turns an image upright.
   *
   * @param image as stored
   * @param orientation 1 to 8
   * @return the image itself, or a copy
   */
  static BufferedImage upright(BufferedImage image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    int width = image.getWidth();
    int height = image.getHeight();
    // From stored to upright coordinates, one case for each line of EXIF's table.
    AffineTransform turn =
        switch (orientation) {
          case 2 -> new AffineTransform(-1, 0, 0, 1, width, 0);
          case 3 -> new AffineTransform(-1, 0, 0, -1, width, height);
          case 4 -> new AffineTransform(1, 0, 0, -1, 0, height);
          case 5 -> new AffineTransform(0, 1, 1, 0, 0, 0);
          case 6 -> new AffineTransform(0, 1, -1, 0, height, 0);
          case 7 -> new AffineTransform(0, -1, -1, 0, height, width);
          default -> new AffineTransform(0, -1, 1, 0, 0, width);
        };
    boolean sideways = orientation >= 5;
    BufferedImage upright =
        new BufferedImage(
            sideways ? height : width, sideways ? width : height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = upright.createGraphics();
    graphics.drawImage(image, turn, null);
    graphics.dispose();
    return upright;
  }
}
