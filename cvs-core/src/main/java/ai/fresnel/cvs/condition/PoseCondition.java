package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.nn.PoseEncoder;
import ai.fresnel.cvs.scene.CameraBatch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The move between the cameras as a vector. A learned vector stands in for it. */
final class PoseCondition implements Condition {

  private static final String NAME = "pose";

  private final PoseEncoder encoder;
  private final NullValue nullValue;

  /**
   * Makes the condition.
   *
   * @param width D, the width of the embedding
   */
  PoseCondition(int width) {
    encoder = new PoseEncoder(width);
    nullValue = new NullValue(2, width);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Slot slot() {
    return Slot.VECTOR;
  }

  @Override
  public Optional<NullValue> nullValue() {
    return Optional.of(nullValue);
  }

  @Override
  public Map<String, NetworkBlock> blocks() {
    Map<String, NetworkBlock> blocks = new LinkedHashMap<>();
    blocks.put("pose", encoder);
    blocks.put("null_pose", nullValue);
    return blocks;
  }

  @Override
  public NDArray value(
      ParameterStore store, NDManager manager, ObjectCode code, CameraBatch cameras) {
    return encoder.apply(store, manager, cameras.features());
  }
}
