package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.loss.RenderingLoss;

/** Before stage 1: learn what the photograph says of other views, without noise. */
final class VolumeStage implements Stage {

  private final Loss loss;

  VolumeStage(PictureCodec codec) {
    loss = new RenderingLoss(codec);
  }

  @Override
  public Loss loss() {
    return loss;
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    // One level for all: losses are told apart by it.
    NDArray sigma = manager.ones(new Shape(batch.seeds().length));
    NDList data = new NDList(batch.x0(), sigma);
    data.addAll(batch.conditions());
    return new StepInputs(data, new NDList(batch.x0(), sigma));
  }
}
