package ai.fresnel.cvs.nn;

import static ai.fresnel.cvs.model.UNetConfig.Modulation.SCALE_AND_SHIFT;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadChannels;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import org.junit.jupiter.api.Test;

/** Each leaf block against plain loops and its gradients against finite differences. */
class BlocksTest {

  private static final double TIGHT = 1e-9;
  private static final Norm NORM = new Norm(2, 1e-5);
  private static final Attention ATTENTION = new Attention(new HeadChannels(3), 4, true, NORM);

  @Test
  void residualBlockPlain() {
    try (BlockCheck check = new BlockCheck(new ResidualBlock(4, 0, 4, NORM), 1)) {
      NDArray x = check.input(2, 4, 3, 3);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      check.forwardIs(slow.residual("", SlowTensor.of(x), null, null), TIGHT, x);
      check.gradientsAreRight(5, x);
    }
  }

  @Test
  void residualBlockWithShortcut() {
    try (BlockCheck check = new BlockCheck(new ResidualBlock(4, 0, 6, NORM), 2)) {
      NDArray x = check.input(2, 4, 3, 2);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      check.forwardIs(slow.residual("", SlowTensor.of(x), null, null), TIGHT, x);
      check.gradientsAreRight(5, x);
    }
  }

  @Test
  void residualBlockWithSkipAndModulation() {
    try (BlockCheck check =
        new BlockCheck(new ResidualBlock(4, 2, 4, NORM, SCALE_AND_SHIFT, 5), 3)) {
      NDArray x = check.input(2, 4, 3, 3);
      NDArray skip = check.input(2, 2, 3, 3);
      NDArray embedding = check.input(2, 5);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      SlowTensor expected =
          slow.residual("", SlowTensor.of(x), SlowTensor.of(skip), SlowTensor.of(embedding));
      check.forwardIs(expected, TIGHT, x, skip, embedding);
      check.gradientsAreRight(5, x, skip, embedding);
    }
  }

  @Test
  void residualBlockWithModulationAndNoShortcut() {
    try (BlockCheck check =
        new BlockCheck(new ResidualBlock(4, 0, 4, NORM, SCALE_AND_SHIFT, 3), 4)) {
      NDArray x = check.input(1, 4, 2, 3);
      NDArray embedding = check.input(1, 3);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      SlowTensor expected = slow.residual("", SlowTensor.of(x), null, SlowTensor.of(embedding));
      check.forwardIs(expected, TIGHT, x, embedding);
      check.gradientsAreRight(5, x, embedding);
    }
  }

  @Test
  void depthHead() {
    try (BlockCheck check = new BlockCheck(new DepthHead(4, 2, 2), 12)) {
      NDArray x = check.input(2, 4, 3, 5);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      check.forwardIs(slow.depth("", SlowTensor.of(x)), TIGHT, x);
      check.gradientsAreRight(5, x);
    }
  }

  @Test
  void pixelRefiner() {
    try (BlockCheck check = new BlockCheck(new PixelRefiner(2, 4, 5), 13)) {
      NDArray f = check.input(2, 2, 3, 4);
      NDArray x = check.input(2, 2, 3, 4);
      NDArray embedding = check.input(2, 5);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      SlowTensor expected =
          slow.refine("", SlowTensor.of(f), SlowTensor.of(x), SlowTensor.of(embedding));
      check.forwardIs(expected, TIGHT, f, x, embedding);
      check.gradientsAreRight(5, f, x, embedding);
    }
  }

  @Test
  void resampleDown() {
    try (BlockCheck check = new BlockCheck(Resample.down(3), 5)) {
      NDArray x = check.input(2, 3, 4, 6);
      SlowNetwork slow = new SlowNetwork(check.weights(), 1);
      check.forwardIs(slow.down("", SlowTensor.of(x)), TIGHT, x);
      check.gradientsAreRight(5, x);
    }
  }

  @Test
  void resampleUp() {
    try (BlockCheck check = new BlockCheck(Resample.up(3), 6)) {
      NDArray x = check.input(2, 3, 2, 3);
      SlowNetwork slow = new SlowNetwork(check.weights(), 1);
      check.forwardIs(slow.up("", SlowTensor.of(x)), TIGHT, x);
      check.gradientsAreRight(5, x);
    }
  }

  @Test
  void transformerBlock() {
    try (BlockCheck check = new BlockCheck(new TransformerBlock(6, 4, 2, 3), 7)) {
      NDArray x = check.input(2, 5, 6);
      NDArray tokens = check.input(2, 3, 4);
      SlowNetwork slow = new SlowNetwork(check.weights(), 1);
      SlowTensor expected = slow.transformer("", SlowTensor.of(x), SlowTensor.of(tokens), 2);
      check.forwardIs(expected, TIGHT, x, tokens);
      check.gradientsAreRight(5, x, tokens);
    }
  }

  @Test
  void spatialTransformer() {
    try (BlockCheck check = new BlockCheck(new SpatialTransformer(6, 2, ATTENTION, 3), 8)) {
      NDArray x = check.input(2, 6, 2, 3);
      NDArray tokens = check.input(2, 3, 4);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      SlowTensor expected = slow.spatial("", SlowTensor.of(x), SlowTensor.of(tokens), 2, 3);
      check.forwardIs(expected, TIGHT, x, tokens);
      check.gradientsAreRight(4, x, tokens);
    }
  }

  /** The frequencies are float32's, hence the wider tolerance. */
  @Test
  void noiseEmbedding() {
    try (BlockCheck check = new BlockCheck(new NoiseEmbedding(6, 1), 9)) {
      NDArray level = check.input(new double[] {-1.55, 0, 1.09}, 3);
      SlowNetwork slow = new SlowNetwork(check.weights(), 1);
      check.forwardIs(slow.noise("", SlowTensor.of(level)), 1e-5, level);
      check.gradientsAreRight(5, level);
    }
  }

  @Test
  void poseEncoder() {
    try (BlockCheck check = new BlockCheck(new PoseEncoder(6), 10)) {
      NDArray features = check.input(3, 16);
      SlowNetwork slow = new SlowNetwork(check.weights(), 1);
      check.forwardIs(slow.pose("", SlowTensor.of(features)), TIGHT, features);
      check.gradientsAreRight(5, features);
    }
  }
}
