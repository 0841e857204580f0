package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureLiftTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.6);
  private static final CameraPose TARGET = CameraPose.orbit(-0.5, 0.7, 1.9);
  private static final Intrinsics SOURCE_LENS = new Intrinsics(70, 66, 32, 32, 64, 64);
  private static final Intrinsics TARGET_LENS = new Intrinsics(80, 84, 32, 32, 64, 64);

  private static ModelConfig config(int fold) {
    return TinyNetwork.config(fold).tokenGrid(2).liftChannels(3).liftSamples(5).build();
  }

  private static double[] toDoubles(float[] values) {
    double[] all = new double[values.length];
    Arrays.setAll(all, i -> values[i]);
    return all;
  }

  /** The points go through the world by the cameras themselves, not by the pose features. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void theMapIsWhatTheCamerasSay(int fold) {
    ModelConfig config = config(fold);
    try (BlockCheck check = new BlockCheck(new FeatureLift(config), 3)) {
      NDArray features = check.input(1, 6, 2, 2);
      float[] pose = RelativePose.features(SOURCE, SOURCE_LENS, TARGET, TARGET_LENS);
      double[] lenses = {70 / 64.0, 66 / 64.0, 80 / 64.0, 84 / 64.0};
      SlowTensor expected =
          new SlowLift(check.weights(), "", config)
              .lift(SlowTensor.of(features), 0, lenses, p -> SOURCE.transform(inWorld(TARGET, p)));
      double[] opacity = expected.values();
      assertTrue(opacity[3 * opacity.length / 5] > 0.1, "nothing was hit");
      // The pose features are float32.
      check.forwardIs(expected, 1e-5, features, check.input(toDoubles(pose), 1, 16));
    }
  }

  /** World point of a point in a camera's axes: Rᵀ(p − t). */
  static double[] inWorld(CameraPose camera, double[] p) {
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

  @Test
  void gradientsAreRight() {
    try (BlockCheck check = new BlockCheck(new FeatureLift(config(2)), 4)) {
      float[] pose = RelativePose.features(SOURCE, SOURCE_LENS, TARGET, TARGET_LENS);
      check.gradientsAreRight(6, check.input(1, 6, 2, 2), check.input(toDoubles(pose), 1, 16));
    }
  }

  /** What is behind the photograph's camera, or beside its picture, is empty. */
  @Test
  void whatThePhotographDoesNotShowIsEmpty() {
    CameraPose away = CameraPose.lookAt(new double[] {4, 0, 0}, new double[] {9, 0, 0});
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      FeatureLift lift = new FeatureLift(config(4));
      Weights.initialize(lift, manager, 1);
      NDArray map = SampleNoise.normal(manager, new long[] {1}, 0, new Shape(6, 2, 2));
      float[] pose = RelativePose.features(SOURCE, SOURCE_LENS, away, TARGET_LENS);
      NDArray out =
          lift.apply(
              new ParameterStore(manager, false),
              manager,
              map,
              manager.create(pose, new Shape(1, 16)));
      assertEquals(0, out.abs().max().getFloat());
    }
  }
}
