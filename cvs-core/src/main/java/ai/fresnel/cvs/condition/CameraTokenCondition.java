package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.encoder.ClipVision;
import ai.fresnel.cvs.model.ConditionerConfig.Zero123;
import ai.fresnel.cvs.nn.CameraProjection;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Map;

/**
 * The photograph's embedding and the camera move as one token, as Zero123 and its family read them.
 * Where the condition is dropped, zeros stand in for the embedding before it is projected, together
 * with the move: the null of training. (The published samplers put zeros in place of the token,
 * {@link Conditioning#asZeros}.)
 */
final class CameraTokenCondition extends Condition {

  private static final TorchFunction CHOOSE =
      TorchFunction.of(
          "token: Tensor, null: Tensor, keep: Tensor",
          "k = torch.reshape(keep, [-1, 1, 1])\nreturn token * k + null * (1. - k)");

  private final ClipVision clip;
  private final CameraProjection projection;
  private final Zero123Moves moves;

  CameraTokenCondition(Zero123 config, int tokenChannels, Precision precision) {
    super("token", Slot.TOKENS);
    clip = block("clip", new ClipVision(config.clip(), precision));
    projection = block("cc_projection", new CameraProjection(clip.width(), tokenChannels));
    moves = Zero123Moves.of(config.fourthNumber());
  }

  @Override
  void narrow() {
    clip.narrow();
  }

  @Override
  void encode(Encoding encoding) {
    encoding.put(
        PhotographCode.EMBEDDING,
        clip.encode(encoding.store(), encoding.manager(), encoding.source()));
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras) {
    NDArray move = moves.of(manager, cameras);
    return projection.apply(store, manager, code.get(PhotographCode.EMBEDDING), move);
  }

  @Override
  NDArray dropped(
      ParameterStore store,
      NDManager manager,
      NDArray value,
      NDArray keep,
      Conditioning conditioning) {
    NDArray move = moves.of(manager, new CameraBatch(conditioning.cameras()));
    NDArray zeros = manager.zeros(projection.embeddingShape(value.getShape().get(0)));
    NDArray none = projection.apply(store, manager, zeros, move);
    return CHOOSE.call(manager, new NDList(value, none, keep));
  }

  @Override
  Map<String, Long> multiplyAdds() {
    return Map.of("clip", clip.multiplyAdds());
  }
}
