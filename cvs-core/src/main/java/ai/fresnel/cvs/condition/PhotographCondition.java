package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.CodecConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.TorchOps;

/**
 * The photograph as a state, folded as the noisy one is: its detail, pixel for pixel. Zero123 reads
 * its latent as the autoencoder makes it, without the scale that states have.
 */
final class PhotographCondition extends Condition {

  private final StateCodec codec;
  private final CodecConfig config;

  private final double scale;

  PhotographCondition(StateCodec codec, CodecConfig config) {
    this(codec, config, 1);
  }

  private PhotographCondition(StateCodec codec, CodecConfig config, double scale) {
    super(PhotographCode.PHOTOGRAPH, Slot.CONCAT);
    this.codec = codec;
    this.config = config;
    this.scale = scale;
  }

  /** Makes the condition of a latent without its scale. */
  static PhotographCondition unscaled(StateCodec codec, CodecConfig config) {
    return new PhotographCondition(
        codec, config, 1 / config.autoencoder().map(AutoencoderConfig::scale).orElse(1.0));
  }

  @Override
  int channels() {
    return config.foldedChannels();
  }

  @Override
  void encode(Encoding encoding) {
    // A second handle keeps what is computed off the photograph's manager.
    NDArray given = encoding.states().orElse(encoding.source());
    NDArray handle = given.reshape(given.getShape());
    handle.attach(encoding.manager());
    NDArray state = encoding.states().isPresent() ? handle : codec.encode(handle);
    state = scale == 1 ? state : TorchOps.scale(state, scale);
    encoding.put(PhotographCode.PHOTOGRAPH, TorchOps.fold(state, config.fold()));
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras) {
    return code.get(PhotographCode.PHOTOGRAPH);
  }
}
