package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.VolumeView;
import ai.fresnel.cvs.geometry.CameraPose;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedViewsTest {
  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.35, 1.7);

  @Test
  void theFirstCameraIsThePhotographs() {
    List<CameraPose> cameras = GeneratedViews.cameras(SOURCE);
    assertEquals(54, cameras.size());
    assertArrayEquals(SOURCE.position(), cameras.get(0).position(), 1e-12);
    for (CameraPose camera : cameras) {
      assertEquals(1.7, camera.radius(), 1e-9);
    }
  }

  /** Laid over white again, the image is what it was. */
  @Test
  void theBackgroundIsTakenOutWithoutChangingTheImage() {
    float[] image = new float[3 * 4];
    float[] alpha = {0, 0.5f, 1, 0.25f};
    float[][] onWhite = {{1, 1, 1}, {0.6f, 0.8f, 0.7f}, {0.1f, 0.9f, 0.2f}, {0.2f, 1, 1}};
    for (int i = 0; i < 4; i++) {
      for (int c = 0; c < 3; c++) {
        image[4 * c + i] = 2 * onWhite[i][c] - 1;
      }
    }
    byte[] rgba = GeneratedViews.rgba(image, alpha, 2);
    for (int i = 0; i < 4; i++) {
      double opaque = (rgba[4 * i + 3] & 0xff) / 255.0;
      for (int c = 0; c < 3; c++) {
        double light = (rgba[4 * i + c] & 0xff) / 255.0;
        assertEquals(onWhite[i][c], opaque * light + 1 - opaque, 0.006, i + ", " + c);
      }
    }
    assertEquals(0, rgba[3]);
    // Darker than this alpha allows: it covers more.
    assertEquals(204, rgba[15] & 0xff);
  }

  @Test
  void mapsAreEnlargedLinearly() {
    float[] large = GeneratedViews.enlarged(new float[] {0, 1, 2, 3}, 4);
    assertArrayEquals(
        new float[] {0, 0.25f, 0.75f, 1, 0.5f, 0.75f, 1.25f, 1.5f},
        java.util.Arrays.copyOf(large, 8),
        1e-6f);
  }

  /** The bundled model's views of a dark square become Gaussians that are dark in front. */
  @Test
  void aPhotographBecomesGaussians() throws IOException {
    int side = 64;
    byte[] rgba = new byte[4 * side * side];
    for (int row = 16; row < 48; row++) {
      for (int column = 16; column < 48; column++) {
        rgba[4 * (side * row + column) + 3] = (byte) 255;
      }
    }
    Photograph photograph = Photograph.ofRgba(rgba, side, side);
    try (ViewSynthesizer cvs = ViewSynthesizer.load()) {
      ViewRequest request =
          ViewRequest.of(photograph, SOURCE, GeneratedViews.cameras(SOURCE).subList(0, 3))
              .withFraming(Framing.OBJECT);
      List<VolumeView> volume = cvs.volumeViews(request);
      assertEquals(3, volume.size());
      VolumeView own = volume.get(0);
      int half = own.side() / 2;
      int middle = half * own.side() + half;
      assertTrue(own.opacity()[middle] > 0.8, "the middle is transparent");
      assertEquals(SOURCE.radius(), own.depth()[middle], 0.5);
      int above = own.side() / 16 * own.side() + half;
      assertTrue(own.opacity()[above] < 0.4, "above the object is no haze");
      SplatData data = GeneratedViews.draw(cvs, request, null);
      assertEquals(12, data.training().get(0).weight());
      assertTrue(data.training().get(1).weight() < 1);
      SplatSettings settings = SplatSettings.generated().withGaussians(200).withSteps(60);
      SplatOptimiser optimiser =
          new SplatOptimiser(settings, data.training(), data.start().gaussians(settings), 1);
      while (!optimiser.isDone()) {
        optimiser.step();
      }
      double psnr = SplatScore.of(optimiser.cloud(), data.training().get(0)).psnr();
      assertTrue(psnr > 12, psnr + " dB");
    }
  }
}
