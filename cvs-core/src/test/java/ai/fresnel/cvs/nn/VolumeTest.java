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
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.scene.Scene;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The volume that the photograph becomes, and how it looks from elsewhere. */
class VolumeTest {

  private static final Intrinsics SOURCE_LENS = new Intrinsics(70, 66, 32, 32, 64, 64);
  private static final Intrinsics TARGET_LENS = new Intrinsics(80, 84, 32, 32, 64, 64);

  private static ModelConfig config(int fold) {
    return TinyNetwork.config(fold).build();
  }

  /** A volume's scene as a block of pose, slices and photograph, to be checked like one. */
  private static final class SceneBlock extends NetworkBlock {
    private final FrustumRenderer renderer;
    private final long side;

    SceneBlock(ModelConfig config) {
      renderer = new FrustumRenderer(config);
      side = config.gridSize(0);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      CameraBatch cameras = new CameraBatch(inputs.get(0));
      Scene scene = renderer.volume(inputs.get(1), inputs.get(2));
      return new NDList(scene.render(inputs.get(0).getManager(), cameras).joined());
    }

    @Override
    public Shape[] getOutputShapes(Shape[] shapes) {
      return new Shape[] {new Shape(shapes[0].get(0), renderer.layout().channels(), side, side)};
    }
  }

  private static double[] pose(CameraPose source, CameraPose target) {
    float[] values = RelativePose.features(source, SOURCE_LENS, target, TARGET_LENS);
    double[] all = new double[values.length];
    Arrays.setAll(all, i -> values[i]);
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void theEncoderIsTheReference(int blocks) {
    ModelConfig config =
        config(2).toBuilder()
            .conditioner(
                c -> c.withVolume(c.volume().orElseThrow().withDepth(blocks, (blocks + 1) / 2)))
            .build();
    try (BlockCheck check = new BlockCheck(new VolumeEncoder(config), 1)) {
      NDArray folded = check.input(2, 12, 4, 4);
      NDArray tokens = check.input(2, 4, 5);
      SlowTensor expected =
          new SlowNetwork(check.weights(), 2)
              .volume("", config, SlowTensor.of(folded), SlowTensor.of(tokens));
      check.forwardIs(expected, 1e-8, folded, tokens);
      check.gradientsAreRight(3, folded, tokens);
    }
  }

  /** The points go through the world by the cameras themselves, not by the pose features. */
  @ParameterizedTest
  @CsvSource({"1, false", "4, false", "4, true"})
  void theViewIsWhatTheCamerasSay(int fold, boolean residual) {
    ModelConfig config =
        config(fold).toBuilder()
            .conditioner(c -> c.withVolume(c.volume().orElseThrow().withResidual(residual)))
            .build();
    CameraPose source = CameraPose.orbit(0.4, 0.3, 1.6);
    CameraPose target = CameraPose.orbit(-0.5, 0.7, 1.9);
    try (BlockCheck check = new BlockCheck(new SceneBlock(config), 3)) {
      int side = 8 / fold;
      NDArray pose = check.input(pose(source, target), 1, 16);
      NDArray volume = check.input(1, 5 * 4, side, side).mul(3);
      NDArray folded = check.input(1, 3L * fold * fold, side, side);
      double[] lenses = {70 / 64.0, 66 / 64.0, 80 / 64.0, 84 / 64.0};
      double[] view =
          new SlowVolume(config)
              .render(
                  SlowTensor.of(volume),
                  SlowTensor.of(folded).unfold(fold),
                  0,
                  lenses,
                  1.6,
                  1.9,
                  p -> source.transform(SlowCamera.inWorld(target, p)));
      int pixels = side * side;
      double most = Arrays.stream(view, 4 * pixels, 5 * pixels).max().orElseThrow();
      double least = Arrays.stream(view, 4 * pixels, 5 * pixels).min().orElseThrow();
      assertTrue(least < 0.4 && most > 0.6, "opacity from " + least + " to " + most);
      // The pose features are float32, and where the axes meet is not told by them alone.
      check.forwardIs(new SlowTensor(view, 1, 6, side, side), 1e-3, pose, volume, folded);
    }
  }

  @Test
  void theViewHasTheRightGradients() {
    try (BlockCheck check = new BlockCheck(new SceneBlock(config(2)), 4)) {
      NDArray pose =
          check.input(
              pose(CameraPose.orbit(0.4, 0.3, 1.6), CameraPose.orbit(-0.5, 0.7, 1.9)), 1, 16);
      check.gradientsAreRight(6, pose, check.input(1, 20, 4, 4), check.input(1, 12, 4, 4));
    }
  }

  /** A photograph of a wall that stands where the object is looks the same from its own camera. */
  @Test
  void thePhotographsOwnCameraSeesIt() {
    ModelConfig config = config(1);
    CameraPose camera = CameraPose.orbit(0.4, 0.3, 1.8);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] pose = RelativePose.features(camera, SOURCE_LENS, camera, SOURCE_LENS);
      NDArray volume = manager.zeros(new Shape(1, 20, 8, 8));
      volume.set(new NDIndex(":, 0:4"), -40f);
      volume.set(new NDIndex(":, 1:3"), 40f);
      NDArray photo = manager.randomUniform(-1, 1, new Shape(1, 3, 8, 8));
      Rendering view =
          new FrustumRenderer(config)
              .volume(volume, photo)
              .render(manager, new CameraBatch(manager.create(pose, new Shape(1, 16))));
      assertArrayEquals(photo.toFloatArray(), view.colour().toFloatArray(), 1e-4f);
      assertEquals(1, view.opacity().min().getFloat(), 1e-5);
      assertTrue(view.depth().abs().max().getFloat() < 0.4);
    }
  }

  /** What is behind the photograph's camera, or beside its image, is the edge's colour. */
  @Test
  void whatThePhotographDoesNotShowIsEmpty() {
    CameraPose away = CameraPose.lookAt(new double[] {4, 0, 0}, new double[] {9, 0, 0});
    CameraPose source = CameraPose.orbit(0.4, 0.3, 1.6);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      float[] pose = RelativePose.features(source, SOURCE_LENS, away, TARGET_LENS);
      NDArray view =
          new FrustumRenderer(config(2))
              .volume(
                  manager.full(new Shape(1, 20, 4, 4), 50f),
                  manager.full(new Shape(1, 12, 4, 4), 0.25f))
              .render(manager, new CameraBatch(manager.create(pose, new Shape(1, 16))))
              .joined();
      assertEquals(0, view.get(":, 3:").abs().max().getFloat());
      assertEquals(0, view.get(":, 0:3").sub(0.25f).abs().max().getFloat(), 1e-6);
    }
  }
}
