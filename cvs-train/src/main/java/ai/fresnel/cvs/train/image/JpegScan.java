package ai.fresnel.cvs.train.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Walks the segments of a JPEG and counts its scans, without decoding. */
final class JpegScan {

  private static final int APP1 = 0xE1;
  private static final int APP2 = 0xE2;
  private static final int APP14 = 0xEE;
  private static final int START_OF_SCAN = 0xDA;
  private static final int END = 0xD9;

  /**
   * Pixels that a byte can stand for: a block of 64 takes two bits at least, its chroma none that
   * count; progressive files a little less.
   */
  private static final long PIXELS_PER_BYTE = 512;

  /** The most pixels times scans: each scan of a progressive file visits every block. */
  private static final long MOST_VISITS = 1L << 31;

  private static final int MOST_SCANS = 1000;

  private final byte[] bytes;
  private int width;
  private int height;
  private int components;
  private int orientation;
  private int adobe = -1;
  private boolean profile;
  private int scans;

  private JpegScan(byte[] bytes) {
    this.bytes = bytes;
  }

  static ImageHeader header(byte[] bytes) throws IOException {
    JpegScan scan = new JpegScan(bytes);
    Optional<String> damage = Optional.empty();
    try {
      scan.walk();
    } catch (IOException e) {
      damage = Optional.of(e.getMessage());
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      damage = Optional.of(ImageHeader.cutOff().getMessage());
    }
    if (scan.components == 0) {
      throw damage.isPresent() ? new IOException(damage.get()) : ImageHeader.cutOff();
    }
    ImageHeader.requireSize(scan.width, scan.height);
    return scan.header(damage.or(scan::damage));
  }

  private Optional<String> damage() {
    long pixels = (long) width * height;
    if (scans == 0) {
      return Optional.of(ImageHeader.cutOff().getMessage());
    }
    if (scans > MOST_SCANS || scans * pixels > MOST_VISITS) {
      return Optional.of(
          "image has "
              + width
              + "×"
              + height
              + " pixels in "
              + scans
              + " scans, which is too many");
    }
    return ImageHeader.implausible(width, height, (double) pixels / PIXELS_PER_BYTE, bytes.length);
  }

  private ImageHeader header(Optional<String> damage) {
    StoredPixels stored =
        components == 4
            ? new StoredPixels.Inks(adobe >= 0, adobe == 2, profile)
            : new StoredPixels.Plain();
    return new ImageHeader(
        ImageFormat.JPEG, width, height, orientation == 0 ? 1 : orientation, stored, damage);
  }

  private void walk() throws IOException {
    int at = 2;
    while (at < bytes.length) {
      // Between segments there are markers alone; within a scan, compressed bytes.
      if ((bytes[at] & 255) != 0xFF) {
        at++;
        continue;
      }
      int marker = at + 1 < bytes.length ? bytes[at + 1] & 255 : END;
      if (marker == END) {
        return;
      }
      if (marker == 0xFF) {
        at++;
      } else if (marker == 0 || (marker >= 0xD0 && marker <= 0xD8) || marker == 1) {
        at += 2;
      } else {
        int length = ByteBuffer.wrap(bytes).getChar(at + 2);
        if (length >= 2 && at + 2 + length <= bytes.length) {
          segment(marker, ByteBuffer.wrap(bytes, at + 4, length - 2).slice());
        } else if (scans == 0) {
          throw ImageHeader.cutOff();
        }
        at += 2 + Math.max(2, length);
      }
    }
  }

  private void segment(int marker, ByteBuffer data) throws IOException {
    if (marker == START_OF_SCAN) {
      scans++;
    } else if (isFrame(marker)) {
      frame(marker, data);
    } else if (marker == APP1 && orientation == 0 && startsWith(data, "Exif\0")) {
      orientation =
          data.remaining() > 6 ? ExifOrientation.ofTiff(data.slice(6, data.remaining() - 6)) : 0;
    } else if (marker == APP2 && startsWith(data, "ICC_PROFILE\0")) {
      // After the name and two counts, the profile's header names what it is for.
      profile |= data.remaining() > 34 && startsWith(data.slice(30, 4), "CMYK");
    } else if (marker == APP14 && data.remaining() >= 12 && startsWith(data, "Adobe")) {
      adobe = data.get(11) & 255;
    }
  }

  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private void frame(int marker, ByteBuffer data) throws IOException {
    int bits = data.get();
    if (marker > 0xC2 || bits != 8) {
      throw new IOException(
          "a JPEG that is lossless, arithmetic or of "
              + bits
              + " bits, expected a common one of 8");
    }
    if (components != 0) {
      throw ImageHeader.damaged("it has several headers");
    }
    height = data.getChar();
    width = data.getChar();
    int count = data.get();
    if (count != 1 && count != 3 && count != 4) {
      throw ImageHeader.damaged(count + " components");
    }
    components = count;
  }

  private static boolean startsWith(ByteBuffer data, String text) {
    byte[] expected = text.getBytes(StandardCharsets.US_ASCII);
    byte[] found = new byte[Math.min(expected.length, data.remaining())];
    data.get(0, found);
    return Arrays.equals(expected, found);
  }
}
