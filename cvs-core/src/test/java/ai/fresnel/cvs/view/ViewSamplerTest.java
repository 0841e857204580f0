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
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencySampler;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfig.Kind;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.TorchRuntime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ViewSamplerTest {

  private static final Shape IMAGE = new Shape(3, 16, 16);
  private static final int VALUES = 3 * 16 * 16;

  private NDManager manager;
  private TorchRuntime.GradientMode off;

  @BeforeEach
  void open() {
    manager = TorchRuntime.newManager(Device.cpu());
    off = TorchRuntime.noGradient();
  }

  @AfterEach
  void close() {
    off.close();
    manager.close();
  }

  private NDArray sources(long... seeds) {
    return SampleNoise.uniform(manager, seeds, 0, IMAGE).mul(2).sub(1);
  }

  private NDArray poses(long... seeds) {
    return SampleNoise.normal(manager, seeds, 1, new Shape(16));
  }

  private ViewSampler sampler(Kind kind) {
    return ViewSampler.of(TinyNetwork.of(manager, TinyNetwork.config(kind).build()));
  }

  private static float[] row(NDArray images, int row) {
    return images.get(row).toFloatArray();
  }

  private static double difference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  @Test
  void aGpuTakesLargerBatches() {
    assertEquals(64, SamplerBatch.on(Device.cpu(), 64));
    assertEquals(4, SamplerBatch.on(Device.cpu(), 256));
    assertEquals(16, SamplerBatch.on(Device.gpu(), 256));
    assertEquals(1, SamplerBatch.on(Device.cpu(), 1024));
  }

  @Test
  void onePassIsTheConsistencyFunctionOfTheSeedsNoise() {
    ModelConfig config = TinyNetwork.config(Kind.CONSISTENCY).build();
    ViewModel network = TinyNetwork.of(manager, config);
    NDArray image = ViewSampler.of(network).sample(sources(1), poses(1), new long[] {5}, 1);

    NDArray x = SampleNoise.normal(manager, new long[] {5}, 0, IMAGE).mul(80f);
    NDArray sigma = manager.create(new float[] {80f});
    ParameterStore store = new ParameterStore(manager, false);
    Conditioning conditioning = network.condition(store, ViewContext.of(sources(1), poses(1)));
    NDArray x0 = network.denoiser(store, new EdmScaling(0.5)).denoise(x, sigma, conditioning);
    NDArray state = x.mul(0.002f / 80f).add(x0.mul(1 - 0.002f / 80f));
    double[] expected = SlowTensor.of(state).fromGrey(1 / config.codec().chromaGain()).values();
    double[] actual = SlowTensor.of(image).values();
    assertArrayEquals(expected, actual, 1e-4);
  }

  @Test
  void imageDependsOnSourcePoseAndSeedNotOnBatch() {
    for (Kind kind : Kind.values()) {
      ViewSampler sampler = sampler(kind);
      int steps = kind == Kind.CONSISTENCY ? 2 : 5;
      long[] seeds = {1, 1, 1, 2, 1};
      NDArray all = sampler.sample(sources(1, 2, 1, 1, 1), poses(1, 1, 2, 1, 1), seeds, steps);
      NDArray alone = sampler.sample(sources(1), poses(1), new long[] {1}, steps);
      assertEquals(new Shape(5, 3, 16, 16), all.getShape());
      // The random network's values reach 15, and it magnifies rounding where images do not.
      assertArrayEquals(row(alone, 0), row(all, 0), 1e-3f);
      assertArrayEquals(row(all, 0), row(all, 4), 1e-3f);
      for (int other = 1; other <= 3; other++) {
        assertTrue(difference(row(all, 0), row(all, other)) > 1e-2, kind + " row " + other);
      }
    }
  }

  @Test
  void oneCodeServesManyPosesAndBatchesOfAnySize() {
    ViewSampler sampler = sampler(Kind.CONSISTENCY);
    long[] seeds = {1, 2, 3, 4, 5};
    NDArray poses = poses(1, 2, 3, 4, 5);
    NDArray same = sources(9, 9, 9, 9, 9);
    float[] expected = sampler.sample(same, poses, seeds, 1).toFloatArray();
    PhotographCode code = sampler.encode(sources(9));
    assertArrayEquals(expected, sampler.sample(code, poses, seeds, 1).toFloatArray(), 1e-4f);
    ViewSampler twos = sampler.withBatch(2);
    assertArrayEquals(expected, twos.sample(code, poses, seeds, 1).toFloatArray(), 1e-4f);
    assertArrayEquals(expected, twos.sample(same, poses, seeds, 1).toFloatArray(), 1e-4f);
  }

  @Test
  void defaultStepsAreTheKindsOwn() {
    NDArray source = sources(1);
    ViewSampler student = sampler(Kind.CONSISTENCY);
    assertEquals(1, student.defaultSteps());
    long[] seed = {3};
    assertArrayEquals(
        student.sample(source, poses(1), seed, 1).toFloatArray(),
        student.sample(source, poses(1), seed, 0).toFloatArray());
    ViewSampler teacher = sampler(Kind.DIFFUSION);
    assertEquals(35, teacher.defaultSteps());
    float[] whole = teacher.sample(source, poses(1), seed, 0).toFloatArray();
    assertArrayEquals(whole, teacher.sample(source, poses(1), seed, 35).toFloatArray());
    float[] coarse = teacher.sample(source, poses(1), seed, 5).toFloatArray();
    assertFalse(difference(whole, coarse) == 0);
    assertEquals(VALUES, coarse.length);
  }

  /**
   * One pass of half of the noise at the whole level; at temperature 0 the seed is without effect
   * on it. A second pass adds all of its noise.
   */
  @Test
  void aTemperatureScalesTheNoise() {
    ModelConfig whole = TinyNetwork.config(Kind.CONSISTENCY).build();
    ViewModel network = TinyNetwork.of(manager, whole);
    long[] seed = {3};
    NDArray source = sources(1);
    for (int steps : new int[] {1, 3}) {
      float[][] drawn = new float[4][];
      double[] temperatures = {1, 0.5, 0, 0};
      for (int i = 0; i < 4; i++) {
        double temperature = temperatures[i];
        ModelConfig config =
            whole.toBuilder().sampling(s -> s.withTemperature(temperature)).build();
        long[] one = i == 3 ? new long[] {4} : seed;
        drawn[i] =
            ViewSampler.of(network, config).sample(source, poses(1), one, steps).toFloatArray();
      }
      float[] asked =
          ViewSampler.of(network, whole)
              .withTemperature(0.5)
              .sample(source, poses(1), seed, steps)
              .toFloatArray();
      assertArrayEquals(drawn[1], asked, "a model's own temperature and one that is asked for");
      assertTrue(difference(drawn[0], drawn[1]) > 1e-2);
      assertTrue(difference(drawn[1], drawn[2]) > 1e-2);
      assertEquals(steps == 1, difference(drawn[2], drawn[3]) == 0);
    }
    ViewSampler plain = ViewSampler.of(network, whole);
    assertThrows(IllegalArgumentException.class, () -> plain.withTemperature(1.01));
    assertThrows(IllegalArgumentException.class, () -> plain.withTemperature(Double.NaN));
    ModelConfig diffusion = TinyNetwork.config(Kind.DIFFUSION).build();
    ViewSampler teacher = ViewSampler.of(network, diffusion);
    assertThrows(IllegalArgumentException.class, () -> teacher.withTemperature(0));
    ConsistencySampler half = new ConsistencySampler(NoiseSchedule.edm()).withTemperature(0.5);
    Denoiser seen = (x, sigma, c) -> x.mul(1 / 80f);
    NDArray noise = SampleNoise.normal(manager, seed, 0, new Shape(5));
    float[] x = half.sample(seen, noise, seed, Conditioning.none()).toFloatArray();
    assertArrayEquals(noise.mul(0.5f).toFloatArray(), x, 1e-6f);
    Denoiser blank = (state, sigma, c) -> sigma.getFloat() > 79 ? state.mul(0) : state.div(2f);
    float[] second =
        new ConsistencySampler(NoiseSchedule.edm(), 2)
            .withTemperature(0.5)
            .sample(blank, noise, seed, Conditioning.none())
            .toFloatArray();
    assertArrayEquals(SampleNoise.normal(seed[0], 1, 5), second, 1e-5f);
  }

  @Test
  void guidanceLeansAwayFromTheNullCondition() {
    long[] seed = {3};
    for (boolean input : new boolean[] {false, true}) {
      ModelConfig config =
          TinyNetwork.config(Kind.CONSISTENCY).conditioner(c -> c.withGuidanceInput(input)).build();
      ViewSampler sampler = ViewSampler.of(TinyNetwork.of(manager, config));
      float[] plain = sampler.sample(sources(1), poses(1), seed, 1).toFloatArray();
      float[] guided = sampler.withGuidance(2).sample(sources(1), poses(1), seed, 1).toFloatArray();
      assertTrue(difference(plain, guided) > 1e-2, "weight as an input: " + input);
    }
  }

  @Test
  void leavesNothingBehindButTheResult() {
    ViewSampler sampler = sampler(Kind.CONSISTENCY);
    NDArray source = sources(1);
    NDArray pose = poses(1);
    int before = manager.getManagedArrays().size();
    sampler.sample(source, pose, new long[] {1}, 2);
    assertEquals(before + 1, manager.getManagedArrays().size());
  }

  @Test
  void refusesWhatItCannotSample() {
    ViewSampler student = sampler(Kind.CONSISTENCY);
    ViewSampler teacher = sampler(Kind.DIFFUSION);
    assertMessage("steps is 7, expected one of [1, 2, 3, 4]", student, 1, 7);
    assertMessage("steps is 1, expected 3 or more", teacher, 1, 1);
    assertMessage("source has shape (1, 3, 16, 16), expected (2, 3, 16, 16)", student, 2, 1);
  }

  private void assertMessage(String expected, ViewSampler sampler, int seeds, int steps) {
    NDArray source = sources(1);
    NDArray pose = poses(1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> sampler.sample(source, pose, new long[seeds], steps))
            .getMessage();
    assertTrue(message.startsWith(expected), message);
  }
}
