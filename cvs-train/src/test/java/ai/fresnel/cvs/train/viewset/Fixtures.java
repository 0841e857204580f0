package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small synthetic view sets: a square of one colour in the middle of each image. */
public final class Fixtures {

  public static final int SIZE = 16;
  public static final Intrinsics LENS =
      Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, SIZE);

  private Fixtures() {}

  /** An image whose pixels from {@code margin} to SIZE − margin are opaque and of one colour. */
  public static byte[] square(int red, int green, int blue, int margin) {
    byte[] rgba = new byte[4 * SIZE * SIZE];
    for (int y = margin; y < SIZE - margin; y++) {
      for (int x = margin; x < SIZE - margin; x++) {
        int i = 4 * (y * SIZE + x);
        rgba[i] = (byte) red;
        rgba[i + 1] = (byte) green;
        rgba[i + 2] = (byte) blue;
        rgba[i + 3] = (byte) 255;
      }
    }
    return rgba;
  }

  public static ObjectMeta meta(String stem, String meshHash) {
    return new ObjectMeta(LENS, 1.5, 2.2, stem + ".obj", "CC0-1.0", "test", stem, meshHash);
  }

  /**
   * View v of object o is a square of colour (10·o, 10·v, 100), v · 0.5 radians round the object.
   */
  public static List<View> views(int object, int count) {
    List<View> views = new ArrayList<>();
    for (int v = 0; v < count; v++) {
      views.add(
          View.of(LENS, CameraPose.orbit(0.5 * v, 0.3, 1.7), square(10 * object, 10 * v, 100, 4)));
    }
    return views;
  }

  public static String id(int object) {
    return "object-" + (char) ('a' + object);
  }

  public static void write(Path root, int objects, int viewsEach) throws IOException {
    ViewSetWriter writer = new ViewSetWriter(root);
    for (int o = 0; o < objects; o++) {
      writer.write(id(o), views(o, viewsEach), meta("", "hash" + o));
    }
    writer.finish();
  }

  /** Writes float32, of a shape that may be wrong. */
  public static void writeNpy(Path file, float[] values, int... shape) throws IOException {
    Npy.write(file, values, shape);
  }
}
