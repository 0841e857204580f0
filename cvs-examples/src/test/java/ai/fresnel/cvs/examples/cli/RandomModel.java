package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelConfigBuilder;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiConsumer;

/** Model folders with random weights, after 77 samples. */
public final class RandomModel {

  private RandomModel() {}

  /** A small network with attention. */
  public static ModelConfigBuilder config(ModelConfig.Kind kind, int imageSize) {
    return ModelConfig.builder("tiny", imageSize)
        .kind(kind)
        .codec(c -> c.withFold(2))
        .conditioner(
            c -> c.withDetailChannels(8).withTokenGrid(imageSize / 4).withTokenChannels(16))
        .unet(
            u ->
                u.channels(8, 16)
                    .attentionDepth(0, 1)
                    .headChannels(8)
                    .groups(4)
                    .embeddingChannels(16));
  }

  /** Writes a model folder after a change of the weights in place. */
  public static void write(
      Path folder, ModelConfig config, BiConsumer<NDManager, Map<String, NDArray>> change)
      throws IOException {
    write(folder, config, "{}", change);
  }

  /** Writes a model folder that a recipe has made. */
  public static void write(
      Path folder,
      ModelConfig config,
      String recipe,
      BiConsumer<NDManager, Map<String, NDArray>> change)
      throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(config);
      Weights.initialize(network, manager, 1);
      Weights.freeze(network, true);
      Map<String, NDArray> weights = Weights.arrays(network);
      change.accept(manager, weights);
      Provenance provenance =
          Provenance.builder()
              .data("none")
              .recipe(recipe)
              .samplesSeen(77)
              .created(Instant.parse("2026-01-01T00:00:00Z"))
              .build();
      ModelFolder.write(folder, config, weights, provenance);
    }
  }
}
