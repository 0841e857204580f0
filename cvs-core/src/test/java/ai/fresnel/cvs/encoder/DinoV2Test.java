package ai.fresnel.cvs.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.DinoConfig;
import ai.fresnel.cvs.nn.BlockCheck;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DinoV2Test {

  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};

  /** Smaller and larger images than the patches', and a stored grid that is the image's own. */
  @ParameterizedTest
  @CsvSource({"4, 5, 0", "12, 5, 0", "6, 5, 0", "6, 3, 0", "7, 2, 0", "6, 5, 2", "6, 3, 1"})
  void tokensAreTheReferences(int side, int stored, int registers) {
    VitConfig config = new VitConfig(8, 2, 2, 2, 6, stored, registers);
    try (BlockCheck check = new BlockCheck(new DinoV2(config), side)) {
      NDArray images = check.input(2, 3, side, side);
      SlowTensor expected = slow(config, check.weights(), SlowTensor.of(images));
      // ImageNet's mean and deviation are float32's in the block.
      check.forwardIs(expected, 1e-6, images);
    }
  }

  private static SlowTensor slow(VitConfig config, Map<String, SlowTensor> w, SlowTensor images) {
    int width = config.width();
    int grid = config.grid();
    SlowTensor x =
        SlowResize.antialiased(images, config.imageSize()).map(v -> Math.min(Math.max(v, -1), 1));
    int plane = config.imageSize() * config.imageSize();
    for (int i = 0; i < x.values().length; i++) {
      int c = i / plane % 3;
      x.values()[i] = ((x.values()[i] + 1) / 2 - MEAN[c]) / DEVIATION[c];
    }
    SlowTensor patches =
        x.convolution(
            w.get("patch_embed.proj.weight"), w.get("patch_embed.proj.bias"), config.patch(), 0);
    int n = x.size(0);
    patches = patches.reshape(n, width, grid * grid).transpose();
    SlowTensor cls = w.get("cls_token");
    SlowTensor classes = n == 1 ? cls : cls.cat(cls, 0);
    SlowTensor h = classes.cat(patches, 1).plus(positions(config, w.get("pos_embed")));
    if (config.registers() > 0) {
      SlowTensor registers = w.get("register_tokens");
      SlowTensor first = h.transpose().last(0, 1).transpose();
      SlowTensor others = h.transpose().last(1, h.size(1)).transpose();
      h = first.cat(n == 1 ? registers : registers.cat(registers, 0), 1).cat(others, 1);
    }
    for (int b = 0; b < config.depth(); b++) {
      String path = "blocks." + b + ".";
      SlowTensor qkv = linear(w, path + "attn.qkv", norm(w, path + "norm1", h));
      SlowTensor a =
          SlowTensor.attention(
              qkv.last(0, width),
              qkv.last(width, 2 * width),
              qkv.last(2 * width, 3 * width),
              config.heads());
      h = h.plus(linear(w, path + "attn.proj", a).timesLast(w.get(path + "ls1.gamma")));
      SlowTensor m = linear(w, path + "mlp.fc1", norm(w, path + "norm2", h)).gelu();
      h = h.plus(linear(w, path + "mlp.fc2", m).timesLast(w.get(path + "ls2.gamma")));
    }
    // Tokens without the first, which is the class's, and the registers.
    SlowTensor tokens = norm(w, "norm", h).transpose();
    return tokens.last(1 + config.registers(), tokens.size(2)).transpose();
  }

  /** (1 + stored², D) to (1 + grid², D). */
  private static SlowTensor positions(VitConfig config, SlowTensor embeddings) {
    int stored = config.storedGrid();
    int width = config.width();
    SlowTensor byChannel = embeddings.transpose();
    SlowTensor map = byChannel.last(1, 1 + stored * stored).reshape(1, width, stored, stored);
    if (stored != config.grid()) {
      map =
          config.registers() == 0
              ? SlowResize.interpolated(map, config.grid(), stored / (config.grid() + 0.1))
              : SlowResize.antialiased(map, config.grid());
    }
    SlowTensor flat = map.reshape(1, width, config.grid() * config.grid());
    SlowTensor all = byChannel.last(0, 1).cat(flat, 2).transpose();
    return all.reshape(all.size(1), width);
  }

  private static SlowTensor linear(Map<String, SlowTensor> w, String name, SlowTensor x) {
    return x.linear(w.get(name + ".weight"), w.get(name + ".bias"));
  }

  private static SlowTensor norm(Map<String, SlowTensor> w, String name, SlowTensor x) {
    return x.layerNorm(w.get(name + ".weight"), w.get(name + ".bias"), 1e-6);
  }

  /** The published counts: 22,056,576 (S), 86,580,480 (B), 304,368,640 (L). */
  @Test
  void sizesAreThePublishedModels() {
    assertEquals(22_056_576, Weights.count(DinoV2.of("dinov2_vits14")));
    for (String name : new String[] {"dinov2_vits14", "dinov2_vitb14", "dinov2_vitl14"}) {
      VitConfig c = VitConfig.of(DinoConfig.named(name).orElseThrow());
      long d = c.width();
      long block = 12 * d * d + 13 * d + 2 * d;
      long ends = (3 * 14 * 14 + 1) * d + (37 * 37 + 1) * d + 2 * d + 2 * d;
      assertEquals(c.depth() * block + ends, Weights.count(DinoV2.of(name)), name);
      assertEquals(16 * 16, c.grid() * c.grid());
    }
    assertEquals(86_580_480, Weights.count(DinoV2.of("dinov2_vitb14")));
    assertEquals(304_368_640, Weights.count(DinoV2.of("dinov2_vitl14")));
    assertEquals(384, DinoV2.of("dinov2_vits14").width());
    assertThrows(IllegalArgumentException.class, () -> DinoV2.of("dinov2_vitg14"));
  }

  /** A converted state dictionary is read under these names. */
  @Test
  void namesAndShapesAreThePublishedStateDictionarys() {
    var parameters = Weights.parameters(DinoV2.of("dinov2_vits14"));
    Map<String, Shape> expected =
        Map.ofEntries(
            Map.entry("cls_token", new Shape(1, 1, 384)),
            Map.entry("pos_embed", new Shape(1, 1370, 384)),
            Map.entry("mask_token", new Shape(1, 384)),
            Map.entry("patch_embed.proj.weight", new Shape(384, 3, 14, 14)),
            Map.entry("patch_embed.proj.bias", new Shape(384)),
            Map.entry("norm.weight", new Shape(384)),
            Map.entry("norm.bias", new Shape(384)));
    expected.forEach((name, shape) -> assertEquals(shape, parameters.get(name).getShape(), name));
    Map<String, Shape> block =
        Map.ofEntries(
            Map.entry("norm1.weight", new Shape(384)),
            Map.entry("norm1.bias", new Shape(384)),
            Map.entry("attn.qkv.weight", new Shape(1152, 384)),
            Map.entry("attn.qkv.bias", new Shape(1152)),
            Map.entry("attn.proj.weight", new Shape(384, 384)),
            Map.entry("attn.proj.bias", new Shape(384)),
            Map.entry("ls1.gamma", new Shape(384)),
            Map.entry("norm2.weight", new Shape(384)),
            Map.entry("norm2.bias", new Shape(384)),
            Map.entry("mlp.fc1.weight", new Shape(1536, 384)),
            Map.entry("mlp.fc1.bias", new Shape(1536)),
            Map.entry("mlp.fc2.weight", new Shape(384, 1536)),
            Map.entry("mlp.fc2.bias", new Shape(384)),
            Map.entry("ls2.gamma", new Shape(384)));
    for (int b = 0; b < 12; b++) {
      String path = "blocks." + b + ".";
      block.forEach(
          (name, shape) -> assertEquals(shape, parameters.get(path + name).getShape(), name));
    }
    assertEquals(expected.size() + 12 * block.size(), parameters.size());
  }

  @Test
  void nothingIsTrainedRecordedOrLeftBehind() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ParameterStore store = new ParameterStore(manager, false);
      DinoV2 encoder = new DinoV2(new VitConfig(8, 2, 2, 2, 6, 5, 0));
      Weights.initialize(encoder, manager, 1);
      Weights.freeze(encoder, false);
      assertTrue(Weights.arrays(encoder).values().stream().noneMatch(NDArray::hasGradient));
      assertTrue(Weights.trainable(encoder).isEmpty());
      NDArray image = manager.zeros(new Shape(1, 3, 6, 6));
      image.setRequiresGradient(true);
      try (GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
        int before = manager.getManagedArrays().size();
        NDArray tokens = encoder.encode(store, manager, image);
        assertEquals(before + 1, manager.getManagedArrays().size());
        assertFalse(tokens.hasGradient());
        // The rest of the pass still records.
        NDArray sum = image.mul(3).sum().add(tokens.sum());
        collector.backward(sum);
      }
      assertEquals(3f * 3 * 36, image.getGradient().sum().getFloat(), 1e-3);
    }
  }
}
