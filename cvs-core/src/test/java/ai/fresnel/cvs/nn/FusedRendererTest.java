package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.CarriedPixels;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.FusedRenderer;
import ai.fresnel.cvs.scene.FusedVolumes;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several photographs of one object in one view. */
class FusedRendererTest {

  private static final int SIDE = 8;
  private static final double FOCAL = 9 / 8.0;
  private static final Intrinsics LENS = new Intrinsics(9, 9, 4, 4, 8, 8);

  private static final CameraPose[] CAMERAS = {
    CameraPose.orbit(0.4, 0.3, 1.6),
    CameraPose.orbit(2.1, -0.2, 1.9),
    CameraPose.orbit(-1.3, 0.5, 1.7)
  };
  private static final CameraPose TARGET = CameraPose.orbit(-0.2, 0.6, 1.8);

  private static CameraBatch moves(NDManager manager, CameraPose from, CameraPose... to) {
    float[] all = new float[to.length * RelativePose.FEATURES];
    for (int i = 0; i < to.length; i++) {
      float[] one = RelativePose.features(from, LENS, to[i], LENS);
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    NDArray features = manager.create(all, new Shape(to.length, RelativePose.FEATURES));
    return new CameraBatch(features.toType(DataType.FLOAT64, false));
  }

  private static FusedVolumes scene(
      ModelConfig config, CameraPose[] cameras, NDArray slices, NDArray folded) {
    CameraBatch places = moves(slices.getManager(), cameras[0], cameras);
    return new FusedVolumes(new FusedRenderer(config, SIDE), places, slices, folded);
  }

  private static NDArray random(NDManager manager, double limit, long... shape) {
    return manager.randomUniform((float) -limit, (float) limit, new Shape(shape), DataType.FLOAT64);
  }

  /** The slow reference knows the cameras themselves, not the moves between them. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void viewsAreThoseOfTheSlowReference(int photographs) {
    ModelConfig config = TinyNetwork.config(1).build();
    CameraPose[] cameras = java.util.Arrays.copyOf(CAMERAS, photographs);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray slices = random(manager, 4, photographs, 5 * 4, SIDE, SIDE);
      NDArray photos = random(manager, 1, photographs, 3, SIDE, SIDE);
      double[] expected =
          new SlowFusion(config, SIDE, FOCAL)
              .render(SlowTensor.of(slices), SlowTensor.of(photos), cameras, TARGET);
      CameraBatch cameraBatch = moves(manager, cameras[0], TARGET);
      NDArray view = scene(config, cameras, slices, photos).render(manager, cameraBatch).joined();
      assertArrayEquals(expected, view.toDoubleArray(), 5e-3);
    }
  }

  /** Also where the first photograph, at which all moves start, becomes another one. */
  @Test
  void theOrderOfPhotographsDoesNotMatter() {
    ModelConfig config = TinyNetwork.config(2).build();
    CameraPose[] turned = {CAMERAS[2], CAMERAS[0], CAMERAS[1]};
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray slices = random(manager, 4, 3, 5 * 4, 4, 4);
      NDArray photos = random(manager, 1, 3, 12, 4, 4);
      NDArray order = manager.create(new long[] {2, 0, 1});
      FusedVolumes one = scene(config, CAMERAS, slices, photos);
      FusedVolumes other = scene(config, turned, slices.get(order), photos.get(order));
      CameraBatch fromOne = moves(manager, CAMERAS[0], TARGET);
      CameraBatch fromOther = moves(manager, CAMERAS[2], TARGET);
      NDArray expected = one.render(manager, fromOne).joined();
      NDArray view = other.render(manager, fromOther).joined();
      assertArrayEquals(expected.toDoubleArray(), view.toDoubleArray(), 5e-3);
      assertArrayEquals(
          one.carry(manager, fromOne, expected).toDoubleArray(),
          other.carry(manager, fromOther, view).toDoubleArray(),
          5e-3);
    }
  }

