package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.CodecConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.Map;

/** The photograph as a state, folded as the noisy one is: its detail, pixel for pixel. */
final class PhotographCondition implements Condition {

  private final StateCodec codec;
  private final CodecConfig config;

  PhotographCondition(StateCodec codec, CodecConfig config) {
    this.codec = codec;
    this.config = config;
  }

  @Override
  public String name() {
    return ObjectCode.PHOTOGRAPH;
  }

  @Override
  public Slot slot() {
    return Slot.CONCAT;
  }

  @Override
  public int channels() {
    return config.foldedChannels();
  }

  @Override
  public Map<String, NetworkBlock> blocks() {
    return Map.of();
  }

  @Override
  public void encode(Encoding encoding) {
    // A second handle keeps what is computed off the photograph's manager.
    NDArray source = encoding.source().reshape(encoding.source().getShape());
    source.attach(encoding.manager());
    encoding.put(ObjectCode.PHOTOGRAPH, TorchOps.fold(codec.encode(source), config.fold()));
  }

  @Override
  public NDArray value(
      ParameterStore store, NDManager manager, ObjectCode code, CameraBatch cameras) {
    return code.get(ObjectCode.PHOTOGRAPH);
  }
}
