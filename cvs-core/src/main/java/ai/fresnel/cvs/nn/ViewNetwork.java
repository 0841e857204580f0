package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.ActivationCheckpointing;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.ConditionerConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.ChannelLayout;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.scene.Scene;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchOps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The whole network: encoders of the photograph and of the cameras, and the {@link UNet} they
 * condition. The photograph's tokens are the detail encoder's, plus those of a {@link DinoV2} if
 * the configuration names one. As a DJL block its inputs are the scaled noisy image (N, 3, S, S),
 * the transformed noise level (N), the source image (N, 3, S, S) in [-1, 1], the pose features (N,
 * 16) and, if conditions are dropped, a mask (N) of 1 = keep and 0 = null; its output is the raw
 * prediction F (N, 3, S, S) and every head it has.
 */
public final class ViewNetwork extends NetworkBlock implements DenoiserNetwork {

  private static final String PHOTOGRAPH = "photograph";
  private static final String RENDERING = "rendering";

  private final ModelConfig config;
  private final Precision precision;
  private final StateCodec codec;
  private final DetailEncoder detail;
  private final VolumeEncoder volume;
  private final FrustumRenderer renderer;
  private final ChannelLayout stateParts;
  private final PoseEncoder pose;
  private final NoiseEmbedding noise;
  private final NoiseEmbedding guidance;
  private final NullValue nullTokens;
  private final NullValue nullPose;
  private final UNet unet;
  private final PixelRefiner refine;
  private final DepthHead depth;
  private final DinoV2 dinov2;
  private final TokenProjection projection;

  /**
   * Builds the network a configuration describes, without values: see {@link Weights#initialize}.
   *
   * @param config the configuration
   * @throws IllegalArgumentException if a DINOv2 is named and the image is not RGB
   */
  public ViewNetwork(ModelConfig config) {
    this(config, Precision.FLOAT32);
  }

  /**
   * Builds the network a configuration describes, without values.
   *
   * @param config the configuration
   * @param precision what the U-Net and the detail encoder compute in; parameters are float32
   * @throws IllegalArgumentException if a DINOv2 is named and the image is not RGB
   */
  public ViewNetwork(ModelConfig config, Precision precision) {
    this(config, precision, frozen(config.conditioner()));
  }

  private static DinoV2 frozen(ConditionerConfig conditioner) {
    return conditioner.hasEncoder() ? DinoV2.of(conditioner.encoder()) : null;
  }

  /** With any frozen encoder, or null, in place of the one the configuration names. */
  ViewNetwork(ModelConfig config, Precision precision, DinoV2 frozen) {
    if (frozen != null && config.codec().channels() != 3) {
      throw new IllegalArgumentException(
          "codec.channels is "
              + config.codec().channels()
              + ", expected 3 where conditioner.encoder is "
              + config.conditioner().encoder());
    }
    this.config = config;
    this.precision = precision;
    codec = StateCodec.of(config);
    int embedding = config.unet().embeddingChannels();
    int tokenChannels = config.tokens().channels();
    detail = addChildBlock("detail", new DetailEncoder(config));
    boolean solid = config.hasVolume();
    volume = solid ? addChildBlock("volume", new VolumeEncoder(config)) : null;
    renderer = solid ? new FrustumRenderer(config) : null;
    stateParts = stateParts(config, renderer);
    pose = addChildBlock("pose", new PoseEncoder(embedding));
    noise = addChildBlock("noise", new NoiseEmbedding(embedding, 1));
    guidance =
        config.conditioner().guidanceInput()
            ? addChildBlock("guidance", new NoiseEmbedding(embedding, 0))
            : null;
    nullTokens = addChildBlock("null_tokens", new NullValue(3, tokenChannels));
    nullPose = addChildBlock("null_pose", new NullValue(2, embedding));
    int state = config.codec().foldedChannels();
    unet =
        addChildBlock(
            "unet",
            new UNet(
                config.unet(),
                state + stateParts.channels(),
                state,
                config.gridSize(0),
                config.tokens().count()));
    refine =
        config.heads().refineChannels() == 0
            ? null
            : addChildBlock(
                "refine",
                new PixelRefiner(
                    config.codec().channels(), config.heads().refineChannels(), embedding));
    depth =
        config.heads().depth()
            ? addChildBlock(
                "depth",
                new DepthHead(
                    config.unet().levels().get(0).channels(),
                    config.codec().fold(),
                    config.unet().norm().groups()))
            : null;
    dinov2 = frozen == null ? null : addChildBlock("dinov2", frozen);
    projection =
        frozen == null
            ? null
            : addChildBlock(
                "dinov2_projection", new TokenProjection(frozen.width(), tokenChannels));
  }

