package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import org.junit.jupiter.api.Test;

/** The README's line, in a project of its own, on a picture of its own. */
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
  void aPictureComesOut() throws Exception {
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
      for (int corner : new int[] {0, 60, 60 * 64, 60 * 64 + 60}) {
        double mean = 0;
        for (int i = 0; i < 16 * 3; i++) {
          mean += (rgb[3 * (corner + i / 12 * 64) + i % 12] & 255) / 48.0;
        }
        assertTrue(mean > 220, "corner " + corner + ": " + mean);
      }
      double[] mean = new double[3];
      for (int y = 24; y < 40; y++) {
        for (int x = 24; x < 40; x++) {
          for (int c = 0; c < 3; c++) {
            mean[c] += (rgb[3 * (64 * y + x) + c] & 255) / 256.0;
          }
        }
      }
      assertTrue(mean[0] > mean[1] + 30 && mean[0] > mean[2] + 30, java.util.Arrays.toString(mean));
    }
  }
}
