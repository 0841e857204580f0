package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.CarriedPixels;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.FrustumVolume;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The photograph's pixels in another view, and how far they can be trusted there. */
class CarriedPixelsTest {

  private static final int SIDE = 8;
  private static final Intrinsics LENS = new Intrinsics(9, 9, 4, 4, 8, 8);

  /** The carried pixels as a block of view, pose, slices and folded photograph. */
  private static final class CarryBlock extends NetworkBlock {

    private final FrustumRenderer renderer;
    private final CarriedPixels carried;

    CarryBlock(ModelConfig config) {
      renderer = new FrustumRenderer(config, SIDE);
      carried = new CarriedPixels(config, SIDE);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList in, boolean training, PairList<String, Object> params) {
      FrustumVolume volume = renderer.volume(in.get(2), in.get(3));
      CameraBatch cameras = new CameraBatch(in.get(1));
      return new NDList(carried.carry(in.get(0).getManager(), cameras, volume, in.get(0)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return new Shape[] {new Shape(shapes[0].get(0), 5, SIDE, SIDE)};
    }
  }

  private static double[] pose(CameraPose source, CameraPose target) {
    float[] features = RelativePose.features(source, LENS, target, LENS);
    double[] all = new double[16];
    for (int i = 0; i < 16; i++) {
      all[i] = features[i];
    }
    return all;
  }

  /** Pixel by pixel, by the moves of the cameras themselves. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void pixelsAreCarriedThroughTheDepth(int fold) {
    ModelConfig config = TinyNetwork.config(fold).build();
    CameraPose source = CameraPose.orbit(0.4, 0.3, 1.6);
    CameraPose target = CameraPose.orbit(-0.2, 0.6, 1.9);
    try (BlockCheck check = new BlockCheck(new CarryBlock(config), 5)) {
      int grid = SIDE / fold;
      NDArray view = check.input(1, 6, SIDE, SIDE);
      // Opacity from 0.3 to 0.7, and depth in it as shallow.
      view.set(new NDIndex(":, 4:5"), view.get(":, 4:5").mul(0.2).add(0.5));
      view.set(new NDIndex(":, 5:6"), view.get(":, 5:6").mul(0.2));
      NDArray pose = check.input(pose(source, target), 1, 16);
      NDArray slices = check.input(1, 5 * 4, grid, grid).mul(3);
      NDArray folded = check.input(1, 3L * fold * fold, grid, grid);
      double[] expected =
          new SlowVolume(config)
              .carry(
                  SlowTensor.of(view),
                  SlowTensor.of(slices),
                  SlowTensor.of(folded).unfold(fold),
                  new double[] {9 / 8.0, 9 / 8.0, 9 / 8.0, 9 / 8.0},
                  1.6,
                  1.9,
                  p -> source.transform(SlowCamera.inWorld(target, p)));
      check.forwardIs(new SlowTensor(expected, 1, 5, SIDE, SIDE), 1e-3, view, pose, slices, folded);
    }
  }

  /** A wall that stands where the object is shows all of the photograph to its own camera. */
  @Test
  void thePhotographsOwnCameraSeesAllOfIt() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray photo = manager.randomUniform(-1, 1, new Shape(1, 3, SIDE, SIDE));
      CameraPose camera = CameraPose.orbit(0.4, 0.3, 1.8);
      NDArray carried = wall(manager, photo, camera, camera);
      assertArrayEquals(
          photo.toFloatArray(), carried.get(":, 0:3").toFloatArray(), 1e-4f, "colours");
      assertTrue(carried.get(":, 3:4").min().getFloat() > 0.9, "visibility");
      assertEquals(1, carried.get(":, 4:5").min().getFloat(), 1e-4, "facing");
    }
  }

  /** From behind, the wall hides what the photograph shows. */
  @Test
  void theBackOfAWallIsNotVisible() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray photo = manager.randomUniform(-1, 1, new Shape(1, 3, SIDE, SIDE));
      CameraPose camera = CameraPose.orbit(0, 0, 1.8);
      NDArray carried = wall(manager, photo, camera, CameraPose.orbit(Math.PI, 0, 1.8));
      assertTrue(carried.get(":, 4:5").max().getFloat() < 0, "facing");
    }
  }

  /** Carries from the photograph of a thin, opaque wall at the object's depth. */
  private static NDArray wall(
      NDManager manager, NDArray photo, CameraPose source, CameraPose target) {
    ModelConfig config = TinyNetwork.config(1).build();
    float[] features = RelativePose.features(source, LENS, target, LENS);
    NDArray slices = manager.zeros(new Shape(1, 20, SIDE, SIDE));
    slices.set(new NDIndex(":, 0:4"), -40f);
    slices.set(new NDIndex(":, 1:3"), 40f);
    FrustumVolume volume = new FrustumRenderer(config, SIDE).volume(slices, photo);
    CameraBatch cameras = new CameraBatch(manager.create(features, new Shape(1, 16)));
    Rendering view = volume.render(manager, cameras);
    return new CarriedPixels(config, SIDE).carry(manager, cameras, volume, view.joined());
  }
}
