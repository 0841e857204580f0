package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes Gaussians as PLY in the layout of INRIA's implementation, {@code save_ply}: float32 in
 * little-endian order; normals, which are zero; f_rest without degree 0, by colour first; logits,
 * logarithms and quaternions w x y z as they are.
 */
final class PlyWriter {

  private PlyWriter() {}

  /** Returns the content of a file, in the axes of the cloud. */
  static AtomicFiles.Content content(GaussianCloud cloud) {
    GaussianArrays from = cloud.arrays();
    int harmonics = GaussianArrays.harmonics(from.shDegree());
    return channel -> {
      LittleEndianOutput out = new LittleEndianOutput(channel);
      out.bytes(header(from.size(), harmonics).getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < from.size(); i++) {
        writeVertex(out, from, harmonics, i);
      }
      out.flush();
    };
  }

  private static void writeVertex(LittleEndianOutput out, GaussianArrays from, int harmonics, int i)
      throws IOException {
    out.floats(from.means(), 3 * i, 3);
    for (int c = 0; c < 3; c++) {
      out.float32(0);
    }
    int sh = 3 * harmonics * i;
    out.floats(from.sh(), sh, 3);
    for (int c = 0; c < 3; c++) {
      for (int k = 1; k < harmonics; k++) {
        out.float32(from.sh()[sh + 3 * k + c]);
      }
    }
    out.float32(from.opacityLogits()[i]);
    out.floats(from.logScales(), 3 * i, 3);
    out.floats(from.rotations(), 4 * i, 4);
  }

  private static String header(int count, int harmonics) {
    StringBuilder header = new StringBuilder();
    header.append("ply\nformat binary_little_endian 1.0\nelement vertex ").append(count);
    String float32 = "\nproperty float ";
    for (String name : new String[] {"x", "y", "z", "nx", "ny", "nz"}) {
      header.append(float32).append(name);
    }
    addNumbered(header, "f_dc_", 3);
    addNumbered(header, "f_rest_", 3 * (harmonics - 1));
    header.append(float32).append("opacity");
    addNumbered(header, "scale_", 3);
    addNumbered(header, "rot_", 4);
    return header.append("\nend_header\n").toString();
  }

  private static void addNumbered(StringBuilder header, String name, int count) {
    for (int i = 0; i < count; i++) {
      header.append("\nproperty float ").append(name).append(i);
    }
  }
}
