package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.objective.SlowWarp;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.render.RenderedOrbit;
import ai.fresnel.cvs.train.viewset.View;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlickerTest {

  private static final int SIZE = 32;

  private static float[] frames(List<View> ring) {
    float[] all = new float[ring.size() * 3 * SIZE * SIZE];
    for (int i = 0; i < ring.size(); i++) {
      float[] one = ring.get(i).onWhite();
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return all;
  }

  private static float[] noisy(float[] frames, double amount) {
    Random random = new Random(1);
    float[] out = frames.clone();
    for (int i = 0; i < out.length; i++) {
      out[i] += (float) (amount * random.nextGaussian());
    }
    return out;
  }

  @Test
  void itIsTheMeanDifferenceOfTheSlowReference() {
    List<View> ring = RenderedOrbit.of("a", ProceduralScenes.generate(6), 5, SIZE, 3);
    float[] frames = noisy(frames(ring), 0.1);
    double sum = 0;
    double weights = 0;
    long seen = 0;
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (int i = 0; i < 5; i++) {
        View[] two = {ring.get(i), ring.get((i + 1) % 5)};
        SlowWarp slow =
            new SlowWarp(
                SIZE,
                new float[][] {two[0].depth().orElseThrow(), two[1].depth().orElseThrow()},
                new CameraPose[] {two[0].pose(), two[1].pose()},
                two[0].intrinsics(),
                two[1].intrinsics());
        double[][] images = new double[2][];
        int size = 3 * SIZE * SIZE;
        for (int k = 0; k < 2; k++) {
          int from = (i + k) % 5 * size;
          images[k] = new double[size];
          for (int j = 0; j < size; j++) {
            images[k][j] = frames[from + j];
          }
        }
        for (int k = 0; k < 2; k++) {
          long count = slow.count(k);
          sum += count * slow.difference(images, k);
          weights += count;
          seen += count;
        }
      }
      Flicker flicker = Flicker.of(manager, frames, ring);
      assertTrue(seen > 100, seen + " pixels");
      assertEquals(1, flicker.seen() / weights, 0.01);
      assertEquals(sum / weights, flicker.difference(), 0.01 * sum / weights);
    }
  }

  /** Truth flickers little; noise of its own in each frame adds its own; one colour, nothing. */
  @Test
  void truthFlickersLessThanNoiseAndOneColourNotAtAll() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      for (int object = 0; object < 11; object += 5) {
        List<View> ring =
            RenderedOrbit.of("o" + object, ProceduralScenes.generate(object), 20, SIZE, 3);
        float[] truth = frames(ring);
        double still = Flicker.of(manager, truth, ring).difference();
        double noise = Flicker.of(manager, noisy(truth, 0.2), ring).difference();
        float[] grey = new float[truth.length];
        Arrays.fill(grey, 0.3f);
        assertTrue(still < 0.1 && noise > still + 0.05, still + " and " + noise);
        assertEquals(0, Flicker.of(manager, grey, ring).difference(), 1e-6);
        // Every other frame brighter.
        float[] flickering = truth.clone();
        int size = 3 * SIZE * SIZE;
        for (int i = 0; i < flickering.length; i++) {
          flickering[i] += Math.floorDiv(i, size) % 2 == 0 ? 1 : -1;
        }
        double most = Flicker.of(manager, flickering, ring).difference();
        assertEquals(2, most, 0.1);
      }
      List<View> ring = List.of(view(), view());
      assertThrows(
          IllegalArgumentException.class,
          () -> Flicker.of(manager, new float[6 * SIZE * SIZE], ring));
    }
  }

  private static View view() {
    Intrinsics lens = Intrinsics.fromFieldOfView(0.9, SIZE);
    return View.of(lens, CameraPose.orbit(0, 0, 2), new byte[4 * SIZE * SIZE]);
  }

  private record Told(String name, float shift) implements ViewPredictor {

    @Override
    public int passes() {
      return 2;
    }

    @Override
    public float[] predict(ViewBatch batch, int sample) {
      assertEquals(1, Arrays.stream(batch.sampleSeeds()).distinct().count());
      float[] frames = batch.target().clone();
      int size = Math.floorDiv(frames.length, batch.size());
      for (int i = 0; i < frames.length; i++) {
        frames[i] += Math.floorDiv(i, size) == 3 ? shift : 0;
      }
      return frames;
    }
  }

  @Test
  void modelsAreMeasuredBesideTheTruth() throws IOException {
    List<? extends MeshSource> meshes = ProceduralScenes.sources(2, 6);
    OrbitEvaluation orbits =
        new OrbitEvaluation(meshes, List.of(new Told("same", 0), new Told("off", -0.7f)), SIZE, 9);
    assertEquals(2L * OrbitEvaluation.FRAMES * 4, orbits.work());
    long[] last = {0};
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Map<String, MetricSummary> measured =
          orbits.run(manager, (done, total, name) -> last[0] = done);
      assertEquals(orbits.work(), last[0]);
      assertEquals(2, measured.get("truth/orbit/seen").count());
      double truth = measured.get("truth/orbit/flicker").mean();
      assertEquals(truth, measured.get("same/orbit/flicker").mean(), 1e-9);
      assertTrue(measured.get("off/orbit/flicker").mean() > truth + 0.02);
      double off = measured.get("off/orbit/flicker").mean();
      assertEquals(off / truth, measured.get("off/orbit/flicker_share").mean(), 1e-9);
      assertEquals(1, measured.get("same/orbit/flicker_share").mean(), 1e-9);
      EvaluationReport report = new EvaluationReport(Map.of("predictors", "same, off"), measured);
      String table = report.toMarkdown();
      assertTrue(table.contains("| orbits of | flicker | × the truth's |"), table);
      assertTrue(table.contains("| truth | "), table);
      assertTrue(table.contains("| off | "), table);
    }
  }
}
