package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.condition.Conditioner;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.nn.DenoisingUNet;
import ai.fresnel.cvs.nn.NetworkMemory;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.Scene;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model of views, put together from named parts: a {@link StateCodec} between images and states,
 * a {@link Conditioner} of the photograph and the cameras, a {@link DenoisingUNet} and its {@link
 * Scaling}.
 *
 * <p>As a DJL block its inputs are the scaled noisy state (N, C, S, S) and the transformed sigma
 * (N), then those of {@link ViewContext#of(NDList)}; its output is the raw prediction F (N, C, S,
 * S) and every head it has.
 */
public final class ViewModel extends NetworkBlock implements DenoiserNetwork {

  /** The blocks that a scene is made with. */
  private static final Set<String> SCENE =
      Set.of("detail", "volume", "dinov2", "dinov2_projection");

  private final ModelConfig config;
  private final Precision precision;
  private final StateCodec codec;
  private final Conditioner conditioner;
  private final DenoisingUNet unet;
  private final Scaling scaling;

  /**
   * Builds the model that a configuration describes, without values: see {@link
   * Weights#initialize}. It computes in float32.
   *
   * @param config the configuration
   * @throws IllegalArgumentException if a DINOv2 is named and images are not RGB
   */
  public ViewModel(ModelConfig config) {
    this(config, Precision.FLOAT32);
  }

  /**
   * Builds the model that a configuration describes, without values.
   *
   * @param config the configuration
   * @param precision the type that the U-Net, CLIP and the trainable encoders compute in;
   *     parameters are float32
   * @throws IllegalArgumentException if a DINOv2 is named and images are not RGB
   */
  public ViewModel(ModelConfig config, Precision precision) {
    this(config, precision, Conditioner.frozenEncoder(config));
  }

  /** With any frozen encoder in place of the one the configuration names. */
  ViewModel(ModelConfig config, Precision precision, Optional<DinoV2> frozen) {
    this.config = config;
    this.precision = precision;
    codec = StateCodec.of(config, precision);
    conditioner = Conditioner.of(config, codec, frozen, precision);
    unet = new DenoisingUNet(config, conditioner.stateChannels(), precision);
    scaling = config.scaling().scaling();
    ParameterOrder.sorted(blocks()).forEach(this::addChildBlock);
  }

  private Map<String, NetworkBlock> blocks() {
    Map<String, NetworkBlock> blocks = new LinkedHashMap<>(conditioner.blocks());
    blocks.putAll(unet.blocks());
    blocks.putAll(codec.blocks());
    return blocks;
  }

  /**
   * Stores the weights of large parts in the precision that they compute in, for inference alone.
   *
   * @return this model
   */
  public ViewModel narrowed() {
    unet.narrow();
    conditioner.narrow();
    codec.narrow();
    return this;
  }

  /**
   * Loads the model of a folder for inference, in float32, without gradients.
   *
   * @param folder an open model folder; may be closed afterwards
   * @param manager will own the weights, on its device
   * @return the model
   * @throws IOException if the weights are not those of the configuration, or cannot be read
   */
  public static ViewModel load(ModelFolder folder, NDManager manager) throws IOException {
    return load(folder, manager, Precision.FLOAT32);
  }

  /**
   * Loads the model of a folder for inference.
   *
   * @param folder an open model folder; may be closed afterwards
   * @param manager will own the weights, on its device
   * @param precision the type that the U-Net, CLIP and the trainable encoders compute in;
   *     parameters are float32
   * @return the model
   * @throws IOException if the weights are not those of the configuration, or cannot be read
   */
  public static ViewModel load(ModelFolder folder, NDManager manager, Precision precision)
      throws IOException {
    ViewModel model = new ViewModel(folder.config(), precision);
    folder.requireShapes(Weights.shapes(model));
    for (Parameter parameter : Weights.parameters(model).values()) {
      // Every value is overwritten: random ones would only cost time.
      parameter.setInitializer(Initializer.ZEROS);
    }
    Weights.initialize(model, manager, 0);
    Weights.freeze(model, true);
    folder.load(Weights.arrays(model));
    return model;
  }

