package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Inner sharpness and silhouettes in a report: objects are squares with a pattern whose gradient
 * energy is known, on nothing.
 */
class InnerSharpnessTest {

  private static final int SIDE = 64;
  private static final int PLANE = SIDE * SIDE;
  private static final int MARGIN = 12;
  private static final Intrinsics LENS =
      Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, SIDE);

  @TempDir Path folder;

  /** The value of a pattern at a pixel, 0 to 255. */
  private interface Pattern {
    int at(int x, int y);
  }

  /** Dark and light by turns: neighbours differ by 102 of 255, 0.8 of the range of 2. */
  private static final Pattern BOARD = (x, y) -> (x + y) % 2 == 0 ? 51 : 153;

  private static boolean isObject(int x, int y) {
    return x >= MARGIN && x < SIDE - MARGIN && y >= MARGIN && y < SIDE - MARGIN;
  }

  private ViewPairDataset data(Pattern... objects) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    for (int i = 0; i < objects.length; i++) {
      byte[] rgba = new byte[4 * PLANE];
      for (int p = 0; p < PLANE; p++) {
        int x = p % SIDE;
        int y = Math.floorDiv(p, SIDE);
        for (int c = 0; c < 4 && isObject(x, y); c++) {
          rgba[4 * p + c] = (byte) (c < 3 ? objects[i].at(x, y) : 255);
        }
      }
      List<View> views = new ArrayList<>();
      for (int v = 0; v < 2; v++) {
        views.add(View.of(LENS, CameraPose.orbit(v, 0.3, 1.7), rgba));
      }
      String id = "object" + i;
      writer.write(id, views, new ObjectMeta(LENS, 1.5, 2.2, id, "CC0-1.0", "test", "", id));
    }
    writer.finish();
    ViewSet set = ViewSet.open(folder);
    return ViewPairDataset.load(set, set.ids(), PairOptions.of(1, 0));
  }

  /** What a predictor makes of the true images, (N, 3, S, S). */
  private interface Change {
    float[] of(float[] truth);
  }

  private record Changed(String name, Change change) implements ViewPredictor {
    @Override
    public float[] predict(ViewBatch batch, int sample) {
      return change.of(batch.target().clone());
    }
  }

  private static Map<String, MetricSummary> measure(ViewPairDataset data, Change change)
      throws IOException {
    return Evaluation.builder(data, EvaluationPairs.draw(data, 2, 0))
        .add(new Changed("x", change))
        .build()
        .run((done, total, doing) -> {})
        .report()
        .metrics();
  }

  private static double inner(ViewPairDataset data, Change change) throws IOException {
    return measure(data, change).get("x/sample/inner_sharpness").mean();
  }

  /** Changes every pixel of the object, by its true value and its index. */
  private static Change inside(java.util.function.BiFunction<Float, Integer, Double> change) {
    return truth -> {
      float[] out = truth.clone();
      for (int i = 0; i < out.length; i++) {
        int p = i % PLANE;
        if (isObject(p % SIDE, Math.floorDiv(p, SIDE))) {
          out[i] = change.apply(truth[i], i).floatValue();
        }
      }
      return out;
    };
  }

  @Test
  void theTruthHasAllOfItsOwnAndOneColourNothing() throws IOException {
    ViewPairDataset data = data(BOARD);
    assertEquals(1, inner(data, truth -> truth), 1e-9);
    assertEquals(0, inner(data, inside((value, i) -> 0.3)), 1e-9);
    assertEquals(0.25, inner(data, inside((value, i) -> value / 2.0)), 1e-6, "half the contrast");
    Map<String, MetricSummary> truth = measure(data, images -> images);
    assertEquals(1, truth.get("x/sample/silhouette_iou").mean());
    assertEquals(1, truth.get("truth/sample/silhouette_iou").mean());
  }

  /** A mean of three along x takes a board's amplitude to a third, its energy to a ninth. */
  @Test
  void blurOfKnownWidth() throws IOException {
    ViewPairDataset data = data(BOARD);
    Change blur =
        truth -> {
          float[] out = truth.clone();
          for (int i = 1; i < out.length - 1; i++) {
            out[i] = (truth[i - 1] + truth[i] + truth[i + 1]) / 3;
          }
          return out;
        };
    assertEquals(1 / 9.0, inner(data, blur), 1e-6);
  }

  /**
   * Independent noise of deviation s adds 2·s² to the mean square of differences along x and along
   * y: 4·s² beside the faint board's own 2·0.04².
   */
  @Test
  void noiseOfKnownSigma() throws IOException {
    double step = 5 / 127.5;
    ViewPairDataset data = data((x, y) -> (x + y) % 2 == 0 ? 120 : 125);
    Random random = new Random(5);
    for (double sigma : new double[] {0.05, 0.1, 0.2}) {
      double expected = 1 + 4 * sigma * sigma / (2 * step * step);
      double got = inner(data, inside((value, i) -> value + sigma * random.nextGaussian()));
      assertEquals(expected, got, 0.05 * expected, "sigma " + sigma);
    }
  }

  /** The outline, and all within two pixels of it, may be as loud or as soft as it likes. */
  @Test
  void theOutlineAndTheBackgroundDoNotCount() throws IOException {
    ViewPairDataset data = data(BOARD);
    Change loud =
        truth -> {
          float[] out = truth.clone();
          for (int i = 0; i < out.length; i++) {
            int x = i % PLANE % SIDE;
            int y = Math.floorDiv(i % PLANE, SIDE);
            int edge = MARGIN + 2;
            boolean deep = x >= edge && x < SIDE - edge && y >= edge && y < SIDE - edge;
            out[i] = deep ? out[i] : i % 2 == 0 ? -1 : 1;
          }
          return out;
        };
    assertEquals(1, inner(data, loud), 1e-9);
    assertTrue(measure(data, loud).get("x/sample/sharpness_share").mean() > 2);
  }

  /** Shares are of the mean over pairs: a truth of one colour has no share of its own. */
  @Test
  void anEvenTruthDoesNotOutweighTheOthers() throws IOException {
    ViewPairDataset data = data(BOARD, (x, y) -> 90);
    assertEquals(1, inner(data, truth -> truth), 1e-9);
    // Another board on the even one: as much again, not infinitely more.
    Change board = inside((value, i) -> BOARD.at(i % SIDE, Math.floorDiv(i, SIDE)) / 127.5 - 1);
    assertEquals(2, inner(data, board), 1e-6);
    folder = folder.resolve("even");
    ViewPairDataset even = data((x, y) -> 90);
    assertNull(measure(even, truth -> truth).get("x/sample/inner_sharpness"));
  }

  /** The object drawn on the left half only, and with as much again beside it. */
  @Test
  void silhouettesOfDrawnObjects() throws IOException {
    ViewPairDataset data = data(BOARD);
    Change half = inside((value, i) -> i % SIDE < SIDE / 2 ? value : 1.0);
    assertEquals(0.5, measure(data, half).get("x/sample/silhouette_iou").mean(), 1e-9);
    Change all = truth -> new float[truth.length];
    double share = 40.0 * 40 / PLANE;
    assertEquals(share, measure(data, all).get("x/sample/silhouette_iou").mean(), 1e-9);
    // A background a little grey is none.
    Change grey =
        truth -> {
          float[] out = truth.clone();
          for (int i = 0; i < out.length; i++) {
            out[i] = Math.min(out[i], 0.92f);
          }
          return out;
        };
    assertEquals(1, measure(data, grey).get("x/sample/silhouette_iou").mean(), 1e-9);
  }
}
