package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.scene.CameraBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing a denoising network is conditioned on. It is encoded for each photograph, then made
 * into an array of its slot for each target camera.
 */
interface Condition {

  /** The name in messages and, in the slot {@link Slot#CONCAT}, of its channels. */
  String name();

  /** Where it enters the network. */
  Slot slot();

  /** Channels in the slot {@link Slot#CONCAT}, 0 elsewhere. */
  default int channels() {
    return 0;
  }

  /** Stands in for a dropped condition; empty where zeros do. */
  default Optional<NullValue> nullValue() {
    return Optional.empty();
  }

  /** Its blocks under the names that lead to their parameters. */
  Map<String, NetworkBlock> blocks();

  /**
   * Encodes photographs, once for all their views; conditions run in order and see the codes
   * before.
   */
  default void encode(Encoding encoding) {}

  /**
   * Makes what the network reads for each target.
   *
   * @param store where the parameters' values are
   * @param manager owns the intermediates, and the result until it is moved
   * @param code the codes of N photographs
   * @param cameras N moves
   * @return the array of its slot
   */
  NDArray value(ParameterStore store, NDManager manager, ObjectCode code, CameraBatch cameras);

  /** Multiply-adds of one sample by part. */
  default Map<String, Long> multiplyAdds() {
    return Map.of();
  }

  /** What training keeps of one sample. */
  default List<ActivationCount> activations() {
    return List.of();
  }
}
