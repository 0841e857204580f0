package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.view.TinyNetwork;
import org.junit.jupiter.api.Test;

/** The U-Net and the detail encoder against plain loops. */
class UNetTest {

  @Test
  void detailEncoderIsTheReference() {
    ModelConfig config = TinyNetwork.config(2).build();
    try (BlockCheck check = new BlockCheck(new DetailEncoder(config), 1)) {
      NDArray folded = check.input(2, 12, 4, 4);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      check.forwardIs(slow.detail("", config, SlowTensor.of(folded)), 1e-9, folded);
      check.gradientsAreRight(3, folded);
    }
  }

  @Test
  void unetIsTheReference() {
    ModelConfig config =
        TinyNetwork.config(2)
            .conditioner(c -> c.withDetailBlocks(2))
            .unet(u -> u.blocks(2).attentionDepth(1, 2).headChannels(2))
            .build();
    try (BlockCheck check = new BlockCheck(new UNet(config.unet(), 24 + 6, 12, 4, 4), 2)) {
      NDArray state = check.input(2, 24 + 6, 4, 4);
      NDArray embedding = check.input(2, 4);
      NDArray pose = check.input(2, 4);
      NDArray tokens = check.input(2, 4, 5);
      SlowTensor expected =
          new SlowNetwork(check.weights(), 2)
              .unet(
                  "",
                  config,
                  SlowTensor.of(state),
                  SlowTensor.of(embedding),
                  SlowTensor.of(pose),
                  SlowTensor.of(tokens));
      check.forwardIs(expected, 1e-8, state, embedding, pose, tokens);
    }
  }

  /** The way down is the one that the image is drawn by. */
  @Test
  void featuresAreThoseOfTheWayDown() {
    ModelConfig config = TinyNetwork.config(2).build();
    UNet unet = new UNet(config.unet(), 24 + 6, 12, 4, 4);
    try (BlockCheck check = new BlockCheck(unet, 2)) {
      NDArray state = check.input(2, 24 + 6, 4, 4);
      NDArray embedding = check.input(2, 4);
      NDArray tokens = check.input(2, 4, 5);
      SlowNetwork slow = new SlowNetwork(check.weights(), 2);
      ParameterStore store = new ParameterStore(state.getManager(), false);
      NDList maps =
          unet.features(
              store, state.getManager(), new UNetInputs(state, embedding, embedding, tokens), 2);
      assertEquals(2, maps.size());
      SlowTensor first = slow.firstLevel("", SlowTensor.of(state), SlowTensor.of(embedding));
      assertEquals(new Shape(2, 4, 4, 4), maps.get(0).getShape());
      assertEquals(new Shape(2, 6, 2, 2), maps.get(1).getShape());
      assertArrayEquals(first.values(), maps.get(0).toDoubleArray(), 1e-9);
    }
  }
}
