package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
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
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** View sets of squares of one colour on nothing, with a split as the test wants it. */
final class EvalFixtures {

  static final int SIZE = 16;
  static final int PIXELS = SIZE * SIZE;

  /** Pixels from here to SIZE less this are the object. */
  static final int MARGIN = 4;

  private static final Intrinsics LENS =
      Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, SIZE);

  private final ViewSetWriter writer;
  private final Path root;
  private final Map<String, Split> splits = new TreeMap<>();

  EvalFixtures(Path root) throws IOException {
    this.root = root;
    writer = new ViewSetWriter(root);
  }

  /** The view from an azimuth in degrees: a square of one grey value. */
  static View view(int grey, double azimuth) {
    byte[] rgba = new byte[4 * PIXELS];
    for (int y = MARGIN; y < SIZE - MARGIN; y++) {
      for (int x = MARGIN; x < SIZE - MARGIN; x++) {
        for (int c = 0; c < 4; c++) {
          rgba[4 * (y * SIZE + x) + c] = (byte) (c < 3 ? grey : 255);
        }
      }
    }
    return View.of(LENS, CameraPose.orbit(Math.toRadians(azimuth), 0.3, 1.7), rgba);
  }

  /** An object whose view v has grey value {@code grey + v} and stands at {@code step · v}. */
  EvalFixtures add(String id, Split split, int grey, int views, double step) throws IOException {
    List<View> all = new ArrayList<>();
    for (int v = 0; v < views; v++) {
      all.add(view(grey + v, step * v));
    }
    ObjectMeta meta = new ObjectMeta(LENS, 1.5, 2.2, id + ".obj", "CC0-1.0", "test", id, id);
    writer.write(id, all, meta);
    splits.put(id, split);
    return this;
  }

  ViewSet set() throws IOException {
    writer.finish();
    List<String> entries = new ArrayList<>();
    splits.forEach(
        (id, split) ->
            entries.add("\"" + id + "\":\"" + split.name().toLowerCase(Locale.ROOT) + "\""));
    Files.writeString(
        root.resolve("split.json"),
        "{\"format\":1,\"objects\":{" + String.join(",", entries) + "}}");
    return ViewSet.open(root);
  }

  ViewPairDataset load(Split split) throws IOException {
    return ViewPairDataset.load(set(), split, PairOptions.of(1, 0));
  }

  /** A grey value as images hold it. */
  static float signed(double grey) {
    return (float) (grey / 127.5 - 1);
  }
}
