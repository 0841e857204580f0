package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches made on a device are those that cores make. */
class ResidentViewsTest {

  private static final int SIDE = 12;

  @TempDir Path folder;

  /** Objects of random pixels with unlike numbers of views, more than one piece in all. */
  private ViewPairDataset set(PairOptions options) throws IOException {
    Random random = new Random(1);
    ViewSetWriter writer = new ViewSetWriter(folder);
    StringBuilder split = new StringBuilder("{\"format\":1,\"objects\":{");
    int[] counts = {3, 300, 1, 299, 5};
    for (int i = 0; i < counts.length; i++) {
      List<View> views = new ArrayList<>();
      Intrinsics lens = Intrinsics.fromFieldOfView(0.7 + 0.1 * i, SIDE);
      for (int v = 0; v < counts[i]; v++) {
        byte[] rgba = new byte[4 * SIDE * SIDE];
        random.nextBytes(rgba);
        float[] depth = new float[SIDE * SIDE];
        for (int p = 0; p < depth.length; p++) {
          depth[p] = random.nextFloat();
        }
        CameraPose pose = CameraPose.orbit(6 * random.nextDouble(), random.nextDouble(), 1.7);
        views.add(View.of(lens, pose, rgba).withDepth(depth));
      }
      String id = "object" + i;
      writer.write(
          id, views, new ObjectMeta(lens, 1.5, 2.2, "test", "CC0-1.0", "", "stem" + i, ""));
      split.append(i == 0 ? "" : ",").append("\"" + id + "\":\"train\"");
    }
    Files.writeString(folder.resolve("split.json"), split + "}}");
    return ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, options);
  }

  private static void assertSame(ViewPairDataset set, long index, double mean) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ResidentViews views = set.resident(manager)) {
      TrainingBatch slow = set.batch(index).on(manager);
      TrainingBatch fast = views.batch(manager, index);
      assertArrayEquals(slow.seeds(), fast.seeds());
      assertArrayEquals(slow.cameras().toFloatArray(), fast.cameras().toFloatArray());
      assertEquals(slow.source().getShape(), fast.source().getShape());
      assertNear(slow.source().toFloatArray(), fast.source().toFloatArray(), mean);
      assertNear(slow.targets().toFloatArray(), fast.targets().toFloatArray(), mean);
      assertEquals(slow.depth().isPresent(), fast.depth().isPresent());
      if (slow.depth().isPresent()) {
        assertArrayEquals(
            slow.depth().orElseThrow().toFloatArray(), fast.depth().orElseThrow().toFloatArray());
        assertArrayEquals(
            slow.sourceDepth().orElseThrow().toFloatArray(),
            fast.sourceDepth().orElseThrow().toFloatArray());
      }
    }
  }

  /** A value at the border of two steps of the curve may fall into either. */
  private static void assertNear(float[] expected, float[] found, double mean) {
    assertEquals(expected.length, found.length);
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.abs(expected[i] - found[i]);
      assertEquals(expected[i], found[i], 0.01);
    }
    assertTrue(sum / expected.length <= mean, "mean difference " + sum / expected.length);
  }

  @Test
  void plainBatchesAreTheSame() throws IOException {
    ViewPairDataset set = set(PairOptions.of(6, 3));
    assertSame(set, 0, 1e-7);
    assertSame(set, 5, 1e-7);
  }

  @Test
  void changedBatchesWithSeveralTargetsAndDepthAreTheSame() throws IOException {
    Augmentation changes = new Augmentation(0.5, 0.4, 0.3, 0.2, 0, 0.5);
    ViewPairDataset set =
        set(PairOptions.of(32, 7).withTargets(4).withDepth(true).withAugmentation(changes));
    assertSame(set, 0, 1e-5);
    assertSame(set, 1, 1e-5);
  }

  @Test
  void batchesMayBeAskedForInAnyOrder() throws IOException {
    ViewPairDataset set = set(PairOptions.of(4, 7));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ResidentViews views = set.resident(manager)) {
      for (long index : new long[] {4, 5, 2}) {
        assertArrayEquals(set.batch(index).sampleSeeds(), views.batch(manager, index).seeds());
      }
    }
  }

  @Test
  void enlargedViewsAndLargeSetsAreLeftToCores() throws IOException {
    ViewPairDataset set = set(PairOptions.of(4, 7));
    assertTrue(set.canReside(608L * 4 * SIDE * SIDE));
    assertFalse(set.canReside(608L * 4 * SIDE * SIDE - 1));
    ViewPairDataset zoomed =
        ViewPairDataset.load(
            ViewSet.open(folder),
            Split.TRAIN,
            PairOptions.of(4, 7).withAugmentation(new Augmentation(0, 0, 0, 0, 0.1, 0)));
    assertFalse(zoomed.canReside(Long.MAX_VALUE));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      assertThrows(IllegalArgumentException.class, () -> zoomed.resident(manager));
    }
  }
}
