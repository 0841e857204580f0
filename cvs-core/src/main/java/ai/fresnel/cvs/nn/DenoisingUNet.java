package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ScalingConfig;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The U-Net with its embeddings of sigma and guidance, on folded states, and with what follows it:
 * the refiner and the depth head. It predicts F of a noisy state and an encoded condition.
 */
public final class DenoisingUNet {

  private static final TorchFunction EMBED_ALONE =
      TorchFunction.of("a: Tensor", "return torch.silu(a)");

  private static final TorchFunction EMBED =
      TorchFunction.of("a: Tensor, b: Tensor", "return torch.silu(a + b)");

  private static final TorchFunction EMBED_GUIDED =
      TorchFunction.of("a: Tensor, b: Tensor, c: Tensor", "return torch.silu(a + b + c)");

  /** The weight of guidance where none is given: 0 for each sample. */
  private static final TorchFunction ZEROS =
      TorchFunction.of("x: Tensor", "return torch.zeros_like(torch.select(x, 1, 0))");

  private final ModelConfig config;
  private final Precision precision;
  private final EmbeddingBlock noise;
  private final Optional<NoiseEmbedding> guidance;
  private final UNet unet;
  private final Optional<PixelRefiner> refiner;
  private final Optional<DepthHead> depth;

  /**
   * A prediction.
   *
   * @param raw F, (N, C, S, S)
   * @param depth the depth head's output, (N, 2, S, S); empty where it was not asked for
   */
  public record Prediction(NDArray raw, Optional<NDArray> depth) {}

  /**
   * Makes the network that a configuration describes, without values.
   *
   * @param config the configuration
   * @param conditionChannels channels that are concatenated to the folded state
   * @param precision the type it computes in; parameters are float32
   */
  public DenoisingUNet(ModelConfig config, int conditionChannels, Precision precision) {
    this.config = config;
    this.precision = precision;
    int embedding = config.unet().embeddingChannels();
    int state = config.codec().foldedChannels();
    noise =
        config.scaling() instanceof ScalingConfig.Discrete
            ? new TimestepEmbedding(config.unet().levels().get(0).channels(), embedding)
            : new NoiseEmbedding(embedding, 1);
    guidance =
        config.conditioner().guidanceInput()
            ? Optional.of(new NoiseEmbedding(embedding, 0))
            : Optional.empty();
    unet =
        new UNet(
            config.unet(),
            state + conditionChannels,
            state,
            config.gridSize(0),
            config.tokens().count());
    int refine = config.heads().refineChannels();
    refiner =
        refine == 0
            ? Optional.empty()
            : Optional.of(new PixelRefiner(config.codec().channels(), refine, embedding));
    depth =
        config.heads().depth()
            ? Optional.of(
                new DepthHead(
                    config.unet().levels().get(0).channels(),
                    config.codec().fold(),
                    config.unet().norm().groups()))
            : Optional.empty();
  }

  /**
   * Returns its blocks.
   *
   * @return the names that lead to their parameters, in no order that counts
   */
  public Map<String, NetworkBlock> blocks() {
    Map<String, NetworkBlock> blocks = new LinkedHashMap<>();
    blocks.put("noise", noise);
    guidance.ifPresent(block -> blocks.put("guidance", block));
    blocks.put("unet", unet);
    refiner.ifPresent(block -> blocks.put("refine", block));
    depth.ifPresent(block -> blocks.put("depth", block));
    return blocks;
  }

  /** Stores the U-Net's weights in the precision that it computes in, for inference alone. */
  public void narrow() {
    Weights.narrow(unet, precision);
  }

  /**
   * Tells whether there is a depth head.
   *
   * @return whether depth can be asked for
   */
  public boolean hasDepth() {
    return depth.isPresent();
  }

  /**
   * Predicts.
   *
   * @param store where the parameters' values are
   * @param manager owns the result and the intermediates
   * @param scaledX the noisy state scaled to unit variance, (N, C, S, S)
   * @param cNoise the transformed sigma, (N)
   * @param conditioning the encoded condition, null values in place
   * @param withDepth whether the depth head runs, too
   * @return the prediction, float32
   */
  public Prediction predict(
      ParameterStore store,
      NDManager manager,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning,
      boolean withDepth) {
    UNetInputs in = inputs(store, manager, scaledX, cNoise, conditioning);
    List<NDArray> said = new ArrayList<>();
    NDArray raw =
        unet.apply(
            store,
            manager,
            in,
            features -> {
              if (withDepth) {
                said.add(depth.orElseThrow().apply(store, manager, features));
              }
            });
    int fold = config.codec().fold();
    raw = TorchOps.unfold(raw, fold);
    if (refiner.isPresent()) {
      PixelRefiner refine = refiner.get();
      NDArray x = precision.narrow(manager, scaledX);
      raw =
          ActivationCheckpointing.segment(
              0, manager, (m, read) -> refine.apply(store, m, read), raw, x, in.embedding());
    }
    return new Prediction(
        precision.widen(manager, raw),
        said.stream()
            .findFirst()
            .map(head -> precision.widen(manager, TorchOps.unfold(head, fold))));
  }

