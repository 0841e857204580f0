package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.train.loss.DenoisingLoss;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;

/** Stage 1: learn to denoise (Karras et al. 2022, section 5). */
final class DenoisingStage implements Stage {

  private final Preconditioning preconditioning;
  private final LogNormalLevels levels;
  private final double conditionDropout;
  private final Loss loss = new DenoisingLoss();

  DenoisingStage(Preconditioning preconditioning, LogNormalLevels levels, double conditionDropout) {
    this.preconditioning = preconditioning;
    this.levels = levels;
    this.conditionDropout = conditionDropout;
  }

  @Override
  public Loss loss() {
    return loss;
  }

  @Override
  public StepInputs prepare(NDManager manager, TrainingBatch batch, double progress) {
    NDArray sigma = NoisyBatch.levels(manager, levels.draw(batch.seeds(), NoisyBatch.LEVEL));
    NDList data = new NDList(NoisyBatch.noisy(manager, batch, sigma), sigma);
    data.addAll(NoisyBatch.conditions(manager, batch, conditionDropout));
    return new StepInputs(data, new NDList(batch.x0(), preconditioning.lossWeight(sigma)));
  }
}
