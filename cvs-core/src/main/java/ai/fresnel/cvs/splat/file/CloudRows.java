package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.io.IOException;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Gaussians of a file, as they are read one after the other. A Gaussian that cannot be drawn is
 * left out and counted: a training that went astray leaves a few, and the others are of use.
 */
final class CloudRows {
  private static final Logger LOG = LoggerFactory.getLogger(SplatFiles.class);

  /** The opacity of this logit is 1 in float; stands for infinity. */
  private static final float MAX_LOGIT = 20;

  /** e^-40 of anything is nothing; stands for a scale of 0. */
  private static final float MIN_LOG_SCALE = -40;

  private final String file;
  private final GaussianArrays arrays;
  private int size;
  private int leftOut;

  private CloudRows(String file, GaussianArrays arrays) {
    this.file = file;
    this.arrays = arrays;
  }

  /**
   * Makes room for Gaussians.
   *
   * @param file names the file in errors
   * @param count how many, as the file claims; the caller has compared it with the file's length
   * @param degree of the harmonics, 0 to 3
   * @throws IOException if that is more than half of Java's memory
   */
  static CloudRows of(String file, long count, int degree) throws IOException {
    requireMemory(file, count, degree);
    return new CloudRows(file, GaussianArrays.zeros((int) count, degree));
  }

  /**
   * Checks that Gaussians fit into memory.
   *
   * @throws IOException as {@link #of} does
   */
  static void requireMemory(String file, long count, int degree) throws IOException {
    int harmonics = GaussianArrays.harmonics(degree);
    // Twice: the cloud makes its own copy.
    long each = 2L * Float.BYTES * (11 + 3 * harmonics);
    long most = Runtime.getRuntime().maxMemory() / 2;
    if (count > most / each || 3L * harmonics * count > Integer.MAX_VALUE - 8) {
      throw new IOException(
          String.format(
              "%s: %d Gaussians of degree %d need more memory than %d MB, half of Java's; --heap"
                  + " gives more",
              file, count, degree, most >> 20));
    }
  }

  /** Returns the arrays to write the next Gaussian to, at {@link #next}. */
  GaussianArrays arrays() {
    return arrays;
  }

  /** Returns the place of the next Gaussian. */
  int next() {
    return size;
  }

  /** Takes the Gaussian that was written to {@link #next}, or leaves it out. */
  void take() {
    if (isSound()) {
      size++;
    } else {
      leftOut++;
    }
  }

  private boolean isSound() {
    float[] logits = arrays.opacityLogits();
    if (Float.isInfinite(logits[size])) {
      logits[size] = Math.copySign(MAX_LOGIT, logits[size]);
    }
    float[] scales = arrays.logScales();
    for (int i = 3 * size; i < 3 * size + 3; i++) {
      if (scales[i] == Float.NEGATIVE_INFINITY) {
        scales[i] = MIN_LOG_SCALE;
      }
      if (!(scales[i] <= GaussianCloud.MAX_LOG_SCALE)) {
        return false;
      }
    }
    int each = arrays.sh().length / arrays.size();
    return !Float.isNaN(logits[size])
        && isBounded(arrays.means(), 3)
        && isBounded(arrays.rotations(), 4)
        && isBounded(arrays.sh(), each)
        && isRotation();
  }

  private boolean isBounded(float[] values, int each) {
    for (int i = each * size; i < each * (size + 1); i++) {
      if (!(Math.abs(values[i]) <= GaussianCloud.MAX_MAGNITUDE)) {
        return false;
      }
    }
    return true;
  }

  private boolean isRotation() {
    float[] q = arrays.rotations();
    int i = 4 * size;
    return q[i] != 0 || q[i + 1] != 0 || q[i + 2] != 0 || q[i + 3] != 0;
  }

  /**
   * Returns the Gaussians that were taken.
   *
   * @throws IOException if there were some and none is left
   */
  GaussianCloud cloud() throws IOException {
    if (leftOut == 0) {
      return GaussianCloud.of(arrays);
    }
    if (size == 0) {
      throw new IOException(
          file
              + ": none of its "
              + leftOut
              + " Gaussians has finite numbers and a quaternion above 0");
    }
    LOG.warn(
        "{}: {} of {} Gaussians left out, whose numbers are not finite or quaternions 0",
        file,
        leftOut,
        leftOut + size);
    return GaussianCloud.of(
        new GaussianArrays(
            Arrays.copyOf(arrays.means(), 3 * size),
            Arrays.copyOf(arrays.rotations(), 4 * size),
            Arrays.copyOf(arrays.logScales(), 3 * size),
            Arrays.copyOf(arrays.opacityLogits(), size),
            Arrays.copyOf(arrays.sh(), arrays.sh().length / arrays.size() * size)));
  }

  /**
   * Returns the logit of an opacity of 8 bits. Those of 0 and 255 are finite: a quarter of a step
   * inside, so that they become the same bytes again.
   */
  static float logit(int opacity) {
    double inside = Math.max(0.25, Math.min(254.75, opacity)) / 255;
    return (float) Math.log(inside / (1 - inside));
  }

  /** Returns the opacity of a logit as 8 bits. */
  static int opacity(float logit) {
    return toByte(255 / (1 + Math.exp(-(double) logit)));
  }

  /** Rounds to the nearest number from 0 to 255. */
  static int toByte(double value) {
    return (int) Math.max(0, Math.min(255, Math.rint(value)));
  }
}
