package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The README's line, in a project of its own, on an image of its own. */
class OneLineTest {

  /** A red box with a blue top on white, as a shop would have it. */
  private static Image photo() {
    int[] argb = new int[200 * 160];
    for (int i = 0; i < argb.length; i++) {
      int x = i % 200;
      int y = i / 200;
      boolean inside = x > 50 && x < 150 && y > 40 && y < 130;
      argb[i] = inside ? (y < 60 ? 0xFF3050C0 : 0xFFC02020) : 0xFFFFFFFF;
    }
    return ImageFactory.getInstance().fromPixels(argb, 200, 160);
  }

  @Test
  void aImageComesOut() throws Exception {
    CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
    CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.7);
    try (ViewSynthesizer cvs = ViewSynthesizer.load()) {
      Image view = cvs.generateNovelView(photo(), source, target);
      assertEquals(64, view.getWidth());
      assertEquals(64, view.getHeight());
      assertShowsSomethingRed(view);
    }
  }

  /** White in the corners, 4×4 pixels each, and in the middle more red than anything else. */
  private static void assertShowsSomethingRed(Image view) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      byte[] rgb = view.toNDArray(manager, Image.Flag.COLOR).toByteArray();
      for (int[] corner : new int[][] {{0, 0}, {60, 0}, {0, 60}, {60, 60}}) {
        for (double channel : mean(rgb, corner[0], corner[1], 4)) {
          assertTrue(channel > 220, "corner " + Arrays.toString(corner) + ": " + channel);
        }
      }
      double[] middle = mean(rgb, 24, 24, 16);
      assertTrue(
          middle[0] > middle[1] + 30 && middle[0] > middle[2] + 30, Arrays.toString(middle));
    }
  }

  /** The mean of each channel in a square. */
  private static double[] mean(byte[] rgb, int left, int top, int side) {
    double[] mean = new double[3];
    for (int y = top; y < top + side; y++) {
      for (int x = left; x < left + side; x++) {
        for (int c = 0; c < 3; c++) {
          mean[c] += (rgb[3 * (64 * y + x) + c] & 255) / (double) (side * side);
        }
      }
    }
    return mean;
  }
}
