package ai.fresnel.cvs.train.lpips;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.torch.TorchRuntime;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LpipsTest {

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());

  @TempDir Path folder;

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray array(float[] images, int height, int width) {
    return manager.create(
        images, new Shape(images.length / (3L * height * width), 3, height, width));
  }

  /** Distances and their gradients, to 1e-4 of their size: the least sides are among the cases. */
  @ParameterizedTest
  @EnumSource(LpipsNet.class)
  void equalsTheReference(LpipsNet net) throws IOException {
    int least = Integer.MAX_VALUE;
    for (JsonElement element : LpipsFixture.expected(net).getAsJsonArray("cases")) {
      JsonObject expected = element.getAsJsonObject();
      int height = expected.get("height").getAsInt();
      int width = expected.get("width").getAsInt();
      int side = expected.get("side").getAsInt();
      least = side == 0 ? Math.min(least, Math.min(height, width)) : least;
      float[][] images = LpipsFixture.images(height, width);
      NDArray a = array(images[0], height, width);
      NDArray b = array(images[1], height, width);
      a.setRequiresGradient(true);
      b.setRequiresGradient(true);
      try (Lpips lpips = LpipsFixture.lpips(net, side, manager);
          GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray distances = lpips.distance(a, b);
        close(expected, "distances", distances.toFloatArray());
        collector.backward(distances.mul(manager.create(new float[] {1, 2})).sum());
      }
      close(expected, "gradientA", probes(expected, a));
      close(expected, "gradientB", probes(expected, b));
    }
    assertEquals(least, net.leastSide());
  }

  private static float[] probes(JsonObject expected, NDArray input) {
    JsonArray probes = expected.getAsJsonArray("probes");
    float[] gradient = input.getGradient().toFloatArray();
    float[] found = new float[probes.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = gradient[probes.get(i).getAsInt()];
    }
    return found;
  }

  private static void close(JsonObject expected, String key, float[] found) {
    JsonArray values = expected.getAsJsonArray(key);
    double[] numbers = new double[values.size()];
    double greatest = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = values.get(i).getAsDouble();
      greatest = Math.max(greatest, Math.abs(numbers[i]));
    }
    assertTrue(greatest > 0);
    assertEquals(numbers.length, found.length);
    for (int i = 0; i < numbers.length; i++) {
      assertEquals(numbers[i], found[i], 1e-4 * greatest, key + " " + i + " of " + expected);
    }
  }

  /** Along random directions in the second image: the slope is the gradient's share of them. */
  @ParameterizedTest
  @EnumSource(LpipsNet.class)
  void gradientsAreDifferences(LpipsNet net) throws IOException {
    int size = 40;
    float[][] images = LpipsFixture.images(size, size);
    NDArray a = array(images[0], size, size);
    NDArray b = array(images[1], size, size);
    b.setRequiresGradient(true);
    try (Lpips lpips = LpipsFixture.lpips(net, 0, manager)) {
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        collector.backward(lpips.distance(a, b).sum());
      }
      assertFalse(a.hasGradient());
      float[] gradient = b.getGradient().toFloatArray();
      double norm = 0;
      for (float g : gradient) {
        norm += (double) g * g;
      }
      Random random = new Random(1);
      for (int trial = 0; trial < 4; trial++) {
        // Partly along the gradient, as the slopes of a random direction drown in rounding.
        float[] direction = new float[gradient.length];
        double slope = 0;
        for (int i = 0; i < direction.length; i++) {
          boolean taken = random.nextBoolean();
          direction[i] = taken ? (float) (gradient[i] / Math.sqrt(norm)) : 0;
          slope += direction[i] * gradient[i];
        }
        double h = 0.02;
        double found = (sum(lpips, a, b, direction, h) - sum(lpips, a, b, direction, -h)) / (2 * h);
        assertEquals(slope, found, 0.02 * slope, net + " trial " + trial);
      }
    }
  }

  private double sum(Lpips lpips, NDArray a, NDArray b, float[] direction, double step) {
    float[] moved = b.toFloatArray();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    double sum = 0;
    for (float d : lpips.distances(a.toFloatArray(), moved, (int) a.getShape().get(2))) {
      sum += d;
    }
    return sum;
  }

  @Test
  void equalImagesAreAtNoDistanceAndSlope() throws IOException {
    try (Lpips lpips = LpipsFixture.lpips(LpipsNet.ALEX, 0, manager)) {
      assertNoDistanceAndSlope(lpips, 0);
    }
  }

  /** Asserts that the first image and another are at no distance, and that its slope is 0. */
  private void assertNoDistanceAndSlope(Lpips lpips, int other) throws IOException {
    float[][] images = LpipsFixture.images(40, 40);
    NDArray b = array(images[other], 40, 40);
    b.setRequiresGradient(true);
    try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDArray distances = lpips.distance(array(images[0], 40, 40), b);
      assertArrayEquals(new float[2], distances.toFloatArray());
      collector.backward(distances.sum());
    }
    for (float g : b.getGradient().toFloatArray()) {
      assertEquals(0, g);
    }
  }

  /** Where all channels are below the ReLU, the norm is 0 and its slope has no limit. */
  @Test
  void deadFeaturesHaveGradientZero() throws IOException {
    Path file = folder.resolve("dead.safetensors");
    Map<String, NDArray> weights = new LinkedHashMap<>();
    try (WeightFile backbone = LpipsFixture.backbone(LpipsNet.ALEX)) {
      for (String name : backbone.names()) {
        NDArray weight = backbone.read(manager, name);
        weights.put(name, name.endsWith("bias") ? weight.sub(100) : weight);
      }
    }
    Safetensors.write(file, weights, Map.of());
    Path heads = LpipsFixture.heads(LpipsNet.ALEX);
    try (Lpips lpips = Lpips.load(LpipsNet.ALEX, file, heads, 0, manager)) {
      assertNoDistanceAndSlope(lpips, 1);
    }
  }

  /** 64 images of 64 pixels at once, and one more. */
  @Test
  void manyImagesInParts() throws IOException {
    int count = 65;
    int size = 16;
    float[] a = new float[count * 3 * size * size];
    float[] b = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) LpipsFixture.noise(1, i);
      b[i] = (float) LpipsFixture.noise(2, i);
    }
    try (Lpips lpips = LpipsFixture.lpips(LpipsNet.ALEX, 64, manager)) {
      int arrays = manager.getManagedArrays().size();
      float[] all = lpips.distances(a, b, size);
      assertEquals(arrays, manager.getManagedArrays().size(), "arrays left behind");
      assertEquals(count, all.length);
      int image = 3 * size * size;
      for (int i : new int[] {0, 63, 64}) {
        float[] one =
            lpips.distances(
                Arrays.copyOfRange(a, i * image, (i + 1) * image),
                Arrays.copyOfRange(b, i * image, (i + 1) * image),
                size);
        assertEquals(one[0], all[i], 1e-5 * one[0]);
        assertTrue(one[0] > 0.01);
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    try (Lpips lpips = LpipsFixture.lpips(LpipsNet.ALEX, 0, manager)) {
      NDArray a = manager.zeros(new Shape(1, 3, 30, 64));
      String message = refused(() -> lpips.distance(a, a));
      assertEquals(
          "LPIPS of alex needs images of 31 pixels or more, got 30: have them resized", message);
      NDArray b = manager.zeros(new Shape(2, 3, 32, 32));
      NDArray c = manager.zeros(new Shape(1, 3, 32, 32));
      assertTrue(refused(() -> lpips.distance(b, c)).contains("expected (2, 3, 32, 32) like"));
      NDArray grey = manager.zeros(new Shape(2, 1, 32, 32));
      assertTrue(refused(() -> lpips.distance(grey, grey)).contains("expected (N, 3, H, W)"));
      refused(() -> lpips.distances(new float[10], new float[10], 40));
    }
    refused(() -> LpipsFixture.lpips(LpipsNet.ALEX, 30, manager));
    refused(() -> LpipsFixture.lpips(LpipsNet.ALEX, 5000, manager));
    int arrays = manager.getManagedArrays().size();
    Path alex = LpipsFixture.heads(LpipsNet.ALEX);
    Path vgg = LpipsFixture.heads(LpipsNet.VGG);
    IOException swapped =
        assertThrows(
            ModelFormatException.class, () -> Lpips.load(LpipsNet.ALEX, alex, alex, 0, manager));
    assertEquals(
        alex + ": tensor features.0.weight is missing, expected (64, 3, 11, 11) for LPIPS of alex",
        swapped.getMessage());
    try (WeightFile backbone = LpipsFixture.backbone(LpipsNet.ALEX);
        WeightFile heads = WeightFile.open(vgg)) {
      IOException wrong =
          assertThrows(
              ModelFormatException.class,
              () -> Lpips.of(LpipsNet.ALEX, backbone, heads, 0, manager));
      assertTrue(wrong.getMessage().startsWith(vgg + ": tensor lin1.model.1.weight is (1, 128,"));
    }
    assertEquals(arrays, manager.getManagedArrays().size(), "weights left behind");
  }

  private static String refused(Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }
}
