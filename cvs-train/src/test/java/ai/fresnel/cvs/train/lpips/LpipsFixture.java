package ai.fresnel.cvs.train.lpips;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.WeightFile;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The weights, images and numbers of {@code lpips/make_distances.py}. */
public final class LpipsFixture {

  public static final int IMAGES = 2;

  private LpipsFixture() {}

  public static Path heads(LpipsNet net) {
    return resource(net + ".pth");
  }

  public static JsonObject expected(LpipsNet net) throws IOException {
    return JsonParser.parseString(Files.readString(resource("distances.json")))
        .getAsJsonObject()
        .getAsJsonObject(net.toString());
  }

  private static Path resource(String name) {
    try {
      return Path.of(LpipsFixture.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The index's hash (murmur3's finalizer) as a number in [-1, 1). */
  public static double noise(int seed, int index) {
    int x = index + seed * 0x9E3779B9;
    x ^= x >>> 16;
    x *= 0x85EBCA6B;
    x ^= x >>> 13;
    x *= 0xC2B2AE35;
    x ^= x >>> 16;
    return (x >>> 8) * 0x1p-23 - 1;
  }

  /** Two batches of images of (2, 3, H, W). */
  public static float[][] images(int height, int width) {
    float[] a = new float[IMAGES * 3 * height * width];
    float[] b = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      int x = i % width;
      int y = i / width % height;
      int c = i / width / height % 3;
      int n = i / width / height / 3;
      double wave = (3 * x + 5 * y + 7 * c + 11 * n) % 17 / 8.0 - 1;
      double image = 0.5 * noise(1001, i) + 0.5 * wave;
      a[i] = (float) image;
      b[i] = (float) (0.75 * image + 0.25 * noise(1002, i));
    }
    return new float[][] {a, b};
  }

  /** A random backbone, with torchvision's names and shapes. */
  public static WeightFile backbone(LpipsNet net) throws IOException {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> entry :
        expected(net).getAsJsonObject("backbone").entrySet()) {
      JsonArray sides = entry.getValue().getAsJsonArray();
      long[] shape = new long[sides.size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = sides.get(i).getAsLong();
      }
      shapes.put(entry.getKey(), new Shape(shape));
    }
    return new Backbone(shapes);
  }

  /** The distance of a random backbone with the published heads. */
  public static Lpips lpips(LpipsNet net, int side, NDManager manager) throws IOException {
    try (WeightFile backbone = backbone(net);
        WeightFile heads = WeightFile.open(heads(net))) {
      return Lpips.of(net, backbone, heads, side, manager);
    }
  }

  private static final class Backbone implements WeightFile {

    private final Map<String, Shape> shapes;

    Backbone(Map<String, Shape> shapes) {
      this.shapes = shapes;
    }

    @Override
    public Set<String> names() {
      return shapes.keySet();
    }

    @Override
    public Shape shape(String name) {
      return shapes.get(name);
    }

    @Override
    public NDArray read(NDManager manager, String name) {
      int seed = shapes.keySet().stream().toList().indexOf(name);
      Shape shape = shape(name);
      float[] values = new float[(int) shape.size()];
      double scale = shape.dimension() == 1 ? 0.1 : Math.sqrt(6.0 / (double) shape.slice(1).size());
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (noise(seed, i) * scale);
      }
      return manager.create(values, shape);
    }

    @Override
    public void close() {}
  }
}
