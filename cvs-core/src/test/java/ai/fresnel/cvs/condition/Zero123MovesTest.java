package ai.fresnel.cvs.condition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.geometry.Zero123Pose;
import ai.fresnel.cvs.model.ConditionerConfig.FourthNumber;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Moves read from camera features against those of the cameras themselves. */
class Zero123MovesTest {

  private static final Intrinsics LENS =
      Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 256);

  /** Degrees and object lengths: source, then target. */
  @ParameterizedTest
  @CsvSource({
    "0, 20, 1.7, 60, 40, 1.8",
    "0, 20, 1.7, 0, 20, 1.7",
    "0, 20, 1.7, 0, 20, 2.3",
    "30, -10, 1.5, -150, 9, 2.2",
    "350, 80, 1.5, 100, -75, 2",
    "10, 0, 2, 170, 0, 1.6",
    "0, 0, 1.7, 180.1, 0, 2",
    "0, 0, 1.7, 180, 0, 1.7",
    "0, 30, 1.7, 180, -30, 1.7",
    "0, 30, 1.7, 180, 30, 2",
    "0, 0, 1.7, 0.001, 0.002, 1.9",
  })
  void movesAreThoseOfTheCameras(
      double azimuth,
      double elevation,
      double radius,
      double toAzimuth,
      double toElevation,
      double toRadius) {
    CameraPose source = pose(azimuth, elevation, radius);
    CameraPose target = pose(toAzimuth, toElevation, toRadius);
    Zero123Pose move = Zero123Pose.between(source, target);
    float[] expected = {
      (float) move.dTheta(),
      (float) Math.sin(move.dPhi()),
      (float) Math.cos(move.dPhi()),
      (float) move.dR()
    };
    assertArrayEquals(expected, moves(FourthNumber.RADIUS, source, target), 2e-5f);
    expected[3] = (float) Math.toRadians(90 - elevation);
    assertArrayEquals(expected, moves(FourthNumber.SOURCE_POLAR, source, target), 1e-6f);
  }

  private static float[] moves(FourthNumber fourth, CameraPose source, CameraPose target) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] features = RelativePose.features(source, LENS, target, LENS);
      CameraBatch cameras = new CameraBatch(manager.create(features, new Shape(1, 16)));
      return Zero123Moves.of(fourth).of(manager, cameras).toFloatArray();
    }
  }

  private static CameraPose pose(double azimuth, double elevation, double radius) {
    return CameraPose.orbit(Math.toRadians(azimuth), Math.toRadians(elevation), radius);
  }
}
