package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageMetricsTest {

  private static final int HEIGHT = 16;
  private static final int WIDTH = 20;
  private static final ImageMetrics METRICS = new ImageMetrics(3, HEIGHT, WIDTH);

  private final float[] a = waves();
  private final float[] b = distorted(a);
  private final boolean[] right = right();

  private static float[] waves() {
    float[] out = new float[3 * HEIGHT * WIDTH];
    for (int i = 0; i < out.length; i++) {
      int x = i % WIDTH;
      int y = i / WIDTH % HEIGHT;
      int c = i / WIDTH / HEIGHT;
      out[i] = (float) (0.9 * Math.sin(0.3 * x + 0.2 * y + c));
    }
    return out;
  }

  private static float[] distorted(float[] a) {
    float[] out = new float[a.length];
    for (int i = 0; i < out.length; i++) {
      int x = i % WIDTH;
      int y = i / WIDTH % HEIGHT;
      out[i] = (float) (0.8 * a[i] + 0.1 * Math.cos(0.7 * x - 0.4 * y));
    }
    return out;
  }

  /** The pixels with x from 8 up. */
  private static boolean[] right() {
    boolean[] mask = new boolean[HEIGHT * WIDTH];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % WIDTH >= 8;
    }
    return mask;
  }

  private static float[] uniform(float value) {
    float[] out = new float[3 * HEIGHT * WIDTH];
    Arrays.fill(out, value);
    return out;
  }

  /** An offset of d everywhere has 20 log10(2 / d). */
  @Test
  void psnrOfAnOffsetIsKnown() {
    assertEquals(20, METRICS.psnr(uniform(0.3f), uniform(0.5f)), 1e-5);
    assertEquals(0, METRICS.psnr(uniform(-1), uniform(1)), 1e-9);
    assertEquals(10 * Math.log10(4 / 1e-10), METRICS.psnr(a, a), 1e-9);
  }

  @Test
  void psnrUnderAMaskSeesTheMaskOnly() {
    float[] broken = a.clone();
    for (int i = 0; i < broken.length; i++) {
      broken[i] += right[i % right.length] ? 0.02f : 1f;
    }
    assertEquals(40, METRICS.psnr(a, broken, right), 1e-4);
    boolean[] one = new boolean[HEIGHT * WIDTH];
    one[0] = true;
    assertEquals(20 * Math.log10(2), METRICS.psnr(a, broken, one), 1e-5);
  }

  /** scikit-image 0.26: gaussian_weights, sigma 1.5, use_sample_covariance False, data_range 2. */
  @Test
  void metricsAgreeWithScikitImage() {
    assertEquals(0.8862095799226811, METRICS.ssim(a, b), 1e-6);
    assertEquals(0.876443707827325, METRICS.ssim(a, b, right), 1e-6);
    assertEquals(22.821235228699898, METRICS.psnr(a, b), 1e-5);
  }

  @Test
  void ssimOfEqualImagesIsOne() {
    assertEquals(1, METRICS.ssim(a, a), 1e-12);
    assertEquals(1, METRICS.ssim(a, a, right), 1e-12);
  }

  /** Without variance only the luminance term is left: (2ab + C1) / (a^2 + b^2 + C1). */
  @Test
  void ssimOfTwoConstantsIsTheLuminanceTerm() {
    double c1 = 0.0004;
    double expected = (2 * 0.5 * 0.25 + c1) / (0.5 * 0.5 + 0.25 * 0.25 + c1);
    assertEquals(expected, METRICS.ssim(uniform(0.5f), uniform(0.25f)), 1e-9);
    assertEquals(expected, METRICS.ssim(uniform(0.5f), uniform(0.25f), right), 1e-9);
  }

  /** The formula pixel by pixel with the square window, on noise. */
  @Test
  void ssimAgreesWithASlowReference() {
    Random random = new Random(4);
    float[] p = new float[a.length];
    float[] q = new float[a.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = random.nextFloat() * 2 - 1;
      q[i] = p[i] * 0.5f + random.nextFloat() - 0.5f;
    }
    double sum = 0;
    int count = 0;
    for (int c = 0; c < 3; c++) {
      for (int y = 5; y < HEIGHT - 5; y++) {
        for (int x = 5; x < WIDTH - 5; x++) {
          sum += slowSsim(p, q, c, y, x);
          count++;
        }
      }
    }
    assertEquals(sum / count, METRICS.ssim(p, q), 1e-9);
  }

  private static double slowSsim(float[] p, float[] q, int c, int cy, int cx) {
    double total = 0;
    double[] mean = new double[2];
    for (int pass = 0; pass < 2; pass++) {
      double[] sums = new double[3];
      total = 0;
      for (int dy = -5; dy <= 5; dy++) {
        for (int dx = -5; dx <= 5; dx++) {
          double weight = Math.exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
          int i = (c * HEIGHT + cy + dy) * WIDTH + cx + dx;
          total += weight;
          if (pass == 0) {
            sums[0] += weight * p[i];
            sums[1] += weight * q[i];
          } else {
            sums[0] += weight * (p[i] - mean[0]) * (p[i] - mean[0]);
            sums[1] += weight * (q[i] - mean[1]) * (q[i] - mean[1]);
            sums[2] += weight * (p[i] - mean[0]) * (q[i] - mean[1]);
          }
        }
      }
      if (pass == 0) {
        mean[0] = sums[0] / total;
        mean[1] = sums[1] / total;
      } else {
        double c1 = Math.pow(0.01 * 2, 2);
        double c2 = Math.pow(0.03 * 2, 2);
        double luminance =
            (2 * mean[0] * mean[1] + c1) / (mean[0] * mean[0] + mean[1] * mean[1] + c1);
        double structure = (2 * sums[2] / total + c2) / (sums[0] / total + sums[1] / total + c2);
        return luminance * structure;
      }
    }
    throw new AssertionError();
  }

  @Test
  void sharpnessIsTheEnergyOfTheGradient() {
    float[] ramp = new float[3 * HEIGHT * WIDTH];
    float[] board = new float[ramp.length];
    for (int i = 0; i < ramp.length; i++) {
      int x = i % WIDTH;
      int y = i / WIDTH % HEIGHT;
      ramp[i] = 0.03f * x - 0.04f * y;
      board[i] = (x + y) % 2 == 0 ? -1 : 1;
    }
    assertEquals(0.0025, METRICS.sharpness(ramp), 1e-8);
    assertEquals(8, METRICS.sharpness(board), 1e-9);
    assertEquals(0, METRICS.sharpness(uniform(0.7f)), 0);
    assertTrue(METRICS.sharpness(a) > METRICS.sharpness(distorted(uniform(0))));
  }

  /** A flat object before a loud background: the outline is no sharpness of the object. */
  @Test
  void sharpnessUnderAMaskLeavesOutTheOutline() {
    float[] image = uniform(0.1f);
    for (int i = 0; i < image.length; i++) {
      if (!right[i % right.length]) {
        image[i] = i % 2 == 0 ? -1 : 1;
      }
    }
    assertEquals(0, METRICS.sharpness(image, right), 0);
    assertTrue(METRICS.sharpness(image) > 0.5);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> METRICS.psnr(a, new float[3]));
    assertThrows(IllegalArgumentException.class, () -> METRICS.ssim(new float[3], a));
    assertThrows(IllegalArgumentException.class, () -> METRICS.psnr(a, b, new boolean[3]));
    boolean[] empty = new boolean[HEIGHT * WIDTH];
    assertThrows(IllegalArgumentException.class, () -> METRICS.psnr(a, b, empty));
    assertThrows(IllegalArgumentException.class, () -> METRICS.ssim(a, b, empty));
    empty[7] = true;
    assertThrows(IllegalArgumentException.class, () -> METRICS.sharpness(a, empty));
    assertThrows(IllegalArgumentException.class, () -> new ImageMetrics(0, 1, 1));
    ImageMetrics small = new ImageMetrics(1, 10, 12);
    assertThrows(IllegalArgumentException.class, () -> small.ssim(new float[120], new float[120]));
  }
}
