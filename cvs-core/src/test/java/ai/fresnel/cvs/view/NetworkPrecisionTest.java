package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfigBuilder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A network in bfloat16 and in float16 against the same weights in float32. A product's rounding is
 * 2⁻⁹ or 2⁻¹² of it, and errors of many products average out: two percent in all, or an eighth of
 * that, is far from what a missing scale, a wrong attention or a gradient lost on the way would
 * give.
 */
class NetworkPrecisionTest {

  private final int threads = TorchRuntime.threads();
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchRuntime.setThreads(1);
    manager = TorchRuntime.newManager(Device.cpu());
  }

  @AfterEach
  void close() {
    manager.close();
    TorchRuntime.setThreads(threads);
  }

  /**
   * Output and gradients by name, of a projection of the output that is the same each time: the
   * image of a network without a volume, or the view rendered of one.
   */
  private Map<String, float[]> run(Precision precision, boolean volume) {
    ModelConfigBuilder config =
        TinyNetwork.config(2)
            .conditioner(c -> c.withDetailBlocks(2))
            .unet(u -> u.blocks(2).attentionDepth(1, 2).headChannels(2));
    if (!volume) {
      config.conditioner(c -> c.withoutVolume());
    }
    ViewModel network = new ViewModel(config.build(), precision);
    TinyNetwork.stir(network, manager, 0.1);
    Map<String, float[]> found = new LinkedHashMap<>();
    try (NDManager sub = manager.newSubManager();
        GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
      NDArray keep = sub.create(new float[] {1, 0, 1});
      NDArray y =
          network
              .forward(
                  new ParameterStore(sub, false),
                  new NDList(
                      TinyNetwork.noise(sub, 1, 3 * 192).reshape(3, 3, 8, 8),
                      sub.create(new float[] {-1, 0, 1}),
                      TinyNetwork.noise(sub, 2, 3 * 192).reshape(3, 3, 8, 8),
                      sub.create(TinyNetwork.poses(3), new Shape(3, 16))
                          .toType(DataType.FLOAT32, true),
                      keep),
                  true)
              .get(volume ? 1 : 0);
      assertEquals(DataType.FLOAT32, y.getDataType());
      found.put("output", y.toFloatArray());
      collector.backward(y.flatten().mul(TinyNetwork.noise(sub, 4, y.size())).sum());
    }
    Weights.arrays(network)
        .forEach(
            (name, array) -> {
              if (volume && !name.startsWith("volume.") && !name.startsWith("detail.")) {
                return;
              }
              assertEquals(DataType.FLOAT32, array.getGradient().getDataType(), name);
              found.put(name, array.getGradient().toFloatArray());
            });
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "BFLOAT16, false, 0.02",
    "FLOAT16, false, 0.0025",
    "BFLOAT16, true, 0.02",
    "FLOAT16, true, 0.0025"
  })
  void narrowNetworksAreFloat32Rounded(Precision precision, boolean volume, double close) {
    Map<String, float[]> exact = run(Precision.FLOAT32, volume);
    Map<String, float[]> rounded = run(precision, volume);
    assertTrue(exact.size() > 50);
    float[] image = exact.remove("output");
    double output = norm(image, rounded.get("output")) / norm(image, new float[image.length]);
    assertTrue(output > 0 && output < close, "output is off by " + output);

    double error = 0;
    double total = 0;
    for (Map.Entry<String, float[]> entry : exact.entrySet()) {
      float[] gradient = entry.getValue();
      double off = norm(gradient, rounded.get(entry.getKey()));
      double size = norm(gradient, new float[gradient.length]);
      // A gradient may be a small sum of large numbers that cancel; a lost one is off by its size.
      assertTrue(
          off < 35 * close * size || off < 5 * close, entry.getKey() + " is off by " + off / size);
      error = Math.hypot(error, off);
      total = Math.hypot(total, size);
    }
    // The way back meets every product twice.
    assertTrue(error / total < 4 * close, "the gradient is off by " + error / total);
  }

  /** The norm of the difference. */
  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  @Test
  void float16RoundsToElevenBitsAndEndsEarly() {
    try (NDManager sub = manager.newSubManager()) {
      NDArray x = sub.create(new float[] {1 + 1 / 2048f, 1 + 1 / 1024f, 65504, 7e4f, 1e-8f});
      NDArray narrow = Precision.FLOAT16.narrow(sub, x);
      float[] wide = Precision.FLOAT16.widen(sub, narrow).toFloatArray();
      assertArrayEquals(new float[] {1, 1 + 1 / 1024f, 65504, Float.POSITIVE_INFINITY, 0}, wide);
    }
  }

  @Test
  void narrowingRoundsToEightBits() {
    try (NDManager sub = manager.newSubManager()) {
      // 1 + 2⁻⁸ lies between two bfloat16 numbers and goes to the even one.
      NDArray x = sub.create(new float[] {1, 1 + 1 / 256f, 1 + 1 / 64f, -3e38f});
      NDArray narrow = Precision.BFLOAT16.narrow(sub, x);
      float[] wide = Precision.BFLOAT16.widen(sub, narrow).toFloatArray();
      assertEquals(1, wide[0]);
      assertEquals(1, wide[1]);
      assertEquals(1 + 1 / 64f, wide[2]);
      assertEquals(-3e38f, wide[3], 1e36f);
      assertEquals(x, Precision.FLOAT32.narrow(sub, x));
    }
  }

  /** Rounding once gives what rounding in each pass gives. */
  @Test
  void narrowedWeightsDrawTheSameBits() {
    ModelConfig config = TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build();
    ViewModel network = new ViewModel(config, Precision.BFLOAT16);
    TinyNetwork.stir(network, manager, 0.1);
    Weights.freeze(network, true);
    NDArray source = TinyNetwork.noise(manager, 1, 3 * 16 * 16).reshape(1, 3, 16, 16);
    NDArray pose =
        manager.create(TinyNetwork.poses(1), new Shape(1, 16)).toType(DataType.FLOAT32, true);
    ViewSampler sampler = ViewSampler.of(network);
    float[] wide = sampler.sample(source, pose, new long[] {3}, 1).toFloatArray();
    network.narrowed();
    assertArrayEquals(wide, sampler.sample(source, pose, new long[] {3}, 1).toFloatArray());
    String name = "unet.down0_block0.conv1.weight";
    // DJL knows no name for the type.
    assertNotEquals(DataType.FLOAT32, Weights.arrays(network).get(name).getDataType());
  }
}
