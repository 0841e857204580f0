package ai.fresnel.cvs.train;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.train.stage.DiffusionPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The open folders of the imported frozen parts of a new network. */
final class ImportedParts implements AutoCloseable {

  private final List<PartFolder> folders = new ArrayList<>();

  private ImportedParts() {}

  /**
   * Opens the folders.
   *
   * @param encoder the folder of a DINOv2; null without one
   * @param autoencoder the folder of a KL-VAE or a TAESD; null without one
   * @throws IOException if a folder cannot be read
   * @throws IllegalArgumentException if it holds another part
   */
  static ImportedParts open(Path encoder, Path autoencoder) throws IOException {
    ImportedParts parts = new ImportedParts();
    try {
      parts.add(encoder, PartConfig.Dino.class, "a DINOv2");
      parts.add(autoencoder, PartConfig.Autoencoder.class, "a KL-VAE or a TAESD");
      return parts;
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private void add(Path path, Class<? extends PartConfig> kind, String expected)
      throws IOException {
    if (path == null) {
      return;
    }
    PartFolder folder = PartFolder.open(path);
    folders.add(folder);
    if (!kind.isInstance(folder.config())) {
      throw new IllegalArgumentException(
          path + " holds " + folder.config().name() + ", expected " + expected);
    }
  }

  /**
   * Returns a network's configuration with the parts in place of its own.
   *
   * @throws IllegalArgumentException if the network cannot have them
   */
  ModelConfig in(ModelConfig model) {
    ModelConfig with = model;
    for (PartFolder folder : folders) {
      PartConfig part = folder.config();
      if (part instanceof PartConfig.Autoencoder autoencoder) {
        with = withAutoencoder(with, folder, autoencoder);
      } else {
        with = with.toBuilder().conditioner(c -> c.withEncoder(part.name())).build();
      }
    }
    return with;
  }

  /** A network of images does not turn into one of latents by itself: its sizes would be others. */
  private static ModelConfig withAutoencoder(
      ModelConfig model, PartFolder folder, PartConfig.Autoencoder part) {
    if (model.codec().autoencoder().isEmpty()) {
      throw new IllegalArgumentException(
          model.name() + " diffuses images, expected a network of latents for " + folder.path());
    }
    int expected = model.codec().channels();
    int found = part.shape().latentChannels();
    if (found != expected) {
      throw new IllegalArgumentException(
          folder.path()
              + " has latents of "
              + found
              + " channels, expected "
              + expected
              + " for "
              + model.name());
    }
    return model.toBuilder().codec(c -> c.withAutoencoder(part.shape())).build();
  }

  /** Returns the first weights of the network; empty where all of them are random. */
  Optional<DiffusionPlan.Start> start() {
    return folders.isEmpty()
        ? Optional.empty()
        : Optional.of(new DiffusionPlan.Start.Parts(folders));
  }

  @Override
  public void close() throws IOException {
    for (PartFolder folder : folders) {
      folder.close();
    }
  }
}
