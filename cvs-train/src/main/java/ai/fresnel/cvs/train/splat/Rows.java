package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import java.util.Arrays;

/** Picks and copies whole Gaussians. */
final class Rows {
  private Rows() {}

  /** Returns the arrays of the given Gaussians, in their order; rows may repeat. */
  static GaussianArrays pick(GaussianArrays from, int[] rows) {
    GaussianArrays picked = GaussianArrays.zeros(rows.length, from.shDegree());
    for (int group = 0; group < from.groups().size(); group++) {
      float[] source = from.groups().get(group);
      float[] target = picked.groups().get(group);
      int each = from.size() == 0 ? 0 : source.length / from.size();
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(source, each * rows[i], target, each * i, each);
      }
    }
    return picked;
  }

  /** Copies Gaussian {@code from} over Gaussian {@code to}. */
  static void copy(GaussianArrays arrays, int from, int to) {
    for (float[] group : arrays.groups()) {
      int each = group.length / arrays.size();
      System.arraycopy(group, each * from, group, each * to, each);
    }
  }

  /** Sets all numbers of Gaussian i to 0. */
  static void clear(GaussianArrays arrays, int i) {
    for (float[] group : arrays.groups()) {
      int each = group.length / arrays.size();
      Arrays.fill(group, each * i, each * (i + 1), 0);
    }
  }
}