  /**
   * Returns the configuration this model was built from.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns the codec between images and states.
   *
   * @return the codec
   */
  public StateCodec codec() {
    return codec;
  }

  /**
   * Returns what turns photographs and cameras into a conditioning.
   *
   * @return the conditioner
   */
  public Conditioner conditioner() {
    return conditioner;
  }

  /**
   * Returns the scales around the U-Net.
   *
   * @return the scaling
   */
  public Scaling scaling() {
    return scaling;
  }

  /** Leaves the encoders and the null values, all that makes a conditioning, as they are. */
  public void keepEncoders() {
    conditioner.blocks().values().forEach(NetworkBlock::freeze);
  }

  /** Leaves all blocks as they are from now on but those that {@link #render} runs. */
  public void keepAllButVolume() {
    Map<String, NetworkBlock> blocks = blocks();
    blocks.keySet().removeAll(SCENE);
    blocks.values().forEach(NetworkBlock::freeze);
  }

  /**
   * Encodes photographs, once for all their views.
   *
   * @param store where the parameters' values are
   * @param source (N, C, S, S) in [-1, 1]
   * @return the code, on the source's manager
   */
  public PhotographCode encode(ParameterStore store, NDArray source) {
    return conditioner.encode(store, source);
  }

  /**
   * Joins objects and camera moves.
   *
   * @param store where the parameters' values are
   * @param code N objects
   * @param cameras the camera features, (N, 16)
   * @return the conditioning, on the cameras' manager
   */
  public Conditioning condition(ParameterStore store, PhotographCode code, NDArray cameras) {
    return conditioner.condition(store, code, cameras);
  }

  /** {@inheritDoc} */
  @Override
  public Conditioning condition(ParameterStore store, ViewContext context) {
    PhotographCode code =
        conditioner.encode(store, context.sourceOfEachView(), context.sourceStatesOfEachView());
    return condition(store, code, context.cameras())
        .withKeep(context.keep().orElse(null))
        .withGuidance(context.guidance().orElse(null));
  }