  /** What a conditioning's state holds: the folded photograph and the view rendered of it. */
  private static ChannelLayout stateParts(ModelConfig config, FrustumRenderer renderer) {
    int folded = config.codec().foldedChannels();
    ChannelLayout parts = ChannelLayout.empty().with(PHOTOGRAPH, folded);
    return renderer == null ? parts : parts.with(RENDERING, renderer.layout().channels());
  }

  /**
   * Makes the network of a model folder, with its weights, for inference: no parameter has a
   * gradient until {@link Weights#freeze} says otherwise.
   *
   * @param folder an open model folder; may be closed afterwards
   * @param manager what will own the weights, on the device they shall live on
   * @return the network
   * @throws IOException if the weights are not those of the configuration, or cannot be read
   */
  public static ViewNetwork load(ModelFolder folder, NDManager manager) throws IOException {
    return load(folder, manager, Precision.FLOAT32);
  }

  /**
   * Makes the network of a model folder, with its weights, for inference.
   *
   * @param folder an open model folder; may be closed afterwards
   * @param manager what will own the weights, on the device they shall live on
   * @param precision what the U-Net and the detail encoder compute in; parameters are float32
   * @return the network
   * @throws IOException if the weights are not those of the configuration, or cannot be read
   */
  public static ViewNetwork load(ModelFolder folder, NDManager manager, Precision precision)
      throws IOException {
    ViewNetwork network = new ViewNetwork(folder.config(), precision);
    for (Parameter parameter : Weights.parameters(network).values()) {
      // Every value is overwritten: random ones would only cost time.
      parameter.setInitializer(Initializer.ZEROS);
    }
    Weights.initialize(network, manager, 0);
    Weights.freeze(network, true);
    folder.load(Weights.arrays(network));
    return network;
  }

  /**
   * Returns the configuration this network was built from.
   *
   * @return the configuration
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Leaves all that a condition is made with as it is from now on: the encoders of the photograph
   * and of the cameras and what stands for a dropped condition.
   */
  public void keepEncoders() {
    keep(detail, volume, pose, nullTokens, nullPose, projection);
  }

  /** Leaves all that {@link #render} does without as it is from now on. */
  public void keepAllButVolume() {
    keep(pose, noise, guidance, nullTokens, nullPose, unet, refine, depth);
  }

  private static void keep(NetworkBlock... blocks) {
    for (NetworkBlock block : blocks) {
      if (block != null) {
        block.freeze();
      }
    }
  }

  /**
   * Encodes a photograph, once for all its views.
   *
   * @param store where the parameters' values are
   * @param source (N, 3, S, S) in [-1, 1]
   * @return the code, on the source's manager
   */
  public ObjectCode encode(ParameterStore store, NDArray source) {
    NDManager owner = source.getManager();
    NDArray folded = fold(source);
    try (NDManager manager = owner.newSubManager()) {
      NDArray image = precision.narrow(manager, folded);
      NDArray map = detail.features(store, manager, image);
      // The volume's attention reads the tokens, too.
      NDArray read = ActivationCheckpointing.cut(manager, detail.tokens(store, manager, map));
      NDArray tokens = precision.widen(manager, read);
      if (dinov2 != null) {
        NDArray features = dinov2.encode(store, manager, source);
        tokens = projection.apply(store, manager, tokens, features);
      }
      NDArray slices = null;
      if (volume != null) {
        slices = precision.widen(manager, volume.apply(store, manager, image, read));
        slices.attach(owner);
      }
      tokens.attach(owner);
      return new ObjectCode(folded, tokens, slices);
    }
  }

