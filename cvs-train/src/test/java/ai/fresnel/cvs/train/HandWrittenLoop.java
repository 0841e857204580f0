package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.objective.DenoisingLoss;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.view.ViewModel;
import java.util.Map;

/** The loop of docs/training.md, word for word. */
final class HandWrittenLoop {

  private HandWrittenLoop() {}

  // docs
  static float train(PairSource pairs, ModelConfig config, int steps) {
    Scaling preconditioning = new EdmScaling(config.sigmaData());
    LogNormalSigmas sigmas = new LogNormalSigmas(config.noise().mean(), config.noise().deviation());
    Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build();
    Loss denoising = new DenoisingLoss();
    float last = 0;
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewModel network = new ViewModel(config);
      Weights.initialize(network, manager, 0);
      Map<String, NDArray> weights = Weights.trainable(network);
      for (int step = 0; step < steps; step++) {
        try (NDManager scope = manager.newSubManager();
            GradientCollector collector = TorchRuntime.engine().newGradientCollector()) {
          ViewBatch batch = pairs.batch(step);
          TrainingBatch views = batch.on(scope);
          NDArray x0 = StateCodec.of(config).encode(views.targets());
          NDArray sigma =
              scope.create(sigmas.draw(batch.sampleSeeds(), 1)).toType(x0.getDataType(), false);
          NDArray noise = SampleNoise.normal(scope, batch.sampleSeeds(), 0, x0.getShape().slice(1));
          NDArray x = NoiseSchedule.edm().addNoise(x0, noise, sigma);

          ParameterStore store = new ParameterStore(scope, false);
          Conditioning condition = network.condition(store, views.context());
          NDArray predicted = network.denoiser(store, preconditioning).denoise(x, sigma, condition);
          NDArray weight = preconditioning.lossWeight(sigma);
          NDArray loss = denoising.evaluate(new NDList(x0, weight), new NDList(predicted));
          collector.backward(loss);
          last = loss.getFloat();
        }
        weights.forEach((name, weight) -> adam.update(name, weight, weight.getGradient()));
        weights.values().forEach(weight -> weight.getGradient().subi(weight.getGradient()));
      }
    }
    return last;
  }
  // end
}