  /**
   * Renders the volume of photographs, each for several targets in a row.
   *
   * @param store where the parameters' values are
   * @param source (M, C, S, S) in [-1, 1]
   * @param cameras the camera features, (N, 16), N a multiple of M
   * @return {@link Outputs#RENDERED}, in place of x0, too, and the heads {@link Outputs#OPACITY},
   *     {@link Outputs#RENDERED_DEPTH} and {@link Outputs#DENSITY}, on the cameras' manager
   * @throws IllegalStateException if the model has no volume
   */
  public Outputs render(ParameterStore store, NDArray source, NDArray cameras) {
    if (!conditioner.hasScene()) {
      throw new IllegalStateException(config.name() + " has no volume");
    }
    NDManager owner = cameras.getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray handle = source.reshape(source.getShape());
      handle.attach(manager);
      int targets = (int) (cameras.getShape().get(0) / source.getShape().get(0));
      PhotographCode once = encode(store, handle);
      Scene scene = conditioner.scene(once.map(part -> part.repeat(0, targets)));
      NDArray density = once.densities(manager, config.volume().slices());
      Outputs outputs = Outputs.rendered(scene.render(manager, new CameraBatch(cameras)), density);
      outputs.attach(owner);
      return outputs;
    }
  }

  /**
   * Returns the names of the heads this model has.
   *
   * @return {@link Outputs#DEPTH} with {@link ai.fresnel.cvs.model.HeadsConfig#depth}, {@link
   *     Outputs#RENDERED} with a volume
   */
  public Set<String> heads() {
    Set<String> heads = new LinkedHashSet<>();
    if (unet.hasDepth()) {
      heads.add(Outputs.DEPTH);
    }
    if (conditioner.hasScene()) {
      heads.add(Outputs.RENDERED);
    }
    return heads;
  }

  /** {@inheritDoc} */
  @Override
  public NDArray predict(
      ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
    return predict(store, scaledX, cNoise, conditioning, Set.of()).x0();
  }

  /** {@inheritDoc} */
  @Override
  public Outputs predict(
      ParameterStore store,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning,
      Set<String> wanted) {
    if (!heads().containsAll(wanted)) {
      throw new IllegalArgumentException(
          "heads are " + wanted + ", expected some of " + heads() + " of " + config.name());
    }
    NDManager owner = scaledX.getManager();
    try (NDManager manager = owner.newSubManager()) {
      Conditioning kept = conditioner.dropped(store, manager, conditioning);
      // A residual model's depends on the volume; U-Net and refiner read it.
      NDArray state = ActivationCheckpointing.cut(manager, scaledX);
      DenoisingUNet.Prediction prediction =
          unet.predict(store, manager, state, cNoise, kept, wanted.contains(Outputs.DEPTH));
      Outputs outputs = Outputs.of(prediction.raw());
      if (prediction.depth().isPresent()) {
        outputs = outputs.with(Outputs.DEPTH, prediction.depth().get());
      }
      if (wanted.contains(Outputs.RENDERED)) {
        NDArray view = conditioner.rendering(manager, conditioning).colour();
        outputs = outputs.with(Outputs.RENDERED, view);
      }
      outputs.attach(owner);
      return outputs;
    }
  }

  /**
   * Runs the U-Net's way down alone: the features that a discriminator looks through.
   *
   * @param store where the parameters' values are
   * @param scaledX the noisy state scaled to unit variance, (N, C, S, S)
   * @param cNoise the transformed sigma, (N)
   * @param conditioning the result of {@link #condition}
   * @param levels how many levels, 1 to the configuration's
   * @return the features each level ends with, finest first, (N, width, H, W) on scaledX's manager
   */
  public NDList features(
      ParameterStore store,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning,
      int levels) {
    NDManager owner = scaledX.getManager();
    try (NDManager manager = owner.newSubManager()) {
      Conditioning kept = conditioner.dropped(store, manager, conditioning);
      NDList maps = unet.features(store, manager, scaledX, cNoise, kept, levels);
      maps.attach(owner);
      return maps;
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDManager owner = inputs.get(0).getManager();
    try (NDManager manager = owner.newSubManager()) {
      // Results join the manager of their first input: second handles keep the condition's parts
      // off the caller's.
      NDList handles = new NDList();
      for (NDArray input : inputs.subNDList(2)) {
        NDArray handle = input.reshape(input.getShape());
        handle.attach(manager);
        handles.add(handle);
      }
      Conditioning c = condition(store, ViewContext.of(handles));
      return predict(store, inputs.get(0), inputs.get(1), c, heads()).toNDList();
    }
  }

  /**
   * Counts multiply-adds of one sample by part; twice this is the usual FLOP count.
   *
   * @return part to multiply-adds: {@code unet} and, where it is, {@code refine} for each pass,
   *     {@code depth}, where it is, for each pass of training, {@code detail} and, where they are,
   *     {@code volume}, {@code clip}, {@code encode} and {@code dinov2} for each photograph
   */
  public Map<String, Long> multiplyAdds() {
    Map<String, Long> parts = new LinkedHashMap<>(unet.multiplyAdds());
    parts.putAll(conditioner.multiplyAdds());
    parts.putAll(codec.multiplyAdds(config.imageSize()));
    return parts;
  }

  /**
   * Counts the memory that training keeps for each sample.
   *
   * @return the counts, for the precision the model computes in
   */
  public NetworkMemory memory() {
    List<ActivationCount> counts = new ArrayList<>(conditioner.activations());
    counts.addAll(unet.activations());
    return new NetworkMemory(counts, precision);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    List<Shape> shapes = new ArrayList<>(List.of(x));
    if (unet.hasDepth()) {
      shapes.add(new Shape(x.get(0), 2, x.get(2), x.get(3)));
    }
    if (conditioner.hasScene()) {
      long side = config.volume().residual() ? config.imageSize() : config.gridSize(0);
      shapes.add(new Shape(x.get(0), config.codec().channels(), side, side));
    }
    return shapes.toArray(new Shape[0]);
  }
}
