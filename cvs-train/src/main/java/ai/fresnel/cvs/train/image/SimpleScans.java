package ai.fresnel.cvs.train.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/** Reads the headers of the formats whose size stands in one place. */
final class SimpleScans {

  private static final int IMAGE = 0x2C;
  private static final int EXTENSION = 0x21;

  /** A code of GIF takes more than a byte and stands for at most 4096 pixels. */
  private static final long GIF_PIXELS_PER_BYTE = 4096;

  /** A run of a compressed bitmap takes two bytes and stands for at most 255 pixels. */
  private static final long BMP_PIXELS_PER_BYTE = 128;

  private SimpleScans() {}

  static ImageHeader gif(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int at = 13 + colours(bytes[10]);
      while (bytes[at] == EXTENSION) {
        at = blocksEnd(bytes, at + 2);
      }
      if (bytes[at] != IMAGE) {
        throw ImageHeader.damaged("it holds no image");
      }
      int width = in.getChar(at + 5);
      int height = in.getChar(at + 7);
      ImageHeader.requireSize(width, height);
      double needed = (double) width * height / GIF_PIXELS_PER_BYTE;
      Optional<String> damage = ImageHeader.implausible(width, height, needed, bytes.length);
      if (blocksEnd(bytes, at + 11 + colours(bytes[at + 9])) > bytes.length) {
        damage = Optional.of(ImageHeader.cutOff().getMessage());
      }
      return new ImageHeader(ImageFormat.GIF, width, height, 1, new StoredPixels.Palette(), damage);
    } catch (IndexOutOfBoundsException e) {
      throw ImageHeader.cutOff();
    }
  }

  private static int colours(byte flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  /** Returns where a chain of blocks ends, each with its length before it; past the end if cut. */
  private static int blocksEnd(byte[] bytes, int start) {
    int at = start;
    while (at < bytes.length && bytes[at] != 0) {
      at += 1 + (bytes[at] & 255);
    }
    return at + 1;
  }

  static ImageHeader bmp(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int offset = in.getInt(10);
      boolean old = in.getInt(14) == 12;
      int width = old ? in.getChar(18) : in.getInt(18);
      // Rows run upward, or downward where the height is negative.
      int height = old ? in.getChar(20) : Math.abs(in.getInt(22));
      int bits = in.getChar(old ? 24 : 28);
      int compression = old ? 0 : in.getInt(30);
      if (offset < 14 || offset > bytes.length) {
        throw ImageHeader.cutOff();
      }
      if (compression == 4 || compression == 5) {
        throw new IOException("a bitmap that holds another file, expected pixels");
      }
      boolean runs = compression == 1 || compression == 2;
      double pixels = (double) width * height;
      double needed = runs ? pixels / BMP_PIXELS_PER_BYTE : pixels * bits / 8;
      ImageHeader.requireSize(width, height);
      Optional<String> damage = ImageHeader.implausible(width, height, needed, bytes.length);
      StoredPixels stored = bits <= 8 ? new StoredPixels.Palette() : new StoredPixels.Plain();
      return new ImageHeader(ImageFormat.BMP, width, height, 1, stored, damage);
    } catch (IndexOutOfBoundsException e) {
      throw ImageHeader.cutOff();
    }
  }
}
