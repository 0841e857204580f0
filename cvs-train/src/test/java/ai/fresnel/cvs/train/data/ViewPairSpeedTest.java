package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on a small machine must never wait for its data. Slow only because it takes a clock. */
@Tag("slow")
class ViewPairSpeedTest {

  @TempDir Path folder;

  @Test
  void twoThousandPairsASecondOnOneThread() throws IOException {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 64);
    ObjectMeta meta = new ObjectMeta(lens, 1.5, 2.2, "", "", "", "", "");
    ViewSetWriter writer = new ViewSetWriter(folder);
    Random random = new Random(1);
    for (int o = 0; o < 100; o++) {
      List<View> views = new ArrayList<>();
      for (int v = 0; v < 12; v++) {
        byte[] rgba = new byte[4 * 64 * 64];
        random.nextBytes(rgba);
        views.add(View.of(lens, CameraPose.orbit(v, 0.2, 1.7), rgba));
      }
      writer.write("o" + o, views, meta);
    }
    writer.finish();
    Files.deleteIfExists(folder.resolve("split.json"));
    long start = System.nanoTime();
    ViewPairDataset dataset =
        ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, PairOptions.of(64, 1));
    double loadSeconds = (System.nanoTime() - start) / 1e9;
    for (int k = 0; k < 20; k++) {
      dataset.batch(k);
    }
    start = System.nanoTime();
    for (int k = 20; k < 120; k++) {
      dataset.batch(k);
    }
    double pairsPerSecond = 100 * 64 / ((System.nanoTime() - start) / 1e9);
    System.out.printf("loaded in %.2f s, %.0f pairs/s%n", loadSeconds, pairsPerSecond);
    assertTrue(pairsPerSecond >= 2000, pairsPerSecond + " pairs/s");
  }
}
