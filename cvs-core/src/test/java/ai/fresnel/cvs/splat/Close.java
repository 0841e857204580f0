package ai.fresnel.cvs.splat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** Compares arrays. */
final class Close {
  private static final List<String> GROUPS =
      List.of("means", "rotations", "logScales", "opacityLogits", "sh");

  private Close() {}

  /** Differences are taken relative to the largest expected value. */
  static void assertClose(String what, double[] expected, double[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    double largest = 0;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double off = Math.abs(expected[i] - actual[i]);
      assertTrue(
          off <= tolerance * largest,
          what + " " + i + " is " + actual[i] + ", expected " + expected[i] + ", off by " + off);
    }
  }

  static void assertClose(String what, double[] expected, float[] actual, double tolerance) {
    assertClose(what, expected, doubles(actual), tolerance);
  }

  static void assertClose(ReferenceSplats.Pixels expected, SplatImage actual, double tolerance) {
    assertClose("rgb", expected.rgb(), actual.rgb(), tolerance);
    assertClose("alpha", expected.alpha(), actual.alpha(), tolerance);
    assertClose("depth", expected.depth(), actual.depth(), tolerance);
  }

  static void assertClose(ReferenceSplats.Scene expected, GaussianArrays actual, double tolerance) {
    for (int i = 0; i < GROUPS.size(); i++) {
      assertClose(GROUPS.get(i), expected.groups().get(i), actual.groups().get(i), tolerance);
    }
  }

  static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