  /** An image as the U-Net sees it, on the image's manager. */
  private NDArray fold(NDArray image) {
    NDManager owner = image.getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray view = image.reshape(image.getShape());
      view.attach(manager);
      NDArray folded = TorchOps.fold(codec.encode(view), config.codec().fold());
      folded.attach(owner);
      return folded;
    }
  }

  /**
   * Joins an object and a camera move.
   *
   * @param store where the parameters' values are
   * @param code the object, N of them
   * @param poseFeatures (N, 16)
   * @return the conditioning, on the features' manager
   */
  public Conditioning condition(ParameterStore store, ObjectCode code, NDArray poseFeatures) {
    NDManager owner = poseFeatures.getManager();
    NDArray embedded = pose.apply(store, owner, poseFeatures);
    NDArray state = code.folded();
    try (NDManager manager = owner.newSubManager()) {
      if (renderer != null) {
        Scene scene = renderer.volume(code.volume(), code.folded());
        Rendering seen = scene.render(manager, new CameraBatch(poseFeatures));
        state = JOIN.call(owner, new NDList(state, seen.joined()));
      }
    }
    return Conditioning.none()
        .withState(state)
        .withTokens(code.tokens())
        .withPose(embedded)
        .withCameras(poseFeatures);
  }

  /**
   * Renders the volume of photographs, each for several targets in a row.
   *
   * @param store where the parameters' values are
   * @param source (M, 3, S, S) in [-1, 1]
   * @param poseFeatures (N, 16), N a multiple of M
   * @return the views as the codec encodes images, (N, C, H/fold, W/fold), on the features' manager
   * @throws IllegalStateException if the network has no volume
   */
  public NDArray render(ParameterStore store, NDArray source, NDArray poseFeatures) {
    if (renderer == null) {
      throw new IllegalStateException(config.name() + " has no volume");
    }
    NDManager owner = poseFeatures.getManager();
    try (NDManager manager = owner.newSubManager()) {
      NDArray image = source.reshape(source.getShape());
      image.attach(manager);
      ObjectCode code = encode(store, image);
      int targets = (int) (poseFeatures.getShape().get(0) / source.getShape().get(0));
      NDArray volumes = code.volume().repeat(0, targets);
      NDArray images = code.folded().repeat(0, targets);
      Scene scene = renderer.volume(volumes, images);
      NDArray view = scene.render(manager, new CameraBatch(poseFeatures)).colour();
      view.attach(owner);
      return view;
    }
  }

  /** {@inheritDoc} */
  @Override
  public Conditioning condition(ParameterStore store, ViewContext context) {
    Conditioning c = condition(store, encode(store, context.sourceOfEachView()), context.cameras());
    return c.withKeep(context.keep().orElse(null)).withGuidance(context.guidance().orElse(null));
  }

  /** {@inheritDoc} */
  @Override
  public NDArray predict(
      ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
    return predict(store, scaledX, cNoise, conditioning, Set.of()).x0();
  }

  /**
   * Returns the names of the heads this network has.
   *
   * @return {@link Outputs#DEPTH} with {@link ai.fresnel.cvs.model.HeadsConfig#depth}, {@link
   *     Outputs#RENDERED} with a volume
   */
  public Set<String> heads() {
    Set<String> heads = new LinkedHashSet<>();
    if (depth != null) {
      heads.add(Outputs.DEPTH);
    }
    if (renderer != null) {
      heads.add(Outputs.RENDERED);
    }
    return heads;
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
      Inputs in = inputs(store, manager, scaledX, cNoise, conditioning);
      Map<String, NDArray> heads = new LinkedHashMap<>();
      NDArray raw =
          unet.apply(
              store,
              manager,
              in.state(),
              in.embedding(),
              in.pose(),
              in.tokens(),
              features -> {
                if (wanted.contains(Outputs.DEPTH)) {
                  heads.put(Outputs.DEPTH, depth.apply(store, manager, features));
                }
              });
      raw = TorchOps.unfold(raw, config.codec().fold());
      if (refine != null) {
        NDArray x = precision.narrow(manager, scaledX);
        raw =
            ActivationCheckpointing.segment(
                0, manager, (m, read) -> refine.apply(store, m, read), raw, x, in.embedding());
      }
      final NDArray prediction = precision.widen(manager, raw);
      heads.replaceAll(
          (name, head) -> precision.widen(manager, TorchOps.unfold(head, config.codec().fold())));
      if (wanted.contains(Outputs.RENDERED)) {
        NDArray joined = stateParts.part(manager, conditioning.state(), RENDERING);
        heads.put(Outputs.RENDERED, new Rendering(joined, renderer.layout()).colour());
      }
      Outputs outputs = new Outputs(prediction, heads);
      outputs.attach(owner);
      return outputs;
    }
  }

  /**
   * Runs the U-Net's way down alone: what a discriminator looks through.
   *
   * @param store where the parameters' values are
   * @param scaledX the noisy state scaled to unit variance, (N, C, S, S)
   * @param cNoise the transformed noise level, (N)
   * @param conditioning what {@link #condition} returned
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
      Inputs in = inputs(store, manager, scaledX, cNoise, conditioning);
      NDList found = unet.features(store, manager, in.state(), in.embedding(), in.tokens(), levels);
      NDList maps = new NDList();
      for (NDArray map : found) {
        maps.add(precision.widen(manager, map));
      }
      maps.attach(owner);
      return maps;
    }
  }

  /** What the U-Net takes, in the precision it computes in. */
  private record Inputs(NDArray state, NDArray embedding, NDArray pose, NDArray tokens) {}

  private Inputs inputs(
      ParameterStore store,
      NDManager manager,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning) {
    Conditioning c =
        conditioning.keep() == null ? conditioning : dropped(store, manager, conditioning);
    NDArray level = noise.apply(store, manager, cNoise);
    // The graph is cut where several parts of the network read.
    NDArray posed = ActivationCheckpointing.cut(manager, c.pose());
    NDList embeddings = new NDList(level, posed);
    if (guidance != null) {
      NDArray weight = c.guidance() == null ? ZEROS.call(manager, new NDList(level)) : c.guidance();
      embeddings.add(guidance.apply(store, manager, weight));
    }
    NDArray embedding = (guidance == null ? EMBED : EMBED_GUIDED).call(manager, embeddings);
    embedding = ActivationCheckpointing.cut(manager, precision.narrow(manager, embedding));
    NDArray state = foldAndJoin(manager, scaledX, c.state());
    return new Inputs(
        ActivationCheckpointing.cut(manager, precision.narrow(manager, state)),
        embedding,
        precision.narrow(manager, posed),
        ActivationCheckpointing.cut(manager, precision.narrow(manager, c.tokens())));
  }

  /** Puts the null condition where the mask is 0: learned tokens and pose, an empty image. */
  private Conditioning dropped(ParameterStore store, NDManager manager, Conditioning c) {
    NDArray keep = c.keep();
    return c.withState(MASK.call(manager, new NDList(c.state(), keep)))
        .withTokens(nullTokens.apply(store, manager, c.tokens(), keep))
        .withPose(nullPose.apply(store, manager, c.pose(), keep))
        .withKeep(null);
  }

  private static final TorchFunction MASK =
      TorchFunction.of("x: Tensor, k: Tensor", "return x * torch.reshape(k, [-1, 1, 1, 1])");

  private static final TorchFunction JOIN =
      TorchFunction.of("a: Tensor, b: Tensor", "return torch.cat([a, b], 1)");

  private static final TorchFunction EMBED =
      TorchFunction.of("a: Tensor, b: Tensor", "return torch.silu(a + b)");

  private static final TorchFunction EMBED_GUIDED =
      TorchFunction.of("a: Tensor, b: Tensor, c: Tensor", "return torch.silu(a + b + c)");

  /** The weight of guidance where none is given: 0 for each sample. */
  private static final TorchFunction ZEROS =
      TorchFunction.of("x: Tensor", "return torch.zeros_like(torch.select(x, 1, 0))");

  private NDArray foldAndJoin(NDManager manager, NDArray image, NDArray folded) {
    int fold = config.codec().fold();
    String unfolded = fold == 1 ? "x" : "torch.pixel_unshuffle(x, " + fold + ")";
    return TorchFunction.of("x: Tensor, c: Tensor", "return torch.cat([" + unfolded + ", c], 1)")
        .call(manager, new NDList(image, folded));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDManager owner = inputs.get(0).getManager();
    try (NDManager manager = owner.newSubManager()) {
      // Results join the manager of their first input: second handles keep the condition's parts
      // off the caller's.
      NDList conditions = new NDList();
      for (NDArray input : inputs.subNDList(2)) {
        NDArray handle = input.reshape(input.getShape());
        handle.attach(manager);
        conditions.add(handle);
      }
      Conditioning c = condition(store, ViewContext.of(conditions));
      return predict(store, inputs.get(0), inputs.get(1), c, heads()).toNDList();
    }
  }

  /**
   * Counts multiply-adds of one sample by part; twice this is the usual FLOP count.
   *
   * @return part to multiply-adds: {@code unet} and, where there is one, {@code refine} once a
   *     pass, {@code depth}, where there is one, once a pass of training, {@code volume}, where
   *     there is one, {@code detail} and, where there is one, {@code dinov2} with its projection
   *     once a photograph
   */
  public Map<String, Long> multiplyAdds() {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put("unet", unet.multiplyAdds());
    if (refine != null) {
      parts.put("refine", refine.multiplyAddsAt((long) config.imageSize() * config.imageSize()));
    }
    if (depth != null) {
      parts.put("depth", depth.multiplyAddsAt((long) config.gridSize(0) * config.gridSize(0)));
    }
    parts.put("detail", detail.multiplyAdds());
    if (volume != null) {
      parts.put("volume", volume.multiplyAdds());
    }
    if (dinov2 != null) {
      parts.put("dinov2", dinov2.multiplyAdds() + projection.multiplyAdds());
    }
    return parts;
  }

  /**
   * Counts what training this network keeps in memory for each sample.
   *
   * @return the counts, for the precision the network computes in
   */
  public NetworkMemory memory() {
    List<KeptNumbers> parts = new ArrayList<>(detail.kept());
    if (volume != null) {
      parts.addAll(volume.kept());
      parts.add(KeptNumbers.of(renderer));
    }
    if (projection != null) {
      parts.add(projection.kept());
    }
    parts.addAll(unet.kept());
    if (depth != null) {
      parts.add(depth.kept(config.gridSize(0)));
    }
    if (refine != null) {
      parts.add(refine.kept(config.imageSize()));
    }
    return new NetworkMemory(parts, precision);
  }

  /**
   * Counts parameters by part. All are trained but those of {@code dinov2}.
   *
   * @return part (a top-level block) to the count of its numbers
   */
  public Map<String, Long> parameterCounts() {
    Map<String, Long> parts = new LinkedHashMap<>();
    Weights.children(this)
        .forEach(child -> parts.put(child.getKey(), Weights.count(child.getValue())));
    return parts;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    Shape x = inputShapes[0];
    List<Shape> shapes = new ArrayList<>();
    shapes.add(x);
    if (depth != null) {
      shapes.add(new Shape(x.get(0), 2, x.get(2), x.get(3)));
    }
    if (renderer != null) {
      long side = config.gridSize(0);
      shapes.add(new Shape(x.get(0), config.codec().channels(), side, side));
    }
    return shapes.toArray(new Shape[0]);
  }
}
