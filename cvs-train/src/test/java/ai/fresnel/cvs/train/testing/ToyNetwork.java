package ai.fresnel.cvs.train.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;

/**
 * A network over points (N, D) without conditions: a three-layer MLP of the point and its level.
 */
public final class ToyNetwork extends FusedBlock implements DenoiserNetwork {

  private static final int FEATURES = 16;

  private final Precision precision;

  public ToyNetwork(int dimensions, int width) {
    this(dimensions, width, Precision.FLOAT32);
  }

  public ToyNetwork(int dimensions, int width, Precision precision) {
    this.precision = precision;
    Product in = linear("in", 1, dimensions + FEATURES, width);
    Product mid = linear("mid", 1, width, width);
    Product mid2 = linear("mid2", 1, width, width);
    Product out = linear("out", 0, width, dimensions);
    define(
        "x, level",
        String.join(
            "\n",
            "f = torch.type_as(torch.linspace(0.5, 4., 8), level)",
            "a = torch.unsqueeze(level, 1) * torch.unsqueeze(f, 0)",
            "h = torch.cat([x, torch.cos(a), torch.sin(a)], 1)",
            "h = torch.silu(" + in.of("h") + ")",
            "h = torch.silu(" + mid.of("h") + ")",
            "h = torch.silu(" + mid2.of("h") + ")",
            "return " + out.of("h")));
  }

  @Override
  public Conditioning condition(ParameterStore store, ViewContext context) {
    return Conditioning.none();
  }

  @Override
  public NDArray predict(
      ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
    NDManager manager = scaledX.getManager();
    NDArray x = precision.narrow(manager, scaledX);
    return precision.widen(manager, apply(store, manager, x, precision.narrow(manager, cNoise)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }
}
