package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.nn.PoseEncoder;
import ai.fresnel.cvs.scene.CameraBatch;

/** The move between the cameras as a vector. A learned vector stands in for it. */
final class PoseCondition extends Condition {

  private final PoseEncoder encoder;

  /**
   * Makes the condition.
   *
   * @param width D, the width of the embedding
   */
  PoseCondition(int width) {
    super("pose", Slot.VECTOR, new NullValue(2, width));
    encoder = block("pose", new PoseEncoder(width));
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras) {
    return encoder.apply(store, manager, cameras.features());
  }
}
