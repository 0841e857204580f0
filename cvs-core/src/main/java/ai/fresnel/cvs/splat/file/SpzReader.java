package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads Niantic's {@code .spz} files of versions 1 to 3. */
final class SpzReader {
  private static final Logger LOG = LoggerFactory.getLogger(SplatFiles.class);

  /** Deflate makes at most 1032 bytes of one. */
  private static final long MAX_RATIO = 1032;

  /** The most bytes of extensions after the Gaussians. */
  private static final int MAX_EXTRA = 1 << 16;

  private static final int HAS_EXTENSIONS = 2;
  private static final int MAX_FRACTIONAL_BITS = 24;

  private final SpzLayout layout;
  private final byte[] bytes;

  private SpzReader(SpzLayout layout, byte[] bytes) {
    this.layout = layout;
    this.bytes = bytes;
  }

  /**
   * Reads a file.
   *
   * @param file names it in errors
   * @param in the file from its first byte
   * @param size the file's length in bytes
   * @return the cloud in the axes of the file
   * @throws IOException in one line naming the file
   */
  static GaussianCloud read(String file, InputStream in, long size) throws IOException {
    InputStream unpacked = new GZIPInputStream(in, 1 << 16);
    ByteBuffer header =
        ByteBuffer.wrap(unpacked.readNBytes(SpzLayout.HEADER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    SpzLayout layout = layout(file, header);
    CloudRows.requireMemory(file, layout.count(), layout.degree());
    if (layout.bytes() > Math.min(MAX_RATIO * size, Integer.MAX_VALUE - 8)) {
      throw new IOException(
          String.format(
              "%s: claims %d Gaussians, more than its %d bytes can hold",
              file, layout.count(), size));
    }
    // Grows as it reads: a claim alone takes no memory.
    byte[] bytes = unpacked.readNBytes((int) layout.bytes());
    if (bytes.length < layout.bytes()) {
      throw new EOFException();
    }
    // To the end, which holds the check sum.
    int extra = unpacked.readNBytes(MAX_EXTRA + 1).length;
    boolean extended = (header.get(14) & HAS_EXTENSIONS) != 0;
    if (extra > MAX_EXTRA || (extra > 0 && !extended)) {
      throw new IOException(file + ": has more bytes than its " + layout.count() + " Gaussians");
    }
    if (extended) {
      LOG.warn("{}: extensions are left out", file);
    }
    return new SpzReader(layout, bytes).cloud(file);
  }

  private static SpzLayout layout(String file, ByteBuffer header) throws IOException {
    if (header.remaining() < SpzLayout.HEADER_BYTES || header.getInt(0) != SpzLayout.MAGIC) {
      throw new IOException(file + ": no .spz file, expected \"NGSP\" in the gzip stream");
    }
    long version = Integer.toUnsignedLong(header.getInt(4));
    if (version < 1 || version > SpzLayout.NEWEST) {
      throw new IOException(file + ": version " + version + " of .spz, expected 1 to 3");
    }
    int degree = header.get(12) & 0xFF;
    if (degree > GaussianArrays.MAX_SH_DEGREE) {
      throw new IOException(file + ": harmonics of degree " + degree + ", expected 0 to 3");
    }
    int bits = header.get(13) & 0xFF;
    if (bits > MAX_FRACTIONAL_BITS) {
      throw new IOException(
          file + ": positions with " + bits + " fractional bits, expected 0 to 24");
    }
    return new SpzLayout((int) version, Integer.toUnsignedLong(header.getInt(8)), degree, bits);
  }

  private GaussianCloud cloud(String file) throws IOException {
    CloudRows rows = CloudRows.of(file, layout.count(), layout.degree());
    GaussianArrays to = rows.arrays();
    int opacities = (int) layout.opacities();
    int colours = (int) layout.colours();
    int scales = (int) layout.scales();
    int first = (int) layout.harmonics();
    int each = 3 + layout.harmonicBytes();
    for (int i = 0; i < layout.count(); i++) {
      int at = rows.next();
      for (int c = 0; c < 3; c++) {
        to.means()[3 * at + c] = position(3 * i + c);
        to.logScales()[3 * at + c] =
            (float) (unsigned(scales + 3 * i + c) / SpzLayout.SCALE_STEPS)
                + (float) SpzLayout.LEAST_LOG_SCALE;
        to.sh()[each * at + c] =
            (float) ((unsigned(colours + 3 * i + c) / 255.0 - 0.5) / SpzLayout.COLOUR);
      }
      to.opacityLogits()[at] = CloudRows.logit(unsigned(opacities + i));
      readRotation(i, to.rotations(), 4 * at);
      for (int k = 0; k < layout.harmonicBytes(); k++) {
        int value = unsigned(first + i * layout.harmonicBytes() + k);
        to.sh()[each * at + 3 + k] = (float) ((value - 128) / SpzLayout.HARMONIC_STEPS);
      }
      rows.take();
    }
    return rows.cloud();
  }

  private int unsigned(int at) {
    return bytes[at] & 0xFF;
  }

  private float position(int index) {
    if (layout.version() == 1) {
      return half(unsigned(2 * index) | unsigned(2 * index + 1) << 8);
    }
    int at = 3 * index;
    // The third byte has the sign.
    int fixed = unsigned(at) | unsigned(at + 1) << 8 | bytes[at + 2] << 16;
    return (float) Math.scalb((double) fixed, -layout.fractionalBits());
  }

  private void readRotation(int i, float[] to, int start) {
    int at = (int) layout.rotations() + i * layout.rotationBytes();
    if (layout.version() < 3) {
      // x, y and z; w is not negative.
      double square = 0;
      for (int c = 0; c < 3; c++) {
        double value = unsigned(at + c) / SpzLayout.QUATERNION_STEPS - 1;
        to[start + 1 + c] = (float) value;
        square += value * value;
      }
      to[start] = (float) Math.sqrt(Math.max(0, 1 - square));
      return;
    }
    // The number of the largest of x y z w, then the three others: sign and 9 bits each.
    int packed = ByteBuffer.wrap(bytes, at, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    int largest = packed >>> 30;
    double square = 0;
    for (int c = 3; c >= 0; c--) {
      if (c != largest) {
        double value = (packed & 0x1FF) * Math.sqrt(0.5) / 0x1FF;
        to[start + (c + 1) % 4] = (float) ((packed & 0x200) == 0 ? value : -value);
        square += value * value;
        packed >>>= 10;
      }
    }
    to[start + (largest + 1) % 4] = (float) Math.sqrt(Math.max(0, 1 - square));
  }

  /** Widens a float16. */
  static float half(int bits) {
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    double value;
    if (exponent == 0) {
      value = Math.scalb((double) fraction, -24);
    } else if (exponent < 0x1F) {
      value = Math.scalb(fraction + 1024.0, exponent - 25);
    } else {
      value = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    return (float) ((bits & 0x8000) == 0 ? value : -value);
  }
}
