package ai.fresnel.cvs.view;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.initializer.NormalInitializer;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfigBuilder;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.model.VolumeConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/** Networks for tests. */
public final class TinyNetwork {

  private TinyNetwork() {}

  /** The smallest network that has every kind of block: 8×8 images, two levels, 2×2 tokens. */
  public static ModelConfigBuilder config(int fold) {
    return ModelConfig.builder("tiny8", 8)
        .codec(c -> c.withChromaGain(3).withFold(fold))
        .conditioner(
            c ->
                c.withDetailChannels(4, 6)
                    .withTokenGrid(2)
                    .withTokenChannels(5)
                    .withVolume(VolumeConfig.of(4, 6).withSlices(4).withFeatures(4)))
        .unet(
            u ->
                u.channels(4, 6)
                    .attentionDepth(0, 1)
                    .headChannels(3)
                    .groups(2)
                    .embeddingChannels(4))
        .heads(h -> h.withRefineChannels(3));
  }

  /** 16×16 images, a millisecond a pass. */
  public static ModelConfigBuilder config(ModelConfig.Kind kind) {
    return ModelConfig.builder("tiny16", 16)
        .kind(kind)
        .codec(c -> c.withChromaGain(2).withFold(2))
        .conditioner(
            c ->
                c.withDetailChannels(8)
                    .withTokenGrid(4)
                    .withTokenChannels(16)
                    .withVolume(VolumeConfig.of(8, 8).withSlices(4).withFeatures(4)))
        .unet(
            u ->
                u.channels(8, 16)
                    .attentionDepth(0, 1)
                    .headChannels(8)
                    .groups(4)
                    .embeddingChannels(16))
        .heads(h -> h.withRefineChannels(4));
  }

  /** Pose features of n moves between cameras that look at the middle, (n, 16). */
  public static double[] poses(int n) {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 8);
    double[] all = new double[16 * n];
    for (int i = 0; i < n; i++) {
      CameraPose source = CameraPose.orbit(i, 0.3 - 0.1 * i, 1.6 + 0.1 * i);
      CameraPose target = CameraPose.orbit(1.7 * i - 0.6, 0.2 + 0.15 * i, 1.9 - 0.07 * i);
      float[] features = RelativePose.features(source, lens, target, lens);
      for (int k = 0; k < 16; k++) {
        all[16 * i + k] = features[k];
      }
    }
    return all;
  }

  /** A network whose every layer has a say, so that its image depends on all its inputs. */
  public static ViewModel of(NDManager manager, ModelConfig config) {
    ViewModel network = new ViewModel(config);
    for (Parameter parameter : Weights.parameters(network).values()) {
      if (parameter.getInitializer() == Initializer.ZEROS) {
        parameter.setInitializer(new NormalInitializer(0.2f));
      }
    }
    TorchRuntime.engine().setRandomSeed(7);
    Weights.initialize(network, manager, 7);
    return network;
  }

  /**
   * Gives a network values of which none is 0, the same whatever it computes in: layers that start
   * at zero would hide what is behind them.
   */
  public static void stir(ViewModel network, NDManager manager, double deviation) {
    Weights.initialize(network, manager, 5);
    long seed = 100;
    for (NDArray array : Weights.arrays(network).values()) {
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
          NDManager sub = manager.newSubManager()) {
        array.addi(noise(sub, seed++, array.size()).mul(deviation).reshape(array.getShape()));
      }
    }
  }

  public static NDArray noise(NDManager manager, long seed, long size) {
    return SampleNoise.normal(manager, new long[] {seed}, 0, new Shape(size)).flatten();
  }

  /** Writes such a network as a model folder. */
  public static void write(Path folder, ModelConfig config) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      Provenance provenance =
          Provenance.builder().data("none").created(Instant.parse("2026-01-01T00:00:00Z")).build();
      ModelFolder.write(folder, config, Weights.arrays(of(manager, config)), provenance);
    }
  }
}
