package ai.fresnel.cvs.train.procedural;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.render.Lighting;
import ai.fresnel.cvs.train.render.Rasterizer;
import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewCameras;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProceduralScenesTest {
  @Test
  void everySeedGivesAWholeObjectThatIsTheSameAgain() {
    assertTrue(ProceduralScenes.families().size() >= 8);
    for (long seed = -11; seed < 110; seed++) {
      Mesh mesh = ProceduralScenes.generate(seed);
      float[] extent = mesh.extent();
      float longest = Math.max(extent[0], Math.max(extent[1], extent[2]));
      assertEquals(1, longest, 1e-5, ProceduralScenes.family(seed));
      assertArrayEquals(mesh.positions(), ProceduralScenes.generate(seed).positions());
    }
    assertFalse(
        Arrays.equals(
            ProceduralScenes.generate(0).positions(), ProceduralScenes.generate(11).positions()));
  }

  @Test
  void frontAndBackDiffer() {
    for (long seed = 0; seed < ProceduralScenes.families().size(); seed++) {
      // Flat light from above and the object alone: only its shape and colours can differ.
      Rasterizer rasterizer =
          new Rasterizer(ProceduralScenes.generate(seed), Lighting.random(1), 3);
      List<CameraPose> orbit = ViewCameras.orbit(2, 0.5, 1.6);
      byte[] one = rasterizer.render(orbit.get(0), ViewCameras.intrinsics(32)).rgba();
      byte[] two = rasterizer.render(orbit.get(1), ViewCameras.intrinsics(32)).rgba();
      double sum = 0;
      for (int i = 0; i < one.length; i++) {
        sum += Math.abs((one[i] & 255) - (two[i] & 255));
      }
      assertTrue(sum / one.length > 1, ProceduralScenes.family(seed) + ": " + sum / one.length);
    }
  }

  @Test
  void imagesAreWellExposed() {
    double sum = 0;
    double weight = 0;
    for (long seed = 0; seed < 44; seed++) {
      Mesh mesh = ProceduralScenes.generate(seed);
      for (RenderedView view :
          ViewSetRenderer.renderObject("o" + seed, mesh, RenderJob.of(2, 24, 0))) {
        byte[] p = view.rgba();
        for (int i = 0; i < p.length; i += 4) {
          double a = (p[i + 3] & 255) / 255.0;
          sum +=
              a
                  * (0.2126 * (p[i] & 255) + 0.7152 * (p[i + 1] & 255) + 0.0722 * (p[i + 2] & 255))
                  / 255;
          weight += a;
        }
      }
    }
    double mean = sum / weight;
    assertTrue(mean > 0.35 && mean < 0.65, "mean luminance " + mean);
  }

  @Test
  void camerasKeepToZero123sRanges() {
    double high = 0;
    int n = 2000;
    for (CameraPose pose : ViewCameras.random(n, 3)) {
      assertTrue(pose.radius() >= 1.5 - 1e-9 && pose.radius() <= 2.2 + 1e-9);
      double elevation = Math.toDegrees(pose.elevation());
      assertTrue(elevation >= -10.001 && elevation <= 80.001, "elevation " + elevation);
      high += elevation > 30 ? 1 : 0;
    }
    // On the sphere: (sin 80 - sin 30) / (sin 80 + sin 10) of the cameras stand above 30 degrees.
    assertEquals(0.418, high / n, 0.035);
    assertEquals(ViewCameras.random(3, 3).get(1), ViewCameras.random(9, 3).get(1));
  }
}
