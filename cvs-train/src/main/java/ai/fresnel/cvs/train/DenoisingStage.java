package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.loss.DenoisingLoss;
import ai.fresnel.cvs.train.loss.DepthLoss;
import ai.fresnel.cvs.train.loss.RenderingLoss;
import ai.fresnel.cvs.train.loss.SampleLoss;
import ai.fresnel.cvs.train.loss.WeightedLosses;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;

/** Stage 1: learn to denoise (Karras et al. 2022, section 5), and what belongs to it. */
final class DenoisingStage implements Stage {

  private final Preconditioning preconditioning;
  private final LogNormalLevels levels;
  private final double conditionDropout;
  private final boolean withDepth;
  private final boolean withView;
  private final Loss loss;

  DenoisingStage(Preconditioning preconditioning, LogNormalLevels levels, double conditionDropout) {
    this(preconditioning, levels, conditionDropout, 0, 0, null);
  }

  /**
   * @param depth the weight of the depth loss, whose network has a head for it; 0 = none
   * @param rendering the weight of the rendering loss, whose network has a volume; 0 = none
   * @param codec makes pictures of states for it
   */
  DenoisingStage(
      Preconditioning preconditioning,
      LogNormalLevels levels,
      double conditionDropout,
      double depth,
      double rendering,
      PictureCodec codec) {
    this.preconditioning = preconditioning;
    this.levels = levels;
    this.conditionDropout = conditionDropout;
    withDepth = depth > 0;
    withView = rendering > 0;
    SampleLoss denoising = new DenoisingLoss();
    if (!withDepth && !withView) {
      loss = denoising;
      return;
    }
    WeightedLosses losses = new WeightedLosses().add(denoising, 1);
    if (withDepth) {
      losses.add(new DepthLoss(), depth, 1);
    }
    if (withView) {
      losses.add(new RenderingLoss(codec), rendering, withDepth ? 2 : 1);
    }
    loss = losses;
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
    NDList labels = new NDList(batch.x0(), preconditioning.lossWeight(sigma));
    if (withDepth) {
      labels.add(batch.depth());
      labels.add(sigma.onesLike());
    }
    if (withView) {
      labels.add(batch.x0());
      labels.add(sigma.onesLike());
    }
    return new StepInputs(data, labels);
  }
}
