package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.train.viewset.Fixtures;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Depth of the targets, and targets by twos. */
class DepthBatchTest {

  private static final int VIEWS = 5;
  private static final int S = Fixtures.SIZE;

  @TempDir Path folder;

  /** Depth whose value is the blue of its pixel: where the image is moved, it must be too. */
  private ViewSet set(boolean depth, int views) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    for (int object = 0; object < 3; object++) {
      List<View> all = new ArrayList<>();
      for (View view : Fixtures.views(object, views)) {
        float[] map = new float[S * S];
        for (int i = 0; i < map.length; i++) {
          int x = i % S;
          int y = Math.floorDiv(i, S);
          if (view.rgba()[4 * i + 3] != 0) {
            view.rgba()[4 * i + 2] = (byte) (7 * x + 5 * y);
            map[i] = 1 + (7 * x + 5 * y) / 255f;
          }
        }
        all.add(depth ? view.withDepth(map) : view);
      }
      writer.write(Fixtures.id(object), all, Fixtures.meta("", "hash" + object));
    }
    writer.finish();
    Files.writeString(
        folder.resolve("split.json"),
        "{\"format\":1,\"objects\":{\"object-a\":\"train\",\"object-b\":\"train\","
            + "\"object-c\":\"train\"}}");
    return ViewSet.open(folder);
  }

  private static void assertDepthIsTheImages(ViewBatch batch, double tolerance) {
    assertDepthIsTheImages(batch.depth().orElseThrow(), batch.target(), tolerance);
    assertDepthIsTheImages(batch.sourceDepth().orElseThrow(), batch.source(), tolerance);
  }

  private static void assertDepthIsTheImages(float[] depth, float[] images, double tolerance) {
    int size = depth.length / (S * S);
    int compared = 0;
    for (int n = 0; n < size; n++) {
      for (int i = 0; i < S * S; i++) {
        float z = depth[n * S * S + i];
        float blue = images[(n * 3 + 2) * S * S + i];
        if (z == 0) {
          continue;
        }
        // Where the image mixes object and background there is no telling.
        if (isWhole(depth, n * S * S, i)) {
          assertEquals(z, 1 + (blue + 1) / 2, tolerance);
          compared++;
        }
      }
    }
    assertTrue(compared > 20 * size, compared + " pixels");
  }

  private static boolean isWhole(float[] depth, int at, int i) {
    int x = i % S;
    int y = Math.floorDiv(i, S);
    return x > 0
        && y > 0
        && x < S - 1
        && y < S - 1
        && depth[at + i - 1] * depth[at + i + 1] * depth[at + i - S] * depth[at + i + S] > 0;
  }

  @Test
  void depthIsTheTargetsAndMovesWithIt() throws IOException {
    ViewSet set = set(true, VIEWS);
    PairOptions options = PairOptions.of(6, 3).withDepth(true);
    ViewPairDataset plain = ViewPairDataset.load(set, Split.TRAIN, options);
    ViewBatch batch = plain.batch(2);
    assertDepthIsTheImages(batch, 1e-6);
    ViewPair first = batch.pairs().get(0);
    float[] map = plain.depth(first.object(), first.target());
    float[] start = java.util.Arrays.copyOf(batch.depth().orElseThrow(), S * S);
    assertArrayEquals(map, start);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertEquals(new Shape(6, 1, S, S), batch.on(manager).depth().orElseThrow().getShape());
    }
    for (Augmentation change :
        List.of(
            new Augmentation(1, 0, 0, 0, 0, 0),
            new Augmentation(0, 0, 0, 0, 0.5, 0),
            new Augmentation(0.5, 0, 0, 0, 0.3, 0))) {
      ViewBatch changed =
          ViewPairDataset.load(set, Split.TRAIN, options.withAugmentation(change)).batch(2);
      assertEquals(batch.pairs(), changed.pairs());
      assertFalse(java.util.Arrays.equals(batch.depth().get(), changed.depth().get()));
      // The nearest pixel is half a pixel off at most.
      assertDepthIsTheImages(changed, change.zoom() == 0 ? 1e-6 : 8 / 255.0);
    }
    StreamedPairs streamed = StreamedPairs.open(set, Split.TRAIN, options);
    assertDepthIsTheImages(streamed.batch(1), 1e-6);
    ViewPairDataset without = ViewPairDataset.load(set, Split.TRAIN, PairOptions.of(6, 3));
    assertTrue(without.batch(2).depth().isEmpty());
    assertArrayEquals(without.batch(2).target(), batch.target());
    assertThrows(IllegalStateException.class, () -> without.depth(0, 0));
  }

  @Test
  void aSetWithoutDepthIsRefusedInOneLine() throws IOException {
    ViewSet set = set(false, 3);
    PairOptions options = PairOptions.of(2, 0).withDepth(true);
    for (Executable load :
        List.<Executable>of(
            () -> ViewPairDataset.load(set, Split.TRAIN, options),
            () -> StreamedPairs.open(set, Split.TRAIN, options))) {
      String refused = assertThrows(IOException.class, load::run).getMessage();
      assertTrue(refused.contains("000.depth.npy"), refused);
      assertTrue(refused.contains("no depth, expected one a view"), refused);
    }
    Fixtures.writeNpy(folder.resolve("object-a/000.depth.npy"), new float[S * S - 1], S * S - 1);
    assertThrows(IOException.class, () -> ViewPairDataset.load(set, Split.TRAIN, options));
    float[] bad = new float[S * S];
    bad[7] = Float.NaN;
    Fixtures.writeNpy(folder.resolve("object-a/000.depth.npy"), bad, S, S);
    // Which of several objects is refused first is up to the threads that read them.
    String refused =
        assertThrows(IOException.class, () -> StreamedPairs.open(set, Split.TRAIN, options))
            .getMessage();
    assertTrue(refused.contains("a depth of NaN, expected 0 to"), refused);
  }

  private interface Executable {
    void run() throws IOException;
  }

  /** Two rows share object, source, seed and augmentation, and look at it from two sides. */
  @Test
  void twinsShareTheirSource() throws IOException {
    ViewSet set = set(true, VIEWS);
    PairOptions options =
        PairOptions.of(8, 5)
            .withTargets(2)
            .withAugmentation(new Augmentation(0.5, 1, 0.3, 0.2, 0, 0.5));
    ViewPairDataset pairs = ViewPairDataset.load(set, Split.TRAIN, options);
    for (PairSource series : List.of(pairs, StreamedPairs.open(set, Split.TRAIN, options))) {
      for (int k = 0; k < 20; k++) {
        ViewBatch batch = series.batch(k);
        for (int i = 0; i < 8; i += 2) {
          ViewPair one = batch.pairs().get(i);
          ViewPair other = batch.pairs().get(i + 1);
          assertEquals(one.object(), other.object());
          assertEquals(one.source(), other.source());
          assertEquals(one.sampleSeed(), other.sampleSeed());
          assertNotEquals(one.target(), other.target());
          assertNotEquals(other.source(), other.target());
          int size = 3 * S * S;
          assertArrayEquals(
              java.util.Arrays.copyOfRange(batch.source(), i * size, (i + 1) * size),
              java.util.Arrays.copyOfRange(batch.source(), (i + 1) * size, (i + 2) * size));
        }
      }
    }
    assertEquals(pairs.pair(17), pairs.pair(17));
    assertNotEquals(pairs.pair(16).sampleSeed(), pairs.pair(18).sampleSeed());
    assertThrows(IllegalArgumentException.class, () -> PairOptions.of(3, 0).withTargets(2));
  }
}
