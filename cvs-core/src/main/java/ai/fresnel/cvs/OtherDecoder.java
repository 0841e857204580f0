package ai.fresnel.cvs;

import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An autoencoder whose decoder takes the place of a model's own.
 *
 * @param folder an imported autoencoder
 * @param manager owns its weights
 * @param precision the type it computes in
 */
record OtherDecoder(Path folder, NDManager manager, Precision precision) {

  /** Puts it into a model. */
  void in(ViewModel network, ModelFolder model) throws IOException {
    try (PartFolder part = PartFolder.open(folder)) {
      LatentCodec other = LatentCodec.load(part, manager, precision);
      if (!(network.codec() instanceof LatentCodec own)) {
        throw new IOException(
            model.path()
                + " diffuses images, expected a model of latents for the decoder "
                + folder);
      }
      own.decodeBy(other);
    } catch (IllegalArgumentException e) {
      throw new IOException(folder + " " + e.getMessage() + " for " + model.path(), e);
    }
  }
}
