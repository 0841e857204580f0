package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.ConditionerConfig.Zero123;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.ChannelLayout;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.scene.Scene;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Turns photographs and cameras into the conditioning of a denoising network: an ordered list of
 * named conditions, each with its slot and its null value. In the slot {@link Slot#CONCAT} they are
 * joined by channel; the other slots hold one condition each.
 *
 * <p>A new condition is one class and one line in {@link #of}.
 */
public final class Conditioner {

  private static final TorchFunction MASK =
      TorchFunction.of("x: Tensor, k: Tensor", "return x * torch.reshape(k, [-1, 1, 1, 1])");

  private static final TorchFunction JOIN =
      TorchFunction.of("a: Tensor, b: Tensor", "return torch.cat([a, b], 1)");

  private final List<Condition> conditions;
  private final Precision precision;
  private final Optional<RenderedCondition> rendered;
  private final ChannelLayout state;

  /** The conditions that have their slot alone. */
  private final Map<Slot, Condition> alone = new EnumMap<>(Slot.class);

  private Conditioner(
      List<Condition> conditions, Optional<RenderedCondition> rendered, Precision precision) {
    this.conditions = List.copyOf(conditions);
    this.rendered = rendered;
    this.precision = precision;
    ChannelLayout layout = ChannelLayout.empty();
    for (Condition condition : conditions) {
      if (condition.slot() == Slot.CONCAT) {
        layout = layout.with(condition.name(), condition.channels());
      } else {
        alone.put(condition.slot(), condition);
      }
    }
    state = layout;
  }

  /**
   * Makes the frozen image encoder that a configuration names, without values.
   *
   * @param config the configuration
   * @return the encoder; empty where none is named
   */
  public static Optional<DinoV2> frozenEncoder(ModelConfig config) {
    return config.conditioner().hasEncoder()
        ? Optional.of(DinoV2.of(config.conditioner().encoder()))
        : Optional.empty();
  }

  /**
   * Makes the conditioner that a configuration describes, without values.
   *
   * @param config the configuration
   * @param codec makes a state of a photograph
   * @param frozen the frozen image encoder; empty where the configuration names none
   * @param precision the type that encoders compute in
   * @return the conditioner
   * @throws IllegalArgumentException if there is a frozen encoder and images are not RGB
   */
  public static Conditioner of(
      ModelConfig config, StateCodec codec, Optional<DinoV2> frozen, Precision precision) {
    Optional<Zero123> zero123 = config.conditioner().zero123();
    if (zero123.isPresent()) {
      List<Condition> both =
          List.of(
              PhotographCondition.unscaled(codec, config.codec()),
              new CameraTokenCondition(zero123.get(), config.tokens().channels(), precision));
      return new Conditioner(both, Optional.empty(), precision);
    }
    Optional<RenderedCondition> rendered =
        config.hasVolume() ? Optional.of(new RenderedCondition(config)) : Optional.empty();
    List<Condition> conditions = new ArrayList<>();
    conditions.add(new PhotographCondition(codec, config.codec()));
    conditions.add(new TokensCondition(config, frozen));
    rendered.ifPresent(conditions::add);
    conditions.add(new PoseCondition(config.unet().embeddingChannels()));
    return new Conditioner(conditions, rendered, precision);
  }

  /**
   * Returns the blocks of all conditions.
   *
   * @return the names that lead to their parameters, in no order that counts
   */
  public Map<String, NetworkBlock> blocks() {
    Map<String, NetworkBlock> blocks = new LinkedHashMap<>();
    conditions.forEach(condition -> blocks.putAll(condition.blocks()));
    return blocks;
  }

  /**
   * Stores weights of frozen encoders in the precision that they are computed in, for inference
   * alone.
   */
  public void narrow() {
    conditions.forEach(Condition::narrow);
  }

  /**
   * Counts the channels that are concatenated to the noisy state.
   *
   * @return C
   */
  public int stateChannels() {
    return state.channels();
  }

  /**
   * Tells whether the photograph becomes a scene that is rendered.
   *
   * @return whether {@link #scene} has one
   */
  public boolean hasScene() {
    return rendered.isPresent();
  }

  /**
   * Encodes photographs, once for all their views.
   *
   * @param store where the parameters' values are
   * @param source (N, C, S, S) in [-1, 1]
   * @return the code, on the source's manager
   */
  public PhotographCode encode(ParameterStore store, NDArray source) {
    return encode(store, source, Optional.empty());
  }

  /**
   * Encodes photographs whose states are known.
   *
   * @param store where the parameters' values are
   * @param source (N, C, S, S) in [-1, 1]
   * @param states what the codec makes of them, (N, ...); empty = it is to make them
   * @return the code, on the source's manager
   */
  public PhotographCode encode(ParameterStore store, NDArray source, Optional<NDArray> states) {
    NDManager owner = source.getManager();
    try (NDManager manager = owner.newSubManager()) {
      Encoding encoding = new Encoding(store, manager, precision, source, states);
      conditions.forEach(condition -> condition.encode(encoding));
      PhotographCode code = encoding.code();
      code.attach(owner);
      return code;
    }
  }

  /**
   * Joins objects and cameras.
   *
   * @param store where the parameters' values are
   * @param code N objects
   * @param cameras the camera features, (N, 16)
   * @return the conditioning, on the cameras' manager
   */
  public Conditioning condition(ParameterStore store, PhotographCode code, NDArray cameras) {
    CameraBatch moves = new CameraBatch(cameras);
    NDManager owner = cameras.getManager();
    try (NDManager manager = owner.newSubManager()) {
      return joined(manager, cameras, each -> each.value(store, manager, code, moves));
    }
  }

  /**
   * Joins one object, seen in several photographs, and cameras. The scene is that of all
   * photographs; other conditions are those of the photograph nearest to each target.
   *
   * @param store where the parameters' values are
   * @param object the photographs
   * @param cameras the camera features of N targets from the first photograph, (N, 16)
   * @return the conditioning, on the cameras' manager
   */
  public Conditioning condition(ParameterStore store, FusedCode object, NDArray cameras) {
    CameraBatch moves = new CameraBatch(cameras);
    NDManager owner = cameras.getManager();
    try (NDManager manager = owner.newSubManager()) {
      FusedCode.Nearest nearest = object.nearest(manager, moves);
      NDArray near = nearest.cameras().features();
      near.attach(owner);
      return joined(manager, near, each -> each.value(store, manager, object, moves, nearest));
    }
  }

  /** Joins the values of the conditions, which the manager owns, for the manager of the cameras. */
  private Conditioning joined(
      NDManager manager, NDArray cameras, Function<Condition, NDArray> values) {
    NDManager owner = cameras.getManager();
    Conditioning conditioning = Conditioning.none().withCameras(cameras);
    NDArray joined = null;
    for (Condition condition : conditions) {
      NDArray value = values.apply(condition);
      Optional<NDArray> mean = condition.mean(manager, value);
      if (mean.isPresent()) {
        conditioning = conditioning.withMean(moved(mean.get(), manager, owner));
      }
      switch (condition.slot()) {
        case CONCAT -> joined = joined == null ? value : JOIN.call(manager, list(joined, value));
        case TOKENS -> conditioning = conditioning.withTokens(moved(value, manager, owner));
        case VECTOR -> conditioning = conditioning.withPose(moved(value, manager, owner));
      }
    }
    return conditioning.withState(moved(joined, manager, owner));
  }

  /** Arrays of the code stay with it; those made here go to the owner. */
  private static NDArray moved(NDArray value, NDManager from, NDManager owner) {
    if (value.getManager() == from) {
      value.attach(owner);
    }
    return value;
  }

  private static NDList list(NDArray... arrays) {
    return new NDList(arrays);
  }

  /**
   * Puts the null values where the mask of kept conditions is 0.
   *
   * @param store where the parameters' values are
   * @param manager owns the result
   * @param conditioning a conditioning; with a mask or without
   * @return the conditioning without a mask; itself where it has none
   */
  public Conditioning dropped(ParameterStore store, NDManager manager, Conditioning conditioning) {
    NDArray keep = conditioning.keep();
    if (keep == null) {
      return conditioning;
    }
    Conditioning kept =
        conditioning.withState(MASK.call(manager, list(conditioning.state(), keep)));
    for (Map.Entry<Slot, Condition> entry : alone.entrySet()) {
      boolean tokens = entry.getKey() == Slot.TOKENS;
      NDArray value = tokens ? conditioning.tokens() : conditioning.pose();
      value = entry.getValue().dropped(store, manager, value, keep, conditioning);
      kept = tokens ? kept.withTokens(value) : kept.withPose(value);
    }
    return kept.withKeep(null);
  }

  /**
   * Returns objects in space.
   *
   * @param code N objects
   * @return the scene
   * @throws IllegalStateException if there is none
   */
  public Scene scene(PhotographCode code) {
    return requireRendered().scene(code);
  }

  /**
   * Returns the view that a conditioning holds of its scene.
   *
   * @param manager owns the result
   * @param conditioning the conditioning of N views
   * @return the rendering
   * @throws IllegalStateException if there is no scene
   */
  public Rendering rendering(NDManager manager, Conditioning conditioning) {
    RenderedCondition condition = requireRendered();
    NDArray part = state.part(manager, conditioning.state(), condition.name());
    return condition.rendering(part);
  }

  private RenderedCondition requireRendered() {
    return rendered.orElseThrow(
        () -> new IllegalStateException("the model has no volume, expected one"));
  }

  /**
   * Counts multiply-adds of one photograph by part.
   *
   * @return part to multiply-adds
   */
  public Map<String, Long> multiplyAdds() {
    Map<String, Long> parts = new LinkedHashMap<>();
    conditions.forEach(condition -> parts.putAll(condition.multiplyAdds()));
    return parts;
  }

  /**
   * Counts what training keeps of one sample.
   *
   * @return the counts in the order of the forward pass
   */
  public List<ActivationCount> activations() {
    List<ActivationCount> counts = new ArrayList<>();
    conditions.forEach(condition -> counts.addAll(condition.activations()));
    return counts;
  }
}
