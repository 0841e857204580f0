package ai.fresnel.cvs.train.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.train.data.Augmentation;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.viewset.View;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RenderedPairsTest {

  private static final MeshVariation VARIATION = new MeshVariation(0.2, 1, 0.3);

  private static RenderedPairs pairs(PairOptions options) {
    return new RenderedPairs(ProceduralScenes.sources(5, 30), 32, options, VARIATION);
  }

  @Test
  void aBatchDependsOnItsNumberAlone() {
    PairOptions options = PairOptions.of(4, 9);
    RenderedPairs pairs = pairs(options);
    ViewBatch third = pairs.batch(3);
    RenderedPairs other = pairs(options);
    try (Prefetcher<ViewBatch> prefetcher = new Prefetcher<>(other::batch, 0, 4, 3)) {
      for (int k = 0; k < 3; k++) {
        prefetcher.next();
      }
      ViewBatch again = prefetcher.next();
      assertEquals(third.pairs(), again.pairs());
      assertArrayEquals(third.source(), again.source());
      assertArrayEquals(third.target(), again.target());
      assertArrayEquals(third.pose(), again.pose());
    }
    assertTrue(!Arrays.equals(third.target(), pairs.batch(4).target()));
    assertTrue(!Arrays.equals(third.target(), pairs(PairOptions.of(4, 8)).batch(3).target()));
  }

  @Test
  void severalThreadsDrawTheSameBatch() {
    PairOptions options = PairOptions.of(16, 9).withTargets(2);
    RenderedPairs several =
        new RenderedPairs(ProceduralScenes.sources(5, 30), 32, options, VARIATION, 4);
    for (long k = 0; k < 3; k++) {
      ViewBatch one = pairs(options).batch(k);
      ViewBatch same = several.batch(k);
      assertEquals(one.pairs(), same.pairs());
      assertArrayEquals(one.source(), same.source());
      assertArrayEquals(one.target(), same.target());
      assertArrayEquals(one.pose(), same.pose());
    }
  }

  /** Each vertex of the mesh lies, in both images, on the object; and the batch is these views. */
  @Test
  void imagesShowTheMeshFromTheirCameras() {
    RenderedPairs pairs = pairs(PairOptions.of(6, 2));
    ViewBatch batch = pairs.batch(0);
    Set<Integer> objects = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      RenderedPairs.Sample sample = pairs.samples(i).get(0);
      objects.add(sample.pair().object());
      for (View view : List.of(sample.source(), sample.target())) {
        int seen = 0;
        for (int v = 0; v < sample.mesh().vertexCount(); v++) {
          double[] point = new double[3];
          for (int c = 0; c < 3; c++) {
            point[c] = sample.mesh().positions()[3 * v + c];
          }
          seen += isOn(view, view.intrinsics().project(view.pose().toCamera(point))) ? 1 : 0;
        }
        // Thin legs may fall between samples.
        assertTrue(seen > 0.95 * sample.mesh().vertexCount(), seen + " vertices");
      }
      float[] expected =
          RelativePose.features(
              sample.source().pose(),
              sample.source().intrinsics(),
              sample.target().pose(),
              sample.target().intrinsics());
      assertArrayEquals(expected, Arrays.copyOfRange(batch.pose(), 16 * i, 16 * i + 16));
      float[] image = sample.target().onWhite();
      int from = i * image.length;
      assertArrayEquals(image, Arrays.copyOfRange(batch.target(), from, from + image.length));
    }
    assertTrue(objects.size() > 1, objects.toString());
  }

  private static boolean isOn(View view, double[] pixel) {
    int side = view.intrinsics().width();
    for (int k = 0; k < 9; k++) {
      int x = (int) Math.floor(pixel[0]) + k % 3 - 1;
      int y = (int) Math.floor(pixel[1]) + Math.floorDiv(k, 3) - 1;
      // What lies outside the image cannot be told.
      if (x < 0 || y < 0 || x >= side || y >= side || view.rgba()[4 * (side * y + x) + 3] != 0) {
        return true;
      }
    }
    return false;
  }

  @Test
  void anglesAndAugmentationAreKept() {
    PairOptions options = PairOptions.of(4, 3).withMaxAngle(0.3);
    RenderedPairs pairs = pairs(options);
    for (int i = 0; i < 8; i++) {
      RenderedPairs.Sample sample = pairs.samples(i).get(0);
      double[] a = sample.source().pose().forward();
      double[] b = sample.target().pose().forward();
      double angle = Math.acos(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
      assertTrue(angle <= 0.3, angle + " radians");
    }
    RenderedPairs mirrored = pairs(options.withAugmentation(new Augmentation(1, 0, 0, 0, 0, 0)));
    float[] plain = pairs.batch(1).source();
    float[] over = mirrored.batch(1).source();
    for (int i = 0; i < plain.length; i++) {
      assertEquals(plain[i], over[i - i % 32 + 31 - i % 32]);
    }
  }
}
