package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Random;

/** Clouds and pixel weights from a seed. */
final class RandomSplats {
  private RandomSplats() {}

  /** Gaussians of all shapes about a camera's axis, a few beside and behind it. */
  static GaussianArrays arrays(long seed, int count, int degree) {
    Random random = new Random(seed);
    GaussianArrays arrays = GaussianArrays.zeros(count, degree);
    fill(arrays.means(), random, 0, 0.35);
    fill(arrays.rotations(), random, 0, 1);
    fill(arrays.logScales(), random, -2.5, 0.7);
    fill(arrays.opacityLogits(), random, 0, 2);
    fill(arrays.sh(), random, 0, 0.5);
    for (int i = 0; i < count; i += 10) {
      arrays.means()[3 * i] *= 5;
    }
    return arrays;
  }

  static CameraPose pose(long seed) {
    Random random = new Random(seed);
    return CameraPose.orbit(random.nextDouble() * 6, random.nextDouble(), 1.5);
  }

  static SplatImage weights(long seed, int width, int height) {
    Random random = new Random(seed);
    SplatImage weights = SplatImage.zeros(width, height);
    fill(weights.rgb(), random, 0, 1);
    fill(weights.alpha(), random, 0, 1);
    fill(weights.depth(), random, 0, 1);
    return weights;
  }

  private static void fill(float[] values, Random random, double mean, double deviation) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
  }

  /** The same in float64. */
  static ReferenceSplats.Scene scene(GaussianArrays arrays, CameraPose pose) {
    return new ReferenceSplats.Scene(
        Close.doubles(arrays.means()),
        Close.doubles(arrays.rotations()),
        Close.doubles(arrays.logScales()),
        Close.doubles(arrays.opacityLogits()),
        Close.doubles(arrays.sh()),
        pose.rotation(),
        pose.translation());
  }

  static ReferenceSplats.Pixels pixels(SplatImage image) {
    return new ReferenceSplats.Pixels(
        Close.doubles(image.rgb()), Close.doubles(image.alpha()), Close.doubles(image.depth()));
  }
}