  /**
   * Runs the U-Net's way down alone: the features that a discriminator looks through.
   *
   * @param store where the parameters' values are
   * @param manager owns the result and the intermediates
   * @param scaledX the noisy state scaled to unit variance, (N, C, S, S)
   * @param cNoise the transformed sigma, (N)
   * @param conditioning the encoded condition, null values in place
   * @param levels how many levels, 1 to the configuration's
   * @return the features each level ends with, finest first, (N, width, H, W), float32
   */
  public NDList features(
      ParameterStore store,
      NDManager manager,
      NDArray scaledX,
      NDArray cNoise,
      Conditioning conditioning,
      int levels) {
    UNetInputs in = inputs(store, manager, scaledX, cNoise, conditioning);
    NDList maps = new NDList();
    for (NDArray map : unet.features(store, manager, in, levels)) {
      maps.add(precision.widen(manager, map));
    }
    return maps;
  }

  /** The U-Net's inputs, in the precision it computes in. */
  private UNetInputs inputs(
      ParameterStore store, NDManager manager, NDArray scaledX, NDArray cNoise, Conditioning c) {
    NDArray level = noise.apply(store, manager, cNoise);
    // The graph is cut where several parts of the network read.
    NDArray posed = c.pose() == null ? null : ActivationCheckpointing.cut(manager, c.pose());
    NDList embeddings = posed == null ? new NDList(level) : new NDList(level, posed);
    if (guidance.isPresent()) {
      NDArray weight = c.guidance() == null ? ZEROS.call(manager, new NDList(level)) : c.guidance();
      embeddings.add(guidance.get().apply(store, manager, weight));
    }
    TorchFunction embed = List.of(EMBED_ALONE, EMBED, EMBED_GUIDED).get(embeddings.size() - 1);
    NDArray embedding = embed.call(manager, embeddings);
    embedding = ActivationCheckpointing.cut(manager, precision.narrow(manager, embedding));
    NDArray state = foldAndJoin(manager, scaledX, c.state());
    return new UNetInputs(
        ActivationCheckpointing.cut(manager, precision.narrow(manager, state)),
        embedding,
        posed == null ? null : precision.narrow(manager, posed),
        ActivationCheckpointing.cut(manager, precision.narrow(manager, c.tokens())));
  }

  private NDArray foldAndJoin(NDManager manager, NDArray x, NDArray condition) {
    int fold = config.codec().fold();
    String folded = fold == 1 ? "x" : "torch.pixel_unshuffle(x, " + fold + ")";
    return TorchFunction.of("x: Tensor, c: Tensor", "return torch.cat([" + folded + ", c], 1)")
        .call(manager, new NDList(x, condition));
  }

  /**
   * Counts multiply-adds of one pass by part.
   *
   * @return {@code unet} and, where they are, {@code refine} and {@code depth}
   */
  public Map<String, Long> multiplyAdds() {
    Map<String, Long> parts = new LinkedHashMap<>();
    long pixels = (long) config.imageSize() * config.imageSize();
    long positions = (long) config.gridSize(0) * config.gridSize(0);
    parts.put("unet", unet.multiplyAdds());
    refiner.ifPresent(block -> parts.put("refine", block.multiplyAddsAt(pixels)));
    depth.ifPresent(block -> parts.put("depth", block.multiplyAddsAt(positions)));
    return parts;
  }

  /**
   * Counts what training keeps of one sample.
   *
   * @return the counts in the order of the forward pass
   */
  public List<ActivationCount> activations() {
    List<ActivationCount> counts = new ArrayList<>(unet.activations());
    depth.ifPresent(block -> counts.add(block.activations(config.gridSize(0))));
    refiner.ifPresent(block -> counts.add(block.activations(config.imageSize())));
    return counts;
  }
}
