package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.nn.VolumeEncoder;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.CarriedPixels;
import ai.fresnel.cvs.scene.ChannelLayout;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.FrustumVolume;
import ai.fresnel.cvs.scene.FusedRenderer;
import ai.fresnel.cvs.scene.FusedVolumes;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The photograph's volume as the target camera sees it: the geometry of the move, computed. In a
 * residual model it is rendered at the image's size, with the photograph's pixels carried to it
 * beside it, and folded as the noisy state is; its colours are the mean that the network predicts
 * the difference from.
 */
final class RenderedCondition extends Condition {

  private static final TorchFunction JOIN =
      TorchFunction.of("a: Tensor, b: Tensor", "return torch.cat([a, b], 1)");

  private final VolumeEncoder encoder;
  private final FrustumRenderer renderer;
  private final FusedRenderer fused;
  private final Optional<Residual> residual;

  /** What a residual model adds to the view, which is as large as its image. */
  private record Residual(CarriedPixels carried, int fold) {

    static Residual of(ModelConfig config) {
      return new Residual(new CarriedPixels(config, config.imageSize()), config.codec().fold());
    }

    ChannelLayout layout(ChannelLayout ofView) {
      return ofView.with(carried.layout());
    }

    NDArray render(NDManager manager, FrustumVolume volume, CameraBatch cameras) {
      NDArray view = volume.render(manager, cameras).joined();
      return folded(manager, view, carried.carry(manager, cameras, volume, view));
    }

    NDArray render(NDManager manager, FusedVolumes volumes, CameraBatch cameras) {
      NDArray view = volumes.render(manager, cameras).joined();
      return folded(manager, view, volumes.carry(manager, cameras, view));
    }

    private NDArray folded(NDManager manager, NDArray view, NDArray pixels) {
      NDArray joined = JOIN.call(manager, new NDList(view, pixels));
      // The network reads it, and the mean is taken from it.
      return ActivationCheckpointing.cut(manager, TorchOps.fold(joined, fold));
    }

    Rendering unfolded(NDArray value, ChannelLayout ofView) {
      return new Rendering(TorchOps.unfold(value, fold), layout(ofView));
    }
  }

  RenderedCondition(ModelConfig config) {
    super("rendered", Slot.CONCAT);
    encoder = block("volume", new VolumeEncoder(config));
    boolean isResidual = config.volume().residual();
    int side = isResidual ? config.imageSize() : config.gridSize(0);
    renderer = new FrustumRenderer(config, side);
    fused = new FusedRenderer(config, side);
    residual = isResidual ? Optional.of(Residual.of(config)) : Optional.empty();
  }

  @Override
  int channels() {
    return residual
        .map(more -> more.layout(renderer.layout()).channels() * more.fold() * more.fold())
        .orElseGet(() -> renderer.layout().channels());
  }

  @Override
  void encode(Encoding encoding) {
    NDArray slices =
        encoder.apply(
            encoding.store(),
            encoding.manager(),
            encoding.getNarrow(PhotographCode.PHOTOGRAPH),
            encoding.getNarrow(PhotographCode.TOKENS));
    encoding.putNarrow(PhotographCode.VOLUME, slices);
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, PhotographCode code, CameraBatch cameras) {
    return residual
        .map(more -> more.render(manager, scene(code), cameras))
        .orElseGet(() -> scene(code).render(manager, cameras).joined());
  }

  @Override
  NDArray value(
      ParameterStore store,
      NDManager manager,
      FusedCode object,
      CameraBatch cameras,
      FusedCode.Nearest nearest) {
    FusedVolumes volumes = scene(object);
    return residual
        .map(more -> more.render(manager, volumes, cameras))
        .orElseGet(() -> volumes.render(manager, cameras).joined());
  }

  @Override
  Optional<NDArray> mean(NDManager manager, NDArray value) {
    return residual
        .map(more -> more.unfolded(value, renderer.layout()).colour())
        .map(colour -> ActivationCheckpointing.cut(manager, colour));
  }

  /**
   * The objects in space, rendered at the size of the grid, or of the image by a residual model.
   */
  FrustumVolume scene(PhotographCode code) {
    return renderer.volume(code.get(PhotographCode.VOLUME), code.get(PhotographCode.PHOTOGRAPH));
  }

  /** One object in space, as all its photographs show it. */
  FusedVolumes scene(FusedCode object) {
    PhotographCode all = object.photographs();
    NDArray photographs = all.get(PhotographCode.PHOTOGRAPH);
    return new FusedVolumes(fused, object.places(), all.get(PhotographCode.VOLUME), photographs);
  }

  /** Names the parts of what {@link #value} returned. */
  Rendering rendering(NDArray value) {
    return residual
        .map(more -> more.unfolded(value, renderer.layout()))
        .orElseGet(() -> new Rendering(value, renderer.layout()));
  }

  @Override
  Map<String, Long> multiplyAdds() {
    return Map.of("volume", encoder.multiplyAdds());
  }

  @Override
  List<ActivationCount> activations() {
    List<ActivationCount> counts = new ArrayList<>(encoder.activations());
    counts.add(ActivationCount.of(renderer));
    return counts;
  }
}
