package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.nn.DetailEncoder;
import ai.fresnel.cvs.nn.TokenProjection;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The photograph as tokens: those of a trainable {@link DetailEncoder}, to which those of a frozen
 * {@link DinoV2} are added by channel if the model has one. A learned vector stands in for them.
 */
final class TokensCondition extends Condition {

  /** A frozen encoder and the projection of its tokens. */
  private record Frozen(DinoV2 encoder, TokenProjection projection) {}

  private final DetailEncoder detail;
  private final Optional<Frozen> frozen;

  TokensCondition(ModelConfig config, Optional<DinoV2> encoder) {
    super(PhotographCode.TOKENS, Slot.TOKENS, new NullValue(3, config.tokens().channels()));
    if (encoder.isPresent() && config.codec().imageChannels() != 3) {
      throw new IllegalArgumentException(
          "codec.channels is "
              + config.codec().channels()
              + ", expected 3 where conditioner.encoder is "
              + config.conditioner().encoder());
    }
    int width = config.tokens().channels();
    detail = block("detail", new DetailEncoder(config));
    frozen =
        encoder.map(
            dino ->
                new Frozen(
                    block("dinov2", dino),
                    block("dinov2_projection", new TokenProjection(dino.width(), width))));
  }

  @Override
  void encode(Encoding encoding) {
    NDManager manager = encoding.manager();
    ParameterStore store = encoding.store();
    NDArray map = detail.features(store, manager, encoding.getNarrow(PhotographCode.PHOTOGRAPH));
    // The volume's attention reads the detail encoder's tokens, too.
    encoding.putNarrow(
        PhotographCode.TOKENS,
        ActivationCheckpointing.cut(manager, detail.tokens(store, manager, map)));
    frozen.ifPresent(
        added -> {
          NDArray features = added.encoder().encode(store, manager, encoding.source());
          NDArray tokens = encoding.get(PhotographCode.TOKENS);
          encoding.put(
              PhotographCode.TOKENS, added.projection().apply(store, manager, tokens, features));
        });
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras) {
    return code.get(PhotographCode.TOKENS);
  }

  @Override
  Map<String, Long> multiplyAdds() {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("detail", detail.multiplyAdds());
    frozen.ifPresent(
        added ->
            parts.put(
                "dinov2", added.encoder().multiplyAdds() + added.projection().multiplyAdds()));
    return parts;
  }

  @Override
  List<ActivationCount> activations() {
    List<ActivationCount> counts = new ArrayList<>(detail.activations());
    frozen.ifPresent(added -> counts.add(added.projection().activations()));
    return counts;
  }
}
