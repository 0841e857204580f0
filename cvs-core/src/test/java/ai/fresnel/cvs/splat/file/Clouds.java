package ai.fresnel.cvs.splat.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Clouds for the tests of files. */
final class Clouds {

  private Clouds() {}

  /** Returns a file of the tests. */
  static Path resource(String name) {
    try {
      return Path.of(Clouds.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the 50 Gaussians of the fixture, from its float64 arrays. */
  static GaussianCloud fixture() throws IOException {
    try (Safetensors file = Safetensors.open(resource("../splat50.safetensors"))) {
      GaussianArrays to = GaussianArrays.zeros(50, 3);
      DoubleBuffer means = file.bytes("means").asDoubleBuffer();
      DoubleBuffer quaternions = file.bytes("quats").asDoubleBuffer();
      DoubleBuffer scales = file.bytes("scales").asDoubleBuffer();
      DoubleBuffer opacities = file.bytes("opacities").asDoubleBuffer();
      DoubleBuffer constant = file.bytes("sh0").asDoubleBuffer();
      DoubleBuffer others = file.bytes("shN").asDoubleBuffer();
      for (int i = 0; i < 50; i++) {
        to.opacityLogits()[i] = (float) opacities.get(i);
        for (int c = 0; c < 3; c++) {
          to.means()[3 * i + c] = (float) means.get(3 * i + c);
          to.logScales()[3 * i + c] = (float) scales.get(3 * i + c);
          to.sh()[48 * i + c] = (float) constant.get(3 * i + c);
        }
        for (int c = 0; c < 4; c++) {
          to.rotations()[4 * i + c] = (float) quaternions.get(4 * i + c);
        }
        for (int k = 0; k < 45; k++) {
          to.sh()[48 * i + 3 + k] = (float) others.get(45 * i + k);
        }
      }
      return GaussianCloud.of(to);
    }
  }

  /** Makes Gaussians as an optimisation leaves them, around an object one unit long. */
  static GaussianCloud random(int count, int degree, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    GaussianArrays to = GaussianArrays.zeros(count, degree);
    fill(to.means(), random, -0.7, 0.7);
    fill(to.rotations(), random, -1.5, 1.5);
    fill(to.logScales(), random, -7, -1);
    fill(to.opacityLogits(), random, -6, 6);
    fill(to.sh(), random, -0.9, 0.9);
    return GaussianCloud.of(to);
  }

  private static void fill(float[] values, SplittableRandom random, double low, double high) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (low + (high - low) * random.nextDouble());
    }
  }

  /** Checks that two arrays differ by at most a bound. */
  static void assertWithin(double bound, float[] expected, float[] actual, String what) {
    assertEquals(expected.length, actual.length, what);
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - actual[i]);
      if (!(difference <= bound)) {
        assertEquals(expected[i], actual[i], (float) bound, what + " " + i);
      }
    }
  }

  /** Returns the part of the harmonics with k from first to last. */
  static float[] harmonics(GaussianArrays arrays, int first, int last) {
    int each = 3 * GaussianArrays.harmonics(arrays.shDegree());
    int part = 3 * (last - first + 1);
    float[] values = new float[part * arrays.size()];
    for (int i = 0; i < arrays.size(); i++) {
      System.arraycopy(arrays.sh(), each * i + 3 * first, values, part * i, part);
    }
    return values;
  }

  static float[] opacities(GaussianArrays arrays) {
    float[] opacities = new float[arrays.size()];
    for (int i = 0; i < opacities.length; i++) {
      opacities[i] = (float) (1 / (1 + Math.exp(-arrays.opacityLogits()[i])));
    }
    return opacities;
  }

  /**
   * Returns quaternions of length 1 whose w is not negative: those of equal rotations are equal.
   */
  static float[] units(GaussianArrays arrays) {
    float[] units = new float[arrays.rotations().length];
    for (int i = 0; i < units.length; i += 4) {
      double[] q = Quaternions.unit(arrays.rotations(), i);
      for (int c = 0; c < 4; c++) {
        units[i + c] = (float) (q[0] < 0 ? -q[c] : q[c]);
      }
    }
    return units;
  }

  /** Returns the largest angle between rotations of two clouds, in radians. */
  static double largestTurn(GaussianArrays one, GaussianArrays other) {
    double largest = 0;
    for (int i = 0; i < one.rotations().length; i += 4) {
      double[] p = Quaternions.unit(one.rotations(), i);
      double[] q = Quaternions.unit(other.rotations(), i);
      double cosine = Math.abs(p[0] * q[0] + p[1] * q[1] + p[2] * q[2] + p[3] * q[3]);
      largest = Math.max(largest, 2 * Math.acos(Math.min(1, cosine)));
    }
    return largest;
  }
}
