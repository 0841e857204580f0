package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SphericalHarmonics;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads and writes antimatter15's {@code .splat} files: no header, and 32 bytes for each Gaussian
 * in little-endian order.
 *
 * <ul>
 *   <li>3 float32: position
 *   <li>3 float32: scales, not their logarithms
 *   <li>4 bytes: red, green, blue and opacity, 255 for 1
 *   <li>4 bytes: quaternion w x y z of length 1, times 128 and plus 128
 * </ul>
 *
 * <p>Harmonics above degree 0 are lost. Gaussians keep their order.
 */
final class DotSplat {
  static final int ROW_BYTES = 32;

  private DotSplat() {}

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
    if (size % ROW_BYTES != 0) {
      throw new IOException(
          file + ": " + size + " bytes, expected 32 for each Gaussian of a .splat file");
    }
    CloudRows rows = CloudRows.of(file, size / ROW_BYTES, 0);
    GaussianArrays to = rows.arrays();
    byte[] bytes = new byte[ROW_BYTES];
    ByteBuffer row = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < size / ROW_BYTES; i++) {
      if (in.readNBytes(bytes, 0, ROW_BYTES) < ROW_BYTES) {
        throw new EOFException();
      }
      int at = rows.next();
      row.clear();
      for (int c = 0; c < 3; c++) {
        to.means()[3 * at + c] = row.getFloat();
      }
      for (int c = 0; c < 3; c++) {
        to.logScales()[3 * at + c] = (float) Math.log(row.getFloat());
      }
      for (int c = 0; c < 3; c++) {
        double colour = (row.get() & 0xFF) / 255.0;
        to.sh()[3 * at + c] = (float) ((colour - 0.5) / SphericalHarmonics.C0);
      }
      to.opacityLogits()[at] = CloudRows.logit(row.get() & 0xFF);
      for (int c = 0; c < 4; c++) {
        to.rotations()[4 * at + c] = ((row.get() & 0xFF) - 128) / 128f;
      }
      rows.take();
    }
    return rows.cloud();
  }

  /** Returns the content of a file, in the axes of the cloud. */
  static AtomicFiles.Content content(GaussianCloud cloud) {
    GaussianArrays from = cloud.arrays();
    return channel -> {
      LittleEndianOutput out = new LittleEndianOutput(channel);
      int each = 3 * GaussianArrays.harmonics(from.shDegree());
      for (int i = 0; i < from.size(); i++) {
        out.floats(from.means(), 3 * i, 3);
        for (int c = 0; c < 3; c++) {
          out.float32((float) Math.exp(from.logScales()[3 * i + c]));
        }
        for (int c = 0; c < 3; c++) {
          double colour = 0.5 + SphericalHarmonics.C0 * from.sh()[each * i + c];
          out.int8(CloudRows.toByte(255 * colour));
        }
        out.int8(CloudRows.opacity(from.opacityLogits()[i]));
        double[] q = Quaternions.unit(from.rotations(), 4 * i);
        for (int c = 0; c < 4; c++) {
          out.int8(CloudRows.toByte(128 * q[c] + 128));
        }
      }
      out.flush();
    };
  }
}
