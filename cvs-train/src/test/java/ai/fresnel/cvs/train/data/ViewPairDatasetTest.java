package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.train.viewset.Fixtures;
import ai.fresnel.cvs.train.viewset.Rgba;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewPairDatasetTest {

  private static final int OBJECTS = 4;
  private static final int VIEWS = 5;
  private static final int PIXELS = Fixtures.SIZE * Fixtures.SIZE;

  @TempDir Path folder;

  /** All objects in TRAIN, so that their indices are those of the fixtures. */
  private ViewSet set(int objects, int views) throws IOException {
    Fixtures.write(folder, objects, views);
    StringBuilder json = new StringBuilder("{\"format\":1,\"objects\":{");
    for (int i = 0; i < objects; i++) {
      json.append(i == 0 ? "" : ",").append("\"" + Fixtures.id(i) + "\":\"train\"");
    }
    Files.writeString(folder.resolve("split.json"), json + "}}");
    return ViewSet.open(folder);
  }

  private ViewPairDataset load(PairOptions options) throws IOException {
    return ViewPairDataset.load(set(OBJECTS, VIEWS), Split.TRAIN, options);
  }

  @Test
  void samplesAreTheImagesAndTheMoveBetweenThem() throws IOException {
    ViewPairDataset dataset = load(PairOptions.of(8, 1));
    ViewBatch batch = dataset.batch(0);
    int middle = Fixtures.SIZE / 2 * Fixtures.SIZE + Fixtures.SIZE / 2;
    for (int i = 0; i < 8; i++) {
      ViewPair pair = batch.pairs().get(i);
      int start = i * 3 * PIXELS;
      assertEquals(10 * pair.object() / 127.5f - 1, batch.source()[start + middle], 1e-6f);
      assertEquals(10 * pair.source() / 127.5f - 1, batch.source()[start + PIXELS + middle], 1e-6f);
      assertEquals(10 * pair.target() / 127.5f - 1, batch.target()[start + PIXELS + middle], 1e-6f);
      assertEquals(100 / 127.5f - 1, batch.target()[start + 2 * PIXELS + middle], 1e-6f);
      assertEquals(1, batch.target()[start], "background is white");
      float[] expected =
          RelativePose.features(
              CameraPose.orbit(0.5 * pair.source(), 0.3, 1.7),
              Fixtures.LENS,
              CameraPose.orbit(0.5 * pair.target(), 0.3, 1.7),
              Fixtures.LENS);
      float[] features = Arrays.copyOfRange(batch.pose(), 16 * i, 16 * i + 16);
      assertArrayEquals(expected, features, 1e-6f);
    }
  }

  @Test
  void halfTransparentPixelsAreHalfWhite() {
    byte[] rgba = {100, 0, (byte) 255, (byte) 128};
    assertArrayEquals(new byte[] {(byte) 177, (byte) 127, (byte) 255}, Rgba.onWhite(rgba));
  }

  @Test
  void mirroredPairsAreTurnedOverWithTheirMove() throws IOException {
    PairOptions options = PairOptions.of(6, 4);
    ViewPairDataset plain = load(options);
    ViewPairDataset mirrored =
        ViewPairDataset.load(
            ViewSet.open(folder),
            Split.TRAIN,
            options.withAugmentation(new Augmentation(1, 0, 0, 0, 0, 0)));
    ViewBatch before = plain.batch(3);
    ViewBatch after = mirrored.batch(3);
    assertEquals(before.pairs(), after.pairs());
    int side = Fixtures.SIZE;
    for (int i = 0; i < before.target().length; i++) {
      int over = i - i % side + side - 1 - i % side;
      assertEquals(before.target()[i], after.target()[over]);
      assertEquals(before.source()[i], after.source()[over]);
    }
    for (int i = 0; i < 6; i++) {
      ViewPair pair = after.pairs().get(i);
      float[] expected =
          RelativePose.features(
              CameraPose.orbit(0.5 * pair.source(), 0.3, 1.7).mirrored(),
              Fixtures.LENS,
              CameraPose.orbit(0.5 * pair.target(), 0.3, 1.7).mirrored(),
              Fixtures.LENS);
      assertArrayEquals(expected, Arrays.copyOfRange(after.pose(), 16 * i, 16 * i + 16), 1e-6f);
    }
    // Evaluation sees pairs as they are.
    assertArrayEquals(before.target(), mirrored.gather(before.pairs()).target());
    ViewPairDataset some =
        ViewPairDataset.load(
            ViewSet.open(folder),
            Split.TRAIN,
            PairOptions.of(1, 4).withAugmentation(new Augmentation(0.25, 0, 0, 0, 0, 0)));
    ViewPairDataset none =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(1, 4));
    int turned = 0;
    for (int k = 0; k < 2000; k++) {
      turned += Arrays.equals(some.batch(k).pose(), none.batch(k).pose()) ? 0 : 1;
    }
    // Six standard deviations.
    assertEquals(500, turned, 6 * Math.sqrt(2000 * 0.25 * 0.75));
  }

  @Test
  void theLargestAngleGrowsOverTheCurriculum() throws IOException {
    // Views 0.5 radians of azimuth apart: a small limit leaves the neighbours only.
    PoseCurriculum angles = new PoseCurriculum(0.6, 1.6, 1000);
    assertEquals(0.6, angles.maxAngle(0));
    assertEquals(1.1, angles.maxAngle(500), 1e-12);
    assertEquals(1.6, angles.maxAngle(1000));
    ViewPairDataset dataset = load(PairOptions.of(1, 2).withAngles(angles));
    Set<Integer> late = new HashSet<>();
    for (int j = 0; j < 3000; j++) {
      ViewPair pair = dataset.pair(j);
      int steps = Math.abs(pair.source() - pair.target());
      double cosine =
          Math.sin(0.3) * Math.sin(0.3) + Math.cos(0.3) * Math.cos(0.3) * Math.cos(0.5 * steps);
      assertTrue(Math.acos(cosine) <= angles.maxAngle(j) + 1e-9, "sample " + j);
      if (j >= 1000) {
        late.add(steps);
      }
    }
    assertEquals(Set.of(1, 2, 3), late);
  }

  @Test
  void masksAndImagesOfSingleViews() throws IOException {
    ViewPairDataset dataset = load(PairOptions.of(1, 1));
    float[] mask = dataset.mask(2, 3);
    assertEquals(0, mask[0]);
    assertEquals(1, mask[PIXELS / 2 + Fixtures.SIZE / 2]);
    float[] image = dataset.image(2, 3);
    assertEquals(20 / 127.5f - 1, image[PIXELS / 2 + Fixtures.SIZE / 2], 1e-6f);
    assertEquals(Fixtures.id(2), dataset.id(2));
    assertEquals(VIEWS, dataset.views(2));
    assertEquals(OBJECTS, dataset.objects());
  }

  @Test
  void batchesDependOnSeedAndNumberAlone() throws IOException {
    ViewPairDataset dataset = load(PairOptions.of(8, 7));
    ViewPairDataset again =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(8, 7));
    ViewPairDataset halves =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(4, 7));
    ViewPairDataset other =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(8, 8));

    List<ViewPair> fifth = dataset.batch(5).pairs();
    assertEquals(fifth, again.batch(5).pairs());
    assertArrayEquals(dataset.batch(5).target(), again.batch(5).target());
    // A sample's number, not its batch, decides it.
    assertEquals(fifth.subList(0, 4), halves.batch(10).pairs());
    assertNotEquals(fifth, dataset.batch(6).pairs());
    assertNotEquals(fifth, other.batch(5).pairs());
    Set<Long> seeds = new HashSet<>();
    for (int k = 0; k < 100; k++) {
      for (long seed : dataset.batch(k).sampleSeeds()) {
        seeds.add(seed);
      }
    }
    assertEquals(800, seeds.size());
  }

  @Test
  void allPairsComeEquallyOftenAndNoneIsTheSameView() throws IOException {
    ViewPairDataset dataset = load(PairOptions.of(1, 3));
    int[] counts = new int[OBJECTS * VIEWS * VIEWS];
    int draws = 40_000;
    for (int j = 0; j < draws; j++) {
      ViewPair pair = dataset.pair(j);
      assertNotEquals(pair.source(), pair.target());
      counts[(pair.object() * VIEWS + pair.source()) * VIEWS + pair.target()]++;
    }
    double expected = draws / (double) (OBJECTS * VIEWS * (VIEWS - 1));
    for (int i = 0; i < counts.length; i++) {
      boolean same = i / VIEWS % VIEWS == i % VIEWS;
      // Six standard deviations.
      assertEquals(same ? 0 : expected, counts[i], same ? 0 : 6 * Math.sqrt(expected));
    }
  }

  @Test
  void theAngleIsLimited() throws IOException {
    // Neighbours are at most 0.5 radians apart, the next ones about 0.96.
    ViewPairDataset dataset = load(PairOptions.of(1, 3).withMaxAngle(0.6));
    for (int j = 0; j < 500; j++) {
      ViewPair pair = dataset.pair(j);
      assertEquals(1, Math.abs(pair.source() - pair.target()));
    }
    ViewPairDataset tight =
        ViewPairDataset.load(
            ViewSet.open(folder), Split.TRAIN, PairOptions.of(1, 3).withMaxAngle(1e-3));
    assertEquals(1, Math.abs(tight.pair(0).source() - tight.pair(0).target()));
  }

  @Test
  void aSingleViewIsItsOwnTarget() throws IOException {
    ViewPairDataset dataset = ViewPairDataset.load(set(1, 1), Split.TRAIN, PairOptions.of(2, 1));
    assertEquals(0, dataset.batch(0).pairs().get(1).target());
  }

  @Test
  void limitsAreKept() throws IOException {
    ViewSet set = set(OBJECTS, VIEWS);
    PairOptions options = PairOptions.of(1, 1);
    long bytes = 4L * PIXELS * OBJECTS * VIEWS;
    ViewPairDataset.load(set, Split.TRAIN, options.withMaxBytes(bytes));
    String message =
        assertThrows(
                IOException.class,
                () -> ViewPairDataset.load(set, Split.TRAIN, options.withMaxBytes(bytes - 1)))
            .getMessage();
    assertTrue(message.contains("20 views of 16 pixels take 20480 bytes"), message);
    assertThrows(IOException.class, () -> ViewPairDataset.load(set, Split.TEST, options));
    assertThrows(
        IllegalArgumentException.class,
        () -> ViewPairDataset.load(set, Split.TRAIN, PairOptions.of(0, 1)));
  }

  @Test
  void arraysHaveTheirShapes() throws IOException {
    ViewBatch batch = load(PairOptions.of(3, 1)).batch(0);
    try (NDManager manager = NDManager.newBaseManager()) {
      TrainingBatch arrays = batch.on(manager);
      assertEquals(new Shape(3, 3, 16, 16), arrays.context().source().getShape());
      assertEquals(new Shape(3, 3, 16, 16), arrays.targets().getShape());
      assertEquals(new Shape(3, 16), arrays.context().cameras().getShape());
      assertEquals(new Shape(3, 1, 3, 16, 16), arrays.source().getShape());
      assertEquals(new Shape(3, 1, 3, 16, 16), arrays.target().getShape());
      assertEquals(new Shape(3, 1, 16), arrays.cameras().getShape());
      assertArrayEquals(batch.target(), arrays.targets().toFloatArray());
    }
  }

  @Test
  void prefetchedBatchesComeInOrderFromAnyStart() throws IOException {
    ViewPairDataset dataset = load(PairOptions.of(4, 2));
    try (Prefetcher<ViewBatch> prefetcher = new Prefetcher<>(dataset::batch, 11, 3, 2)) {
      for (int k = 11; k < 40; k++) {
        assertEquals(dataset.batch(k).pairs(), prefetcher.next().pairs());
      }
    }
  }

  @Test
  void prefetcherIsBoundedRethrowsAndCloses() throws InterruptedException {
    AtomicInteger made = new AtomicInteger();
    Prefetcher<Long> prefetcher =
        new Prefetcher<>(
            index -> {
              made.incrementAndGet();
              if (index == 5) {
                throw new IllegalArgumentException("item 5");
              }
              return index;
            },
            0,
            3,
            1);
    List<Long> got = new ArrayList<>();
    got.add(prefetcher.next());
    Thread.sleep(50);
    assertTrue(made.get() <= 4, made + " made, expected the depth and the one taken");
    for (int i = 1; i < 5; i++) {
      got.add(prefetcher.next());
    }
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), got);
    assertEquals(
        "item 5", assertThrows(IllegalArgumentException.class, prefetcher::next).getMessage());
    assertThrows(IllegalStateException.class, prefetcher::next);
    assertThrows(IllegalArgumentException.class, () -> new Prefetcher<>(i -> i, 0, 0, 1));
  }

  @Test
  void prefetchThreadsDieOnClose() throws InterruptedException {
    Prefetcher<Thread> prefetcher = new Prefetcher<>(index -> Thread.currentThread(), 0, 2, 1);
    Thread worker = prefetcher.next();
    assertTrue(worker.isDaemon());
    prefetcher.close();
    worker.join(5000);
    assertFalse(worker.isAlive());
  }
}
