package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewModel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsTest {

  /** Model files hold these names: a change here makes every file unreadable. */
  @Test
  void namesAndShapesAreStable() throws NoSuchAlgorithmException {
    StringBuilder lines = new StringBuilder();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    // Spelled out, so that a preset may change without touching the format.
    ModelConfig config =
        ModelConfig.builder("names", 64)
            .codec(c -> c.withFold(4))
            .conditioner(c -> c.withDetailChannels(64).withTokenChannels(128))
            .unet(u -> u.channels(96, 128, 192).attentionDepth(0, 1, 0).embeddingChannels(256))
            .build();
    Weights.parameters(new ViewModel(config)).forEach((name, p) -> shapes.put(name, p.getShape()));
    shapes.keySet().stream()
        .sorted()
        .forEach(name -> lines.append(name).append(' ').append(shapes.get(name)).append('\n'));
    for (String line :
        List.of(
            "detail.in.conv.weight (64, 48, 3, 3)",
            "detail.out.position (256, 128)",
            "detail.stage0_block0.conv1.weight (64, 64, 3, 3)",
            "noise.in.weight (256, 128)",
            "null_pose.value (256)",
            "null_tokens.value (128)",
            "pose.in.weight (512, 16)",
            "unet.down0_block0.modulation.weight (192, 256)",
            "unet.down0_resample.conv.bias (96)",
            "unet.down1_attention0.block0.cross.kv.weight (256, 128)",
            "unet.down1_attention0.block0.self.qkv.weight (384, 128)",
            "unet.down1_attention0.enter.norm.weight (128)",
            "unet.in.conv.weight (96, 96, 3, 3)",
            "unet.join_pose.conv.weight (192, 448, 1, 1)",
            "unet.middle_block1.norm2.bias (192)",
            "unet.out.conv.weight (48, 96, 3, 3)",
            "unet.out.gain.weight (96, 256)",
            "unet.out.linear.weight (48, 96, 3, 3)",
            "unet.up2_resample.conv.weight (192, 192, 3, 3)")) {
      assertTrue(lines.indexOf(line + "\n") >= 0, "no " + line);
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
    assertEquals(
        "398ddf91fc3851910b1d859cf7be5aa7b178f4df4624db6615b0fad006f289ae",
        HexFormat.of().formatHex(digest),
        lines.toString());
  }

  @Test
  void aValueIsAFunctionOfSeedAndName() {
    Map<String, float[]> one = initialised(TinyNetwork.config(2).build(), 1);
    Map<String, float[]> again = initialised(TinyNetwork.config(2).build(), 1);
    Map<String, float[]> other = initialised(TinyNetwork.config(2).build(), 2);
    Map<String, float[]> larger =
        initialised(
            TinyNetwork.config(2)
                .conditioner(c -> c.withDetailBlocks(2))
                .unet(u -> u.blocks(2).attentionDepth(1, 1).headChannels(2))
                .build(),
            1);
    one.forEach((name, values) -> assertArrayEquals(values, again.get(name), name));
    String convolution = "unet.down1_block0.conv1.weight";
    assertFalse(Arrays.equals(one.get(convolution), other.get(convolution)));
    assertArrayEquals(one.get(convolution), larger.get(convolution));
    String block = "unet.down0_block0.conv1.weight";
    assertFalse(Arrays.equals(larger.get(block), larger.get("unet.down0_block1.conv1.weight")));
  }

  @Test
  void theFirstPredictionIsZeroAndWeightsHaveTheirDeviation() {
    Map<String, float[]> values =
        initialised(TinyNetwork.config(2).unet(u -> u.channels(64, 96)).build(), 3);
    assertArrayEquals(new float[12 * 64 * 9], values.get("unet.out.conv.weight"));
    assertArrayEquals(new float[96 * 96], values.get("unet.up1_attention1.leave.out.weight"));
    double sum = 0;
    float[] kernel = values.get("unet.down1_block0.conv1.weight");
    for (float v : kernel) {
      sum += v * v;
    }
    double expected = 1 / Math.sqrt(64 * 9.0);
    // 55296 numbers: the deviation's standard error is 0.3 %.
    assertEquals(expected, Math.sqrt(sum / kernel.length), 0.01 * expected);
  }

  @Test
  void freezingIsReversible() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(TinyNetwork.config(2).build());
      Weights.initialize(network, manager, 1);
      Weights.freeze(network, true);
      assertTrue(Weights.arrays(network).values().stream().noneMatch(NDArray::hasGradient));
      Weights.freeze(network, false);
      assertTrue(Weights.arrays(network).values().stream().allMatch(NDArray::hasGradient));
    }
  }

  /** A hundred children have numbers of three digits. */
  @Test
  void namesOfDeepNetworksAreWhole() {
    ViewModel network =
        new ViewModel(
            TinyNetwork.config(2)
                .conditioner(c -> c.withDetailBlocks(30))
                .unet(u -> u.blocks(30))
                .build());
    assertTrue(
        Weights.parameters(network).keySet().stream()
            .filter(name -> name.startsWith("unet."))
            .allMatch(name -> name.matches("unet\\.(in|out|down|up|middle|join_pose).*")));
  }

  private static Map<String, float[]> initialised(ModelConfig config, long seed) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(config);
      Weights.initialize(network, manager, seed);
      Map<String, float[]> values = new LinkedHashMap<>();
      Weights.arrays(network).forEach((name, array) -> values.put(name, array.toFloatArray()));
      return values;
    }
  }

  @Test
  void finiteIsNeitherNanNorInfinite() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      assertTrue(Weights.isFinite(manager.create(new float[] {1, -3e38f, 0})));
      assertFalse(Weights.isFinite(manager.create(new float[] {1, Float.NaN})));
      assertFalse(Weights.isFinite(manager.create(new float[] {Float.NEGATIVE_INFINITY, 1})));
      NDArray half = manager.create(new float[] {1e6f}).toType(DataType.FLOAT16, false);
      assertFalse(Weights.isFinite(half), "does not fit float16");
    }
  }
}
