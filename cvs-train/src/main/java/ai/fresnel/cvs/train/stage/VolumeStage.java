package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.FrustumLabel;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.OccupancyLoss;
import ai.fresnel.cvs.train.objective.OpacityLoss;
import ai.fresnel.cvs.train.objective.RenderingLoss;
import ai.fresnel.cvs.train.objective.SourceDepthLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Before stage 1: learn to render other views of the photograph's volume, without noise, and where
 * depth is known and has a weight, what is where.
 */
final class VolumeStage implements Stage {

  private final StateCodec codec;
  private final Objective<NoisySamples> objective;

  VolumeStage(ModelConfig model, StageConfig.SceneAlone config) {
    codec = StateCodec.of(model);
    List<Term<? super NoisySamples, ?>> terms = new ArrayList<>();
    terms.add(
        new Term<NoisySamples, Label>(
            "rendering",
            1,
            new RenderingLoss(codec),
            Outputs.RENDERED,
            samples -> new Label(samples.x0(), samples.ones())));
    if (config.opacity() > 0) {
      terms.add(
          new Term<NoisySamples, Label>(
              "opacity",
              config.opacity(),
              new OpacityLoss(),
              Outputs.OPACITY,
              samples -> new Label(samples.depth(), samples.ones())));
    }
    if (config.sourceDepth() > 0) {
      terms.add(
          new Term<NoisySamples, FrustumLabel>(
              "sourceDepth",
              config.sourceDepth(),
              new SourceDepthLoss(),
              Outputs.DENSITY,
              samples -> FrustumLabel.of(samples.sourceDepth(), cameras(samples), samples.ones())));
    }
    if (config.occupancy() > 0) {
      OccupancyLoss loss = new OccupancyLoss(model.volume().slices(), model.gridSize(0));
      terms.add(
          new Term<NoisySamples, FrustumLabel>(
              "occupancy",
              config.occupancy(),
              loss,
              Outputs.DENSITY,
              samples ->
                  loss.carved(
                      cameras(samples), samples.depth(), samples.sourceDepth(), samples.ones())));
    }
    objective = new Objective<>(terms);
  }

  private static CameraBatch cameras(NoisySamples samples) {
    return new CameraBatch(samples.context().cameras());
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    // One sigma for all: reports tell losses apart by it.
    NDArray sigma = manager.ones(new Shape(batch.size()));
    NDArray x0 = codec.encode(batch.targets());
    NoisySamples clean = new NoisySamples(batch, x0, x0, sigma, batch.context(), Optional.empty());
    return new StepInputs(x0, sigma, StepCondition.raw(batch.context()), objective.label(clean));
  }
}
