package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ActivationCount;
import ai.fresnel.cvs.nn.VolumeEncoder;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.Rendering;
import ai.fresnel.cvs.scene.Scene;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The photograph's volume as the target camera sees it: the geometry of the move, computed. */
final class RenderedCondition extends Condition {

  private final VolumeEncoder encoder;
  private final FrustumRenderer renderer;

  RenderedCondition(ModelConfig config) {
    super("rendered", Slot.CONCAT);
    encoder = block("volume", new VolumeEncoder(config));
    renderer = new FrustumRenderer(config);
  }

  @Override
  int channels() {
    return renderer.layout().channels();
  }

  @Override
  void encode(Encoding encoding) {
    NDArray slices =
        encoder.apply(
            encoding.store(),
            encoding.manager(),
            encoding.getNarrow(ObjectCode.PHOTOGRAPH),
            encoding.getNarrow(ObjectCode.TOKENS));
    encoding.putNarrow(ObjectCode.VOLUME, slices);
  }

  @Override
  NDArray value(ParameterStore store, NDManager manager, ObjectCode code, CameraBatch cameras) {
    return scene(code).render(manager, cameras).joined();
  }

  /** The objects in space. */
  Scene scene(ObjectCode code) {
    return renderer.volume(code.get(ObjectCode.VOLUME), code.get(ObjectCode.PHOTOGRAPH));
  }

  /** Names the parts of what {@link #value} returned. */
  Rendering rendering(NDArray value) {
    return new Rendering(value, renderer.layout());
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
