package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.CodecConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.TorchOps;

/** The photograph as a state, folded as the noisy one is: its detail, pixel for pixel. */
final class PhotographCondition extends Condition {

  private final StateCodec codec;
  private final CodecConfig config;

  PhotographCondition(StateCodec codec, CodecConfig config) {
    super(ObjectCode.PHOTOGRAPH, Slot.CONCAT);
    this.codec = codec;
    this.config = config;
  }

  @Override
  int channels() {
    return config.foldedChannels();
  }

  @Override
  void encode(Encoding encoding) {
    // A second handle keeps what is computed off the photograph's manager.
    NDArray source = encoding.source().reshape(encoding.source().getShape());
    source.attach(encoding.manager());
    encoding.put(ObjectCode.PHOTOGRAPH, TorchOps.fold(codec.encode(source), config.fold()));
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, ObjectCode code, CameraBatch cameras) {
    return code.get(ObjectCode.PHOTOGRAPH);
  }
}
