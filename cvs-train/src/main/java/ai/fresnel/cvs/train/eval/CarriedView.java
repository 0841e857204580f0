package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.scene.CarriedPixels;
import ai.fresnel.cvs.scene.FrustumRenderer;
import ai.fresnel.cvs.scene.FrustumVolume;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewSampler;

/**
 * The photograph's pixels, carried to the target view through the depth of a model's volume, on
 * white where the photograph does not show what is there: what a residual model is given.
 */
public final class CarriedView implements ViewPredictor {

  private static final TorchFunction ON_WHITE =
      TorchFunction.of(
          "image: Tensor, visibility: Tensor",
          "return image * visibility + torch.rsub(visibility, 1.)");

  private final ViewSampler sampler;
  private final NDManager manager;
  private final StateCodec codec;
  private final FrustumRenderer renderer;
  private final CarriedPixels carried;

  /**
   * Makes a predictor.
   *
   * @param config the configuration of a model with a volume
   * @param sampler encodes by that model
   * @param manager on the device of the network
   */
  public CarriedView(ModelConfig config, ViewSampler sampler, NDManager manager) {
    this.sampler = sampler;
    this.manager = manager;
    codec = StateCodec.of(config);
    renderer = new FrustumRenderer(config, config.imageSize());
    carried = new CarriedPixels(config, config.imageSize());
  }

  @Override
  public String name() {
    return "carried";
  }

  @Override
  public boolean drawsOwnView() {
    return true;
  }

  @Override
  @SuppressWarnings("try") // the handle of a gradient mode is only closed
  public float[] predict(ViewBatch batch, int sampleIndex) {
    try (NDManager sub = manager.newSubManager();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ViewContext context = batch.on(sub).context();
      PhotographCode code = sampler.encode(context.sourceOfEachView());
      CameraBatch cameras = new CameraBatch(context.cameras());
      FrustumVolume volume =
          renderer.volume(code.get(PhotographCode.VOLUME), code.get(PhotographCode.PHOTOGRAPH));
      NDArray view = volume.render(sub, cameras).joined();
      NDArray pixels = carried.carry(sub, cameras, volume, view);
      NDArray colour = carried.layout().part(sub, pixels, CarriedPixels.COLOUR);
      NDArray seen = carried.layout().part(sub, pixels, CarriedPixels.VISIBILITY);
      return ON_WHITE.call(codec.decode(colour), seen).toFloatArray();
    }
  }
}