  /** Several targets are those drawn one by one. */
  @Test
  void targetsDoNotDependOnEachOther() {
    ModelConfig config = TinyNetwork.config(1).build();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      FusedVolumes scene =
          scene(
              config,
              CAMERAS,
              random(manager, 4, 3, 5 * 4, SIDE, SIDE),
              random(manager, 1, 3, 3, SIDE, SIDE));
      CameraBatch both = moves(manager, CAMERAS[0], CAMERAS[1], TARGET);
      CameraBatch one = moves(manager, CAMERAS[0], TARGET);
      NDArray views = scene.render(manager, both).joined();
      NDArray view = scene.render(manager, one).joined();
      assertArrayEquals(view.toDoubleArray(), views.get("1:2").toDoubleArray(), 1e-12, "views");
      assertArrayEquals(
          scene.carry(manager, one, view).toDoubleArray(),
          scene.carry(manager, both, views).get("1:2").toDoubleArray(),
          1e-12,
          "carried");
    }
  }

  /** One photograph's guess about what it hides goes where another one sees through. */
  @Test
  void whatOneSeesEmptyIsEmpty() {
    ModelConfig config = TinyNetwork.config(1).build();
    CameraPose front = CameraPose.orbit(0, 0, 1.8);
    CameraPose side = CameraPose.orbit(Math.PI / 2, 0, 1.8);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray slices = manager.full(new Shape(2, 5 * 4, SIDE, SIDE), 0f, DataType.FLOAT64);
      // The front sees a wall at its first slice and guesses that all behind is solid; the side
      // sees nothing.
      slices.set(new NDIndex("0:1, 0:4"), 5);
      slices.set(new NDIndex("1:2, 0:4"), -40);
      NDArray photos = manager.zeros(new Shape(2, 3, SIDE, SIDE), DataType.FLOAT64);
      FusedVolumes scene = scene(config, new CameraPose[] {front, side}, slices, photos);
      NDArray alone =
          new FrustumRenderer(config, SIDE)
              .volume(slices.get("0:1"), photos.get("0:1"))
              .render(manager, moves(manager, front, side))
              .part(Rendering.OPACITY);
      NDArray both = scene.render(manager, moves(manager, front, side)).part(Rendering.OPACITY);
      assertTrue(alone.get("0, 0, 3:5, 3:5").min().getDouble() > 0.99, "guessed");
      assertTrue(both.get("0, 0, 3:5, 3:5").max().getDouble() < 0.3, "seen through");
    }
  }

  /** Pixels come from the photograph that sees them. */
  @Test
  void pixelsAreThoseOfThePhotographThatSeesThem() {
    ModelConfig config = TinyNetwork.config(1).build();
    CameraPose front = CameraPose.orbit(0, 0, 1.8);
    CameraPose back = CameraPose.orbit(Math.PI, 0, 1.8);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray slices = manager.zeros(new Shape(2, 5 * 4, SIDE, SIDE), DataType.FLOAT64);
      slices.set(new NDIndex(":, 0:4"), -40);
      slices.set(new NDIndex(":, 1:3"), 40);
      NDArray photos = manager.ones(new Shape(2, 3, SIDE, SIDE), DataType.FLOAT64);
      photos.set(new NDIndex("1"), -1);
      FusedVolumes scene = scene(config, new CameraPose[] {front, back}, slices, photos);
      CameraBatch cameras =
          moves(
              manager,
              front,
              CameraPose.orbit(0.3, 0.1, 1.8),
              CameraPose.orbit(Math.PI - 0.3, 0.1, 1.8));
      NDArray carried = scene.carry(manager, cameras, scene.render(manager, cameras).joined());
      NDArray middle = carried.get(":, :, 3:5, 3:5");
      assertTrue(middle.get("0, 0:3").min().getDouble() > 0.99, "the front");
      assertTrue(middle.get("1, 0:3").max().getDouble() < -0.99, "the back");
      assertTrue(middle.get(":, 4").min().getDouble() > 0.8, "both face the target");
      assertTrue(new CarriedPixels(config, SIDE).layout().channels() == carried.getShape().get(1));
    }
  }
}
