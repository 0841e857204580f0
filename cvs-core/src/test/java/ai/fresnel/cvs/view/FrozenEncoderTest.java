package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.encoder.TinyDino;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.DetailEncoder;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A network whose configuration names a frozen encoder. */
class FrozenEncoderTest {

  private static final ModelConfig PLAIN =
      TinyNetwork.config(1)
          .codec(c -> c.withImageSize(16))
          .conditioner(c -> c.withDetailChannels(4).withTokenGrid(16))
          .unet(u -> u.attentionDepth(0, 0))
          .build();

  private static final ModelConfig WITH_DINO =
      PLAIN.toBuilder().conditioner(c -> c.withEncoder("dinov2_vits14")).build();

  @Test
  void theEncoderOnlyAddsNames() {
    Set<String> plain = Weights.parameters(new ViewModel(PLAIN)).keySet();
    ViewModel network = new ViewModel(WITH_DINO);
    Set<String> more = new TreeSet<>(Weights.parameters(network).keySet());
    assertTrue(more.containsAll(plain));
    more.removeAll(plain);
    assertTrue(more.contains("dinov2.blocks.11.mlp.fc2.weight"));
    more.removeIf(name -> name.startsWith("dinov2."));
    assertEquals(Set.of("dinov2_projection.linear.bias", "dinov2_projection.linear.weight"), more);
  }

  @Test
  void theEncoderIsCountedByItself() {
    ViewModel network = new ViewModel(WITH_DINO);
    Map<String, Long> counts = Weights.counts(network);
    assertEquals(22_056_576, counts.get("dinov2"));
    assertEquals(384 * 5 + 5, counts.get("dinov2_projection"));
    assertFalse(Weights.counts(new ViewModel(PLAIN)).containsKey("dinov2"));
    // 257 tokens through 12 blocks of 12·384² weights, the patches' and the tokens' projections.
    long attention = 12L * 2 * 257 * 257 * 384;
    long products = 257L * 12 * 12 * 384 * 384 + 256L * 588 * 384 + 256L * 384 * 5;
    assertEquals(attention + products, network.multiplyAdds().get("dinov2"));
  }

  @Test
  void tokensAreTheDetailEncodersPlusTheProjectedFeatures() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ParameterStore store = new ParameterStore(manager, false);
      ViewModel network =
          new ViewModel(WITH_DINO, Precision.FLOAT32, Optional.of(TinyDino.create()));
      Weights.initialize(network, manager, 1);
      NDArray source = SampleNoise.normal(manager, new long[] {3}, 0, new Shape(3, 16, 16));
      int before = manager.getManagedArrays().size();
      PhotographCode code = network.encode(store, source);
      // The folded image, tokens and the volume.
      assertEquals(before + 3, manager.getManagedArrays().size());

      DinoV2 dino = (DinoV2) child(network, "dinov2");
      DetailEncoder detail = (DetailEncoder) child(network, "detail");
      SlowTensor weight =
          SlowTensor.of(Weights.arrays(network).get("dinov2_projection.linear.weight"));
      SlowTensor bias = SlowTensor.of(Weights.arrays(network).get("dinov2_projection.linear.bias"));
      SlowTensor expected =
          SlowTensor.of(
                  detail.tokens(
                      store,
                      manager,
                      detail.features(store, manager, code.get(PhotographCode.PHOTOGRAPH))))
              .plus(SlowTensor.of(dino.encode(store, manager, source)).linear(weight, bias));
      assertArrayEquals(
          expected.values(),
          SlowTensor.of(code.get(PhotographCode.TOKENS)).values(),
          1e-4,
          "tokens");
    }
  }

  @Test
  void allButTheEncoderIsTrained() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ParameterStore store = new ParameterStore(manager, false);
      ViewModel network =
          new ViewModel(WITH_DINO, Precision.FLOAT32, Optional.of(TinyDino.create()));
      Weights.initialize(network, manager, 1);
      Map<String, NDArray> trainable = Weights.trainable(network);
      Map<String, NDArray> all = Weights.arrays(network);
      assertEquals(
          all.keySet().stream().filter(n -> !n.startsWith("dinov2.")).collect(Collectors.toSet()),
          trainable.keySet());
      Weights.freeze(network, true);
      Weights.freeze(network, false);
      all.forEach(
          (name, array) -> assertEquals(!name.startsWith("dinov2."), array.hasGradient(), name));

      NDArray source = SampleNoise.normal(manager, new long[] {3}, 0, new Shape(3, 16, 16));
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        Conditioning c =
            network.condition(store, ViewContext.of(source, manager.zeros(new Shape(1, 16))));
        collector.backward(c.tokens().square().sum());
      }
      for (String name : new String[] {"dinov2_projection.linear.weight", "detail.out.position"}) {
        assertTrue(trainable.get(name).getGradient().abs().sum().getFloat() > 0, name);
      }
    }
  }

  @Test
  void imagesMustBeRgb() {
    ModelConfig latent =
        WITH_DINO.toBuilder().codec(c -> c.withChromaGain(1).withChannels(4)).build();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new ViewModel(latent));
    assertEquals(
        "codec.channels is 4, expected 3 where conditioner.encoder is dinov2_vits14",
        e.getMessage());
  }

  private static Block child(ViewModel network, String name) {
    for (Pair<String, Block> child : Weights.children(network)) {
      if (child.getKey().equals(name)) {
        return child.getValue();
      }
    }
    throw new AssertionError("no child " + name);
  }
}
