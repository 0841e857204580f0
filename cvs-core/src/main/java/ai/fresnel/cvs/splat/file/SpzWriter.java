package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.zip.GZIPOutputStream;

/** Writes Niantic's {@code .spz} files of version 2, with the steps of the published encoder. */
final class SpzWriter {

  /** The published number of fractional bits: steps of 1/4096 of a unit. */
  private static final int FRACTIONAL_BITS = 12;

  /** Smaller scenes get more bits, so that their positions have at least so many steps. */
  private static final double LEAST_STEPS = 2048;

  private static final int MAX_FRACTIONAL_BITS = 23;
  private static final int MAX_FIXED = (1 << 23) - 1;

  /** Steps of harmonics of degree 1: 5 of 8 bits. */
  private static final int FIRST_BUCKET = 8;

  /** Steps of harmonics of degrees 2 and 3: 4 of 8 bits. */
  private static final int OTHER_BUCKET = 16;

  private final GaussianArrays from;
  private final SpzLayout layout;
  private final LittleEndianOutput out;

  private SpzWriter(GaussianArrays from, SpzLayout layout, LittleEndianOutput out) {
    this.from = from;
    this.layout = layout;
    this.out = out;
  }

  /**
   * Returns the content of a file, in the axes of the cloud.
   *
   * @throws IllegalArgumentException if a position does not fit into 24 bits
   */
  static AtomicFiles.Content content(GaussianCloud cloud) {
    GaussianArrays from = cloud.arrays();
    SpzLayout layout =
        new SpzLayout(
            SpzLayout.WRITTEN, from.size(), from.shDegree(), fractionalBits(from.means()));
    return channel -> {
      GZIPOutputStream gzip = new GZIPOutputStream(Channels.newOutputStream(channel), 1 << 16);
      WritableByteChannel packed = Channels.newChannel(gzip);
      new SpzWriter(from, layout, new LittleEndianOutput(packed)).write();
      gzip.finish();
    };
  }

  static int fractionalBits(float[] means) {
    float farthest = 0;
    for (float mean : means) {
      farthest = Math.max(farthest, Math.abs(mean));
    }
    if (farthest >= MAX_FIXED) {
      throw new IllegalArgumentException(
          "a position is " + farthest + " from the origin, expected less than " + MAX_FIXED);
    }
    int bits = FRACTIONAL_BITS;
    while (bits < MAX_FRACTIONAL_BITS && Math.scalb(farthest, bits) < LEAST_STEPS) {
      bits++;
    }
    while (Math.rint(Math.scalb((double) farthest, bits)) > MAX_FIXED) {
      bits--;
    }
    return bits;
  }

  private void write() throws IOException {
    out.int32(SpzLayout.MAGIC);
    out.int32(layout.version());
    out.int32((int) layout.count());
    out.int8(layout.degree());
    out.int8(layout.fractionalBits());
    out.int8(0); // Flags: not trained with anti-aliasing, no extensions.
    out.int8(0);
    for (float mean : from.means()) {
      int fixed = (int) Math.rint(Math.scalb((double) mean, layout.fractionalBits()));
      out.int8(fixed);
      out.int8(fixed >> 8);
      out.int8(fixed >> 16);
    }
    for (float logit : from.opacityLogits()) {
      out.int8(CloudRows.opacity(logit));
    }
    int each = 3 + layout.harmonicBytes();
    for (int i = 0; i < layout.count(); i++) {
      for (int c = 0; c < 3; c++) {
        out.int8(CloudRows.toByte(255 * (SpzLayout.COLOUR * from.sh()[each * i + c] + 0.5)));
      }
    }
    for (float scale : from.logScales()) {
      out.int8(CloudRows.toByte(SpzLayout.SCALE_STEPS * (scale - SpzLayout.LEAST_LOG_SCALE)));
    }
    for (int i = 0; i < layout.count(); i++) {
      writeRotation(Quaternions.unit(from.rotations(), 4 * i));
    }
    for (int i = 0; i < layout.count(); i++) {
      for (int k = 0; k < layout.harmonicBytes(); k++) {
        // Three harmonics of degree 1, of three colours each.
        out.int8(harmonic(from.sh()[each * i + 3 + k], k < 9 ? FIRST_BUCKET : OTHER_BUCKET));
      }
    }
    out.flush();
  }

  /** Writes x, y and z of the quaternion whose w is not negative. */
  private void writeRotation(double[] q) throws IOException {
    double sign = q[0] < 0 ? -1 : 1;
    for (int c = 1; c < 4; c++) {
      out.int8(CloudRows.toByte(SpzLayout.QUATERNION_STEPS * (sign * q[c] + 1)));
    }
  }

  /**
   * Rounds to a step and then to the middle of a bucket of steps, as the published encoder does. 0
   * is such a middle. Fewer distinct values pack better.
   */
  private static int harmonic(float value, int bucket) {
    double step = Math.rint(SpzLayout.HARMONIC_STEPS * value) + 128;
    return CloudRows.toByte(Math.floor((step + bucket / 2.0) / bucket) * bucket);
  }
}
