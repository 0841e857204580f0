package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.Objective;
import ai.fresnel.cvs.train.objective.RenderingLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.view.Outputs;
import java.util.List;

/** Before stage 1: learn to render other views of the photograph's volume, without noise. */
final class VolumeStage implements Stage {

  private final StateCodec codec;
  private final Objective<NoisySamples> objective;

  VolumeStage(StateCodec codec) {
    this.codec = codec;
    objective =
        new Objective<>(
            List.of(
                new Term<>(
                    "rendering",
                    1,
                    new RenderingLoss(codec),
                    Outputs.RENDERED,
                    samples -> new Label(samples.x0(), samples.ones()))));
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    // One sigma for all: reports tell losses apart by it.
    NDArray sigma = manager.ones(new Shape(batch.size()));
    NDArray x0 = codec.encode(batch.targets());
    NoisySamples clean = new NoisySamples(batch, x0, x0, sigma, batch.context());
    return new StepInputs(x0, sigma, StepCondition.raw(batch.context()), objective.label(clean));
  }
}
