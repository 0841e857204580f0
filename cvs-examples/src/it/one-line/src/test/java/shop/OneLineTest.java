package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.geometry.CameraPose;
import java.nio.file.Path;
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
    try (ViewSynthesizer cvs = ViewSynthesizer.load(Path.of(System.getProperty("model")))) {
      Image view = cvs.generateNovelView(photo(), source, target);
      assertEquals(64, view.getWidth());
      assertEquals(64, view.getHeight());
      try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
        byte[] rgb = view.toNDArray(manager, Image.Flag.COLOR).toByteArray();
        assertEquals(3 * 64 * 64, rgb.length);
        int first = rgb[0];
        boolean plain = true;
        for (byte value : rgb) {
          plain &= value == first;
        }
        assertFalse(plain, "nothing but one grey");
      }
    }
  }
}
