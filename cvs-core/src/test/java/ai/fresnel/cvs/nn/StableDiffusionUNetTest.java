package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.model.UNetConfig.Attention;
import ai.fresnel.cvs.model.UNetConfig.HeadNumber;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.model.UNetConfig.Modulation;
import ai.fresnel.cvs.model.UNetConfig.Norm;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The U-Net of Stable Diffusion 1.x, said as a configuration. */
class StableDiffusionUNetTest {

  /** The published network, (N, 4, 64, 64) with 77 tokens of width 768. */
  private static final UNetConfig PUBLISHED = UNetConfig.stableDiffusion();

  /** Its time embedding, 320 numbers through two layers of 1280, is not part of the U-Net. */
  private static final long TIME = 320 * 1280 + 1280 + 1280 * 1280 + 1280;

  /** As deep and joined in the same way; an attention depth of two in the middle tells it apart. */
  private static final UNetConfig TINY =
      new UNetConfig(
          List.of(new Level(4, 2, 1), new Level(8, 1, 2), new Level(8, 2, 0)),
          2,
          new Attention(new HeadNumber(4), 5, false, new Norm(4, 1e-6)),
          new Norm(2, 1e-5),
          Modulation.SHIFT,
          6,
          false,
          false);

  @Test
  void itsForwardAndGradientsAreTheReference() {
    try (BlockCheck check = new BlockCheck(new UNet(TINY, 3, 2, 4, 3), 1)) {
      NDArray state = check.input(2, 3, 4, 8);
      NDArray embedding = check.input(2, 6);
      NDArray tokens = check.input(2, 3, 5);
      SlowTensor none = new SlowTensor(new double[0], 0);
      SlowTensor expected =
          new SlowUNet(check.weights(), TINY)
              .run("", SlowTensor.of(state), SlowTensor.of(embedding), none, SlowTensor.of(tokens));
      check.forwardIs(expected, 1e-9, state, embedding, tokens);
      check.gradientsAreRight(1, state, embedding, tokens);
    }
  }

  /** Each choice alone, so that none hides behind another. */
  @Test
  void eachPartIsTheReferenceWithTheOthersAsInThePresets() {
    Attention attention = TINY.attention();
    Attention linear =
        new Attention(attention.heads(), attention.contextChannels(), true, attention.norm());
    Modulation both = Modulation.SCALE_AND_SHIFT;
    Norm norm = TINY.norm();
    List<Level> levels = TINY.levels();
    for (UNetConfig config :
        List.of(
            new UNetConfig(levels, 2, attention, norm, both, 6, true, true),
            new UNetConfig(levels, 2, linear, norm, Modulation.SHIFT, 6, true, true),
            new UNetConfig(levels, 0, linear, norm, both, 6, false, true),
            new UNetConfig(levels, 2, linear, norm, both, 6, true, false))) {
      try (BlockCheck check = new BlockCheck(new UNet(config, 3, 2, 4, 3), 1)) {
        NDArray state = check.input(2, 3, 4, 4);
        NDArray embedding = check.input(2, 6);
        NDArray pose = check.input(2, 6);
        NDArray tokens = check.input(2, 3, 5);
        SlowTensor expected =
            new SlowUNet(check.weights(), config)
                .run(
                    "",
                    SlowTensor.of(state),
                    SlowTensor.of(embedding),
                    SlowTensor.of(pose),
                    SlowTensor.of(tokens));
        NDArray[] inputs =
            config.poseJoin()
                ? new NDArray[] {state, embedding, pose, tokens}
                : new NDArray[] {state, embedding, tokens};
        check.forwardIs(expected, 1e-9, inputs);
      }
    }
  }

  /** 859,520,964 is Stable Diffusion's own count, 859,532,484 Zero123's. */
  @Test
  void itHasTheParametersOfThePublishedNetworks() {
    assertEquals(859_520_964, Weights.count(new UNet(PUBLISHED, 4, 4, 64, 77)) + TIME);
    UNet zero123 = new UNet(PUBLISHED, 8, 4, 32, 1);
    assertEquals(859_532_484, Weights.count(zero123) + TIME);
    // diffusers attends to the one token at every position: 176 GFLOP.
    assertEquals(176, 2e-9 * new UNet(PUBLISHED, 8, 4, 32, 2).multiplyAdds(), 0.5);
    assertEquals(170, 2e-9 * zero123.multiplyAdds(), 0.5);
    // 686 tensors, of which 4 are the time embedding's; three or two of a kind are one here: 16
    // transformers' queries, keys and values.
    assertEquals(686 - 4 - 16 * (2 + 1), Weights.parameters(zero123).size());
  }

  @Test
  void absentPartsHaveNoParameters() {
    UNetConfig full =
        new UNetConfig(
            TINY.levels(), 2, TINY.attention(), TINY.norm(), TINY.modulation(), 6, true, true);
    Set<String> names = new HashSet<>(Weights.parameters(new UNet(full, 3, 2, 4, 3)).keySet());
    Set<String> fewer = Weights.parameters(new UNet(TINY, 3, 2, 4, 3)).keySet();
    assertTrue(names.containsAll(fewer));
    names.removeAll(fewer);
    assertEquals(
        Set.of(
            "join_pose.conv.weight",
            "join_pose.conv.bias",
            "out.gain.weight",
            "out.gain.bias",
            "out.linear.weight"),
        names);
  }

  @Test
  void projectionsCostTheSameAsConvolutions() {
    Attention a = TINY.attention();
    Attention linear = new Attention(a.heads(), a.contextChannels(), true, a.norm());
    UNetConfig other =
        new UNetConfig(TINY.levels(), 2, linear, TINY.norm(), TINY.modulation(), 6, false, false);
    UNet convolutions = new UNet(TINY, 3, 2, 8, 3);
    UNet products = new UNet(other, 3, 2, 8, 3);
    assertEquals(convolutions.multiplyAdds(), products.multiplyAdds());
    String name = "down0_attention0.enter.in.weight";
    assertEquals(new Shape(4, 4, 1, 1), Weights.parameters(convolutions).get(name).getShape());
    assertEquals(new Shape(4, 4), Weights.parameters(products).get(name).getShape());
  }
}
