package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.EpsScaling;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;
import java.io.IOException;
import java.util.Map;

/** The U-Net of {@link Zero123Fixture} with its embedding, which predicts the noise. */
public final class TinyZero123 extends NetworkBlock implements DenoiserNetwork {

  private static final TorchFunction JOIN =
      TorchFunction.of("x: Tensor, c: Tensor", "return torch.cat([x, c], 1)");
  private static final TorchFunction SILU = TorchFunction.of("x: Tensor", "return torch.silu(x)");

  private final UNet unet = new UNet(Zero123Fixture.UNET, 8, 4, 8, 1);
  private final TimestepEmbedding noise = new TimestepEmbedding(8, 32);

  /** Reads the fixture's weights. */
  public TinyZero123(Zero123Fixture fixture) throws IOException {
    addChildBlock("noise", noise);
    addChildBlock("unet", unet);
    fixture.load(Map.of("unet", unet, "noise", noise));
  }

  /** Conditions of the fixtures are encoded. */
  @Override
  public Conditioning condition(ParameterStore store, ViewContext context) {
    throw new UnsupportedOperationException("the condition is encoded");
  }

  /** Predicts the noise in latents of preserved variance, (N, 4, 8, 8), at timesteps (N). */
  @Override
  public NDArray predict(
      ParameterStore store, NDArray scaledX, NDArray timesteps, Conditioning conditioning) {
    NDArray t = timesteps.toType(scaledX.getDataType(), false);
    NDArray embedding = SILU.call(noise.apply(store, scaledX.getManager(), t));
    NDArray state = JOIN.call(scaledX, conditioning.state());
    return unet.forward(store, new NDList(state, embedding, conditioning.tokens()), true).head();
  }

  /** The network as a denoiser in EDM time. */
  public Denoiser denoiser(ParameterStore store) {
    return denoiser(store, new EpsScaling(DiscreteSchedule.latentDiffusion()));
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    throw new UnsupportedOperationException("only predict");
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}
