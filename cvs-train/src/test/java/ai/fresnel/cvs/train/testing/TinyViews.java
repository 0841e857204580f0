package ai.fresnel.cvs.train.testing;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.config.OptimizerKind;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.viewset.ObjectMeta;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewSetWriter;
import ai.fresnel.cvs.view.TinyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** View sets of small drawn images, a network to learn them and settings for runs of seconds. */
public final class TinyViews {

  public static final int SIZE = 16;

  private TinyViews() {}

  /**
   * Writes objects in one split each: a disc of the object's colour with a dark spot that goes
   * round with the camera.
   */
  public static void write(Path root, int views, String... splits) throws IOException {
    write(root, SIZE, views, splits);
  }

  public static void write(Path root, int size, int views, String... splits) throws IOException {
    write(root, size, views, false, splits);
  }

  /** The disc is half a ball, out of which the spot stands. */
  public static void writeWithDepth(Path root, int views, String... splits) throws IOException {
    write(root, SIZE, views, true, splits);
  }

  private static void write(Path root, int size, int views, boolean depth, String... splits)
      throws IOException {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    ViewSetWriter writer = new ViewSetWriter(root);
    Map<String, String> split = new TreeMap<>();
    for (int object = 0; object < splits.length; object++) {
      List<View> all = new ArrayList<>();
      for (int view = 0; view < views; view++) {
        double azimuth = 2 * Math.PI * view / views + 0.4 * object;
        CameraPose pose = CameraPose.orbit(azimuth, 0.3, 1.7);
        View one = View.of(lens, pose, image(size, object, azimuth));
        all.add(depth ? one.withDepth(depth(size, azimuth)) : one);
      }
      String id = "object-" + (char) ('a' + object);
      writer.write(id, all, new ObjectMeta(lens, 1.7, 1.7, id, "CC0-1.0", "test", "", "h" + id));
      split.put(id, "\"" + id + "\": \"" + splits[object] + "\"");
    }
    writer.finish();
    Files.writeString(
        root.resolve("split.json"),
        "{\"format\": 1, \"objects\": {" + String.join(", ", split.values()) + "}}");
  }

  private static byte[] image(int size, int object, double azimuth) {
    byte[] rgba = new byte[4 * size * size];
    double middle = (size - 1) / 2.0;
    double radius = 0.42 * size;
    double spot = middle + 0.55 * radius * Math.sin(azimuth);
    double height = middle + 0.55 * radius * Math.cos(azimuth);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int i = 4 * (y * size + x);
        boolean dark = Math.hypot(x - spot, y - height) < 0.35 * radius;
        rgba[i] = (byte) (dark ? 30 : 220 - 60 * object % 200);
        rgba[i + 1] = (byte) (dark ? 20 : 60 + 50 * object % 180);
        rgba[i + 2] = (byte) (dark ? 50 : 90 + 8 * y);
        rgba[i + 3] = (byte) (Math.hypot(x - middle, y - middle) < radius ? 255 : 0);
      }
    }
    return rgba;
  }

  private static float[] depth(int size, double azimuth) {
    float[] depth = new float[size * size];
    double middle = (size - 1) / 2.0;
    double radius = 0.42 * size;
    double spot = middle + 0.55 * radius * Math.sin(azimuth);
    double height = middle + 0.55 * radius * Math.cos(azimuth);
    for (int i = 0; i < depth.length; i++) {
      int x = i % size;
      int y = Math.floorDiv(i, size);
      double from = Math.hypot(x - middle, y - middle) / radius;
      double stands = Math.hypot(x - spot, y - height) < 0.35 * radius ? 0.2 : 0;
      depth[i] = from < 1 ? (float) (1.7 - 0.3 * Math.sqrt(1 - from * from) - stands) : 0;
    }
    return depth;
  }

  public static ModelConfig model() {
    return TinyNetwork.config(ModelConfig.Kind.DIFFUSION).build();
  }

  /** Twelve steps of four, saving after each, drawing only at the end. */
  public static TrainingConfig shortRun(TrainingConfig stage) {
    return stage.toBuilder()
        .run(r -> r.withSeed(5))
        .data(d -> d.withBatchSize(4))
        .run(r -> r.withMaxSamples(48))
        .optimization(o -> o.withOptimizer(OptimizerKind.ADAMW))
        .optimization(o -> o.withRate(r -> r.withLearningRate(2e-3)))
        .optimization(o -> o.withRate(r -> r.withWarmupSamples(8)))
        .data(d -> d.withConditionDropout(0.2))
        .build();
  }
}
