package ai.fresnel.cvs.train.testing;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.TinyVae;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** An autoencoder of random values, and a network of its latents: 16×16 images, 8×8×4 latents. */
public final class TinyLatents {

  private TinyLatents() {}

  public static AutoencoderConfig.Taesd autoencoder(int latentChannels) {
    return new AutoencoderConfig.Taesd(4, List.of(1, 1), List.of(1, 1), latentChannels, 0.18215);
  }

  /** Writes what `cvs import` would. */
  public static Path write(Path folder, int latentChannels, long seed) throws IOException {
    AutoencoderConfig.Taesd config = autoencoder(latentChannels);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      TinyVae vae = new TinyVae(config, Precision.FLOAT32);
      Weights.initialize(vae, manager, seed);
      PartFolder.write(
          folder,
          new PartConfig.Autoencoder(config),
          Safetensors.content(Weights.arrays(vae), ModelFolder.METADATA),
          Provenance.builder().data("none").created(Instant.EPOCH).build());
    }
    return folder;
  }

  public static ModelConfig model() {
    return ModelConfig.builder("latent16", TinyViews.SIZE)
        .codec(c -> c.withAutoencoder(autoencoder(4)))
        .conditioner(c -> c.withDetailChannels(8).withTokenGrid(4).withTokenChannels(16))
        .unet(
            u ->
                u.channels(8, 16)
                    .attentionDepth(0, 1)
                    .headChannels(8)
                    .groups(4)
                    .embeddingChannels(16))
        .build();
  }
}
