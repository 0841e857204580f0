package ai.fresnel.cvs.train.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.Frustum;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Losses of a volume against their formulas, and labels of a ball whose inside is known. */
class GeometryLossTest {

  private static final int SLICES = 16;
  private static final int SIDE = 16;
  private static final int PIXELS = 32;
  private static final double RADIUS = 0.4;
  private static final double DISTANCE = 1.7;
  private static final Intrinsics LENS =
      Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, PIXELS);

  private static final CameraPose SOURCE = CameraPose.orbit(0.3, 0.4, DISTANCE);
  private static final CameraPose[] TARGETS = {
    CameraPose.orbit(1.8, 0.1, 1.6),
    CameraPose.orbit(3.5, 0.9, 2.1),
    CameraPose.orbit(5.0, 0.3, 1.8),
    CameraPose.orbit(0.9, 1.2, 1.9)
  };

  /** The depth of the ray through x, y at depth 1 in a ball at this distance; 0 beside it. */
  private static double ball(double x, double y, double distance) {
    double a = 1 + x * x + y * y;
    double root = distance * distance - a * (distance * distance - RADIUS * RADIUS);
    return root < 0 ? 0 : (distance - Math.sqrt(root)) / a;
  }

  private static double ray(int at, int side) {
    return ((at + 0.5) / side - 0.5) * LENS.width() / LENS.fx();
  }

  private static float[] depth(CameraPose pose) {
    double distance = Math.sqrt(Vectors.dot(pose.position(), pose.position()));
    float[] map = new float[PIXELS * PIXELS];
    for (int i = 0; i < map.length; i++) {
      map[i] =
          (float) ball(ray(i % PIXELS, PIXELS), ray(Math.floorDiv(i, PIXELS), PIXELS), distance);
    }
    return map;
  }

  private static NDArray targetDepth(NDManager manager) {
    float[] maps = new float[TARGETS.length * PIXELS * PIXELS];
    for (int v = 0; v < TARGETS.length; v++) {
      System.arraycopy(depth(TARGETS[v]), 0, maps, v * PIXELS * PIXELS, PIXELS * PIXELS);
    }
    return manager.create(maps, new Shape(TARGETS.length, 1, PIXELS, PIXELS));
  }

  private static NDArray sourceDepth(NDManager manager) {
    return manager.create(depth(SOURCE), new Shape(1, 1, PIXELS, PIXELS));
  }

  private static CameraBatch cameras(NDManager manager) {
    float[] features = new float[TARGETS.length * RelativePose.FEATURES];
    for (int v = 0; v < TARGETS.length; v++) {
      System.arraycopy(
          RelativePose.features(SOURCE, LENS, TARGETS[v], LENS),
          0,
          features,
          v * RelativePose.FEATURES,
          RelativePose.FEATURES);
    }
    return new CameraBatch(
        manager.create(features, new Shape(TARGETS.length, RelativePose.FEATURES)));
  }

  private static double sliceDepth(double slice) {
    return ((slice + 0.5) * 2 / SLICES - 1) * Frustum.REACH;
  }

  /** How far the middle of a cell is from the ball's. */
  private static double fromMiddle(int cell) {
    double z = DISTANCE + sliceDepth(Math.floorDiv(cell, SIDE * SIDE));
    double x = ray(cell % SIDE, SIDE) * z;
    double y = ray(Math.floorDiv(cell, SIDE) % SIDE, SIDE) * z;
    return Math.sqrt(x * x + y * y + (z - DISTANCE) * (z - DISTANCE));
  }

  @Test
  void otherViewsCarveABall() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray weight = manager.ones(new Shape(TARGETS.length));
      FrustumLabel label =
          new OccupancyLoss(SLICES, SIDE)
              .carved(cameras(manager), targetDepth(manager), sourceDepth(manager), weight);
      assertEquals(DISTANCE, label.meeting().getFloat(0), 1e-4);
      assertEquals(new Shape(1, SLICES, SIDE, SIDE), label.target().getShape());
      float[] cells = label.target().toFloatArray();
      double gap = Frustum.REACH / SLICES;
      int[] outside = new int[2];
      int[] shell = new int[2];
      for (int i = 0; i < cells.length; i++) {
        double from = fromMiddle(i);
        if (from > RADIUS + 2.5 * gap) {
          outside[cells[i] == 0 ? 0 : 1]++;
          assertTrue(cells[i] != 1, "cell " + i + " at " + from);
        } else if (from < RADIUS - 2.5 * gap) {
          assertEquals(-1, cells[i], "cell " + i + " inside, at " + from);
        } else if (from < RADIUS) {
          shell[cells[i] == 1 ? 0 : 1]++;
          assertTrue(cells[i] != 0, "cell " + i + " at " + from);
        }
      }
      assertTrue(outside[0] > 0.9 * (outside[0] + outside[1]), outside[0] + " of " + outside[1]);
      assertTrue(shell[0] > 0.25 * (shell[0] + shell[1]), shell[0] + ", " + shell[1]);
    }
  }

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextGaussian() + 2);
    }
    return values;
  }

  private static double thick(double raw) {
    return 12 * 2 * Frustum.REACH / SLICES * Math.log1p(Math.exp(raw - 3));
  }

  /** Compares value and gradient of a loss with a formula of the raw densities. */
  private static void compare(
      Function<NDArray, NDArray> loss,
      float[] raw,
      ToDoubleFunction<float[]> formula,
      Shape shape) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray input = manager.create(raw, shape);
      input.setRequiresGradient(true);
      double expected = formula.applyAsDouble(raw);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        NDArray value = loss.apply(input).sum();
        assertEquals(expected, value.getFloat(), 1e-4 * Math.abs(expected));
        collector.backward(value);
      }
      float[] gradient = input.getGradient().toFloatArray();
      Random random = new Random(3);
      for (int k = 0; k < 60; k++) {
        int i = random.nextInt(raw.length);
        float[] up = raw.clone();
        float[] down = raw.clone();
        up[i] += 0.002f;
        down[i] -= 0.002f;
        double slope =
            (formula.applyAsDouble(up) - formula.applyAsDouble(down)) / (up[i] - down[i]);
        assertEquals(slope, gradient[i], 1e-3 * Math.abs(slope) + 1e-6, "value " + i);
      }
    }
  }

  @Test
  void sourceDepthIsTheLikelihoodOfWhereRaysEnd() {
    float[] raw = random(SLICES * SIDE * SIDE, 1);
    float[] depth = depth(SOURCE);
    ToDoubleFunction<float[]> formula =
        values -> {
          double sum = 0;
          for (int p = 0; p < PIXELS * PIXELS; p++) {
            int cell = Math.floorDiv(p, 2 * PIXELS) * SIDE + Math.floorDiv(p % PIXELS, 2);
            double[] ends = new double[SLICES + 1];
            double before = 0;
            for (int k = 0; k < SLICES; k++) {
              double t = thick(values[k * SIDE * SIDE + cell]);
              ends[k] = before - Math.log(-Math.expm1(-t));
              before += t;
            }
            if (depth[p] == 0) {
              sum += before;
              continue;
            }
            double at = ((depth[p] - DISTANCE) / Frustum.REACH + 1) / 2 * SLICES - 0.5;
            int near = (int) Math.floor(at);
            sum += (near + 1 - at) * ends[near] + (at - near) * ends[near + 1];
          }
          // Four samples have this photograph, weighted 1, 2, 3 and 4.
          return 10 * sum / (PIXELS * PIXELS);
        };
    compare(
        input -> {
          NDManager manager = input.getManager();
          NDArray weight = manager.create(new float[] {1, 2, 3, 4});
          FrustumLabel label = FrustumLabel.of(sourceDepth(manager), cameras(manager), weight);
          return new SourceDepthLoss().perSample(input, label);
        },
        raw,
        formula,
        new Shape(1, SLICES, SIDE, SIDE));
  }

  @Test
  void occupancyIsTheCrossEntropyOfKnownCells() {
    int count = 2 * SLICES * SIDE * SIDE;
    float[] raw = random(count, 2);
    Random random = new Random(5);
    float[] target = new float[count];
    for (int i = 0; i < count; i++) {
      target[i] = random.nextInt(3) - 1;
    }
    ToDoubleFunction<float[]> formula =
        values -> {
          double total = 0;
          for (int m = 0; m < 2; m++) {
            double sum = 0;
            int known = 0;
            for (int i = m * count / 2; i < (m + 1) * count / 2; i++) {
              double t = thick(values[i]);
              if (target[i] >= 0) {
                known++;
                sum += target[i] > 0 ? -Math.log(-Math.expm1(-t)) : t;
              }
            }
            // Two samples of each photograph.
            total += (m == 0 ? 1 + 2 : 3 + 4) * sum / known;
          }
          return total;
        };
    compare(
        input -> {
          NDManager manager = input.getManager();
          NDArray labels = manager.create(target, input.getShape());
          NDArray weight = manager.create(new float[] {1, 2, 3, 4});
          return new OccupancyLoss(SLICES, SIDE)
              .perSample(input, new FrustumLabel(labels, weight, weight));
        },
        raw,
        formula,
        new Shape(2, SLICES, SIDE, SIDE));
  }

  @Test
  void opacityIsTheCrossEntropyOfTheMask() {
    float[] raw = random(SIDE * SIDE, 4);
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (float) (0.2 + 0.6 / (1 + Math.exp(-raw[i])));
    }
    float[] depth = depth(SOURCE);
    ToDoubleFunction<float[]> formula =
        values -> {
          double sum = 0;
          for (int p = 0; p < PIXELS * PIXELS; p++) {
            int cell = Math.floorDiv(p, 2 * PIXELS) * SIDE + Math.floorDiv(p % PIXELS, 2);
            double opacity = 0.998 * values[cell] + 0.001;
            sum -= Math.log(depth[p] > 0 ? opacity : 1 - opacity);
          }
          return 2 * sum / (PIXELS * PIXELS);
        };
    compare(
        input -> {
          NDManager manager = input.getManager();
          Label label = new Label(sourceDepth(manager), manager.create(new float[] {2}));
          return new OpacityLoss().perSample(input, label);
        },
        raw,
        formula,
        new Shape(1, 1, SIDE, SIDE));
  }
}
