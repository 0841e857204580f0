package ai.fresnel.cvs.scene;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.api.Test;

/** Compares the named numbers with the cameras they were made from. */
class CameraBatchTest {

  private static final CameraPose[] SOURCES = {
    CameraPose.orbit(0.4, 0.3, 1.6), CameraPose.orbit(2.1, -0.2, 1.9)
  };
  private static final CameraPose[] TARGETS = {
    CameraPose.orbit(-0.5, 0.7, 1.9), CameraPose.orbit(2.0, 0.1, 1.7)
  };
  private static final Intrinsics SOURCE_LENS = new Intrinsics(70, 66, 32, 32, 64, 64);
  private static final Intrinsics TARGET_LENS = new Intrinsics(80, 84, 32, 32, 64, 64);

  @Test
  void numbersMatchTheCameras() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] all = new float[2 * RelativePose.FEATURES];
      for (int i = 0; i < 2; i++) {
        float[] one = RelativePose.features(SOURCES[i], SOURCE_LENS, TARGETS[i], TARGET_LENS);
        System.arraycopy(one, 0, all, i * one.length, one.length);
      }
      CameraBatch cameras = new CameraBatch(manager.create(all, new Shape(2, 16)));
      assertEquals(2, cameras.size());
      assertEquals(new Shape(2, 3, 3), cameras.rotation().getShape());
      for (int i = 0; i < 2; i++) {
        RelativePose move = RelativePose.between(SOURCES[i], TARGETS[i]);
        isRow(move.rotation(), cameras.rotation(), i);
        isRow(move.translation(), cameras.translation(), i);
        isRow(new double[] {70 / 64.0, 66 / 64.0}, cameras.sourceFocal(), i);
        isRow(new double[] {80 / 64.0, 84 / 64.0}, cameras.targetFocal(), i);
        isRow(SOURCES[i].worldUpInCamera(), cameras.worldUp(), i);
      }
    }
  }

  private static void isRow(double[] expected, NDArray array, long row) {
    float[] values = array.get(row).toFloatArray();
    double[] actual = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      actual[i] = values[i];
    }
    assertArrayEquals(expected, actual, 1e-6);
  }

  @Test
  void movesFromOtherCamerasAreThoseOfTheCameras() {
    CameraPose first = CameraPose.orbit(0.7, 0.1, 1.5);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] places = new float[2 * RelativePose.FEATURES];
      float[] targets = new float[2 * RelativePose.FEATURES];
      double[] expected = new double[4 * RelativePose.FEATURES];
      for (int i = 0; i < 2; i++) {
        float[] place = RelativePose.features(first, TARGET_LENS, SOURCES[i], SOURCE_LENS);
        float[] target = RelativePose.features(first, TARGET_LENS, TARGETS[i], TARGET_LENS);
        System.arraycopy(place, 0, places, i * place.length, place.length);
        System.arraycopy(target, 0, targets, i * target.length, target.length);
        for (int j = 0; j < 2; j++) {
          float[] move = RelativePose.features(SOURCES[i], SOURCE_LENS, TARGETS[j], TARGET_LENS);
          for (int k = 0; k < move.length; k++) {
            expected[(2 * i + j) * move.length + k] = move[k];
          }
        }
      }
      CameraBatch cameras = new CameraBatch(manager.create(targets, new Shape(2, 16)));
      CameraBatch moves = cameras.from(new CameraBatch(manager.create(places, new Shape(2, 16))));
      isRow(expected, moves.features().reshape(1, 64), 0);
    }
  }

  @Test
  void otherArraysAreRefused() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray wrong = manager.zeros(new Shape(2, 15));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> new CameraBatch(wrong));
      assertEquals("cameras have shape (2, 15), expected (N, 16)", e.getMessage());
    }
  }
}
