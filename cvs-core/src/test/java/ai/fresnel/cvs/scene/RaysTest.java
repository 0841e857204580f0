package ai.fresnel.cvs.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests cameras in TorchScript against transforms of single points through the world. */
class RaysTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.6);
  private static final CameraPose TARGET = CameraPose.orbit(-0.5, 0.7, 1.9);
  private static final Intrinsics SOURCE_LENS = new Intrinsics(70, 66, 32, 32, 64, 64);
  private static final Intrinsics TARGET_LENS = new Intrinsics(80, 84, 32, 32, 64, 64);
  private static final String POSE = "pose: Tensor";

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray pose() {
    float[] features = RelativePose.features(SOURCE, SOURCE_LENS, TARGET, TARGET_LENS);
    return manager.create(features, new Shape(1, RelativePose.FEATURES));
  }

  private static double[] inWorld(CameraPose camera, double[] p) {
    double[] r = camera.rotation();
    double[] t = camera.translation();
    double[] world = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        world[i] += r[3 * j + i] * (p[j] - t[j]);
      }
    }
    return world;
  }

  /** Pixels' centres, and points at given depths on the rays through them, in the same order. */
  @Test
  void raysGoThroughPixels() {
    int side = 5;
    NDArray depth = manager.create(new float[] {0.5f, 1.7f}, new Shape(1, 2));
    NDArray found =
        SceneScript.function(
                POSE + ", depth: Tensor",
                "return self.points(self.rays(self.target_focal(pose), 5), depth)")
            .call(pose(), depth);
    assertEquals(new Shape(1, 50, 3), found.getShape());
    float[] points = found.toFloatArray();
    for (int i = 0; i < 2 * side * side; i++) {
      double z = depth.toFloatArray()[i / (side * side)];
      int row = i / side % side;
      double x = ((i % side + 0.5) / side - 0.5) * 64 / TARGET_LENS.fx() * z;
      double y = ((row + 0.5) / side - 0.5) * 64 / TARGET_LENS.fy() * z;
      assertEquals(x, points[3 * i], 1e-6);
      assertEquals(y, points[3 * i + 1], 1e-6);
      assertEquals(z, points[3 * i + 2], 1e-6);
    }
  }

  /** Projection undoes unprojection, and image positions agree with the intrinsics. */
  @Test
  void projectionUndoesUnprojection() {
    NDArray depth = manager.create(randoms(16, 1, 2), new Shape(1, 16, 1));
    String points = "self.unproject(self.pixel_grid(pose, 4), self.source_focal(pose), depth)";
    NDArray there =
        SceneScript.function(POSE + ", depth: Tensor", "return " + points).call(pose(), depth);
    float[] point = there.toFloatArray();
    float[] back =
        SceneScript.function(
                POSE + ", points: Tensor", "return self.project(points, self.source_focal(pose))")
            .call(pose(), there)
            .toFloatArray();
    for (int i = 0; i < 16; i++) {
      double[] pixel =
          SOURCE_LENS.project(new double[] {point[3 * i], point[3 * i + 1], point[3 * i + 2]});
      assertEquals(16 * (i % 4) + 8, pixel[0], 1e-4);
      assertEquals(16 * Math.floorDiv(i, 4) + 8, pixel[1], 1e-4);
      assertEquals(pixel[0] / 32 - 1, back[2 * i], 1e-6);
      assertEquals(pixel[1] / 32 - 1, back[2 * i + 1], 1e-6);
    }
  }

  /** Points go from camera to camera as they do through the world. */
  @Test
  void pointsMoveAsThroughTheWorld() {
    float[] points = randoms(21, -1, 2);
    NDArray in = manager.create(points, new Shape(1, 7, 3));
    float[] source = move("to_source", in);
    float[] target = move("to_target", in);
    for (int i = 0; i < 7; i++) {
      double[] p = {points[3 * i], points[3 * i + 1], points[3 * i + 2]};
      assertPoint(SOURCE.transform(inWorld(TARGET, p)), source, i);
      assertPoint(TARGET.transform(inWorld(SOURCE, p)), target, i);
    }
  }

  private float[] move(String method, NDArray points) {
    return SceneScript.function(
            POSE + ", points: Tensor", "return self." + method + "(pose, points)")
        .call(pose(), points)
        .toFloatArray();
  }

  private static void assertPoint(double[] expected, float[] actual, int i) {
    double[] found = {actual[3 * i], actual[3 * i + 1], actual[3 * i + 2]};
    assertArrayEquals(expected, found, 1e-5);
  }

  private static float[] randoms(int count, double from, double to) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (from + (to - from) * random.nextDouble());
    }
    return values;
  }
}
