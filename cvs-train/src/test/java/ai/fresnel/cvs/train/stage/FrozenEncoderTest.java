package ai.fresnel.cvs.train.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.fresnel.cvs.block.NetworkBlock;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.GaussianToy;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.ToyRun;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.testing.ToyNetwork;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrozenEncoderTest {

  /** An encoder used as it was published has no gradients: it is neither moved nor in the way. */
  @Test
  void frozenEncodersAreNotTrained() {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      trainBeside(manager);
    }
  }

  private static void trainBeside(NDManager manager) {
    ToyNetwork trained = new ToyNetwork(2, 4);
    WithEncoder network = new WithEncoder(trained);
    Weights.initialize(network, manager, 1);
    Weights.freeze(network, false);
    Map<String, NDArray> frozen = Weights.arrays(network.encoder);
    frozen.values().forEach(array -> array.setRequiresGradient(false));
    float[] before = frozen.get("in.weight").toFloatArray();
    float[] start = Weights.arrays(trained).get("in.weight").toFloatArray();
    TrainingConfig config =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .optimization(o -> o.withWeightDecay(0.5))
            .build();
    Stage stage = ToyTraining.denoising(new EdmScaling(0.5), new LogNormalSigmas(-1, 1), 0);
    ToyRun.run(
        stage,
        DenoiserBlock.denoiser(network, new EdmScaling(0.5)),
        ToyTraining.points(GaussianToy.anisotropic(), 4, 1),
        config);
    assertArrayEquals(before, frozen.get("in.weight").toFloatArray());
    assertFalse(Arrays.equals(start, Weights.arrays(trained).get("in.weight").toFloatArray()));
  }

  /** A network beside an encoder that is never trained. */
  private static final class WithEncoder extends AbstractBlock implements DenoiserNetwork {

    private final ToyNetwork trained;
    final Frozen encoder;

    WithEncoder(ToyNetwork trained) {
      this.trained = addChildBlock("trained", trained);
      this.encoder = addChildBlock("encoder", new Frozen());
    }

    @Override
    public Conditioning condition(ParameterStore store, ViewContext context) {
      return trained.condition(store, context);
    }

    @Override
    public NDArray predict(
        ParameterStore store, NDArray scaledX, NDArray cNoise, Conditioning conditioning) {
      return trained.predict(store, scaledX, cNoise, conditioning);
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return trained.forward(store, inputs, training);
    }

    @Override
    protected void initializeChildBlocks(NDManager owner, DataType dataType, Shape... inputShapes) {
      trained.initialize(owner, dataType, inputShapes);
      encoder.initialize(owner, dataType, inputShapes);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  /** What DINOv2 is to a network. */
  private static final class Frozen extends NetworkBlock {

    Frozen() {
      addChildBlock("", new ToyNetwork(2, 4));
    }

    @Override
    protected boolean isTrainable() {
      return false;
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }
}
