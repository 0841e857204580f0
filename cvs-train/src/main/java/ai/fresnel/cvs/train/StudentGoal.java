package ai.fresnel.cvs.train;

import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.eval.Lpips;
import ai.fresnel.cvs.train.loss.DenoisingLoss;
import ai.fresnel.cvs.train.loss.DepthLoss;
import ai.fresnel.cvs.train.loss.MultiViewLoss;
import ai.fresnel.cvs.train.loss.PerceptualLoss;
import ai.fresnel.cvs.train.loss.PhotometricLoss;
import ai.fresnel.cvs.train.loss.PseudoHuberLoss;
import ai.fresnel.cvs.train.loss.RenderingLoss;
import ai.fresnel.cvs.train.loss.SampleLoss;
import ai.fresnel.cvs.train.loss.WeightedLosses;
import ai.fresnel.cvs.train.schedule.LevelPairs;

/**
 * What every stage of a student has: where its noisy states come from and what it shall learn at
 * them. {@link StudentBatch} makes the labels of the loss.
 *
 * @param preconditioning the student's, and that of a teacher that is trained
 * @param schedule the range of noise levels
 * @param levels which of them are paired
 * @param config weights and dropout
 * @param adversary plays against the student; null for none
 * @param loss the sum of all losses
 */
record StudentGoal(
    Preconditioning preconditioning,
    NoiseSchedule schedule,
    LevelPairs levels,
    TrainingConfig config,
    Adversary adversary,
    Loss loss) {

  /**
   * Adds up the losses that the settings name.
   *
   * @param codec makes pictures of states; null where no loss compares pictures
   * @param lpips null where no loss needs it
   * @param adversary null where the adversarial loss has no weight
   */
  static StudentGoal of(
      Preconditioning preconditioning,
      NoiseSchedule schedule,
      LevelPairs levels,
      TrainingConfig settings,
      PictureCodec codec,
      Lpips lpips,
      Adversary adversary) {
    StudentConfig config = settings.student();
    PerceptualLoss perceptual = lpips == null ? null : new PerceptualLoss(lpips, codec);
    SampleLoss distance =
        switch (config.distance()) {
          case PSEUDO_HUBER -> new PseudoHuberLoss();
          case SQUARED -> new DenoisingLoss();
          case LPIPS -> perceptual;
        };
    WeightedLosses losses = new WeightedLosses().add(distance, 1);
    if (config.photometric() > 0) {
      losses.add(new PhotometricLoss(), config.photometric());
    }
    if (config.perceptual() > 0) {
      losses.add(perceptual, config.perceptual());
    }
    if (config.multiView() > 0) {
      losses.add(new MultiViewLoss(codec), config.multiView());
    }
    if (adversary != null) {
      losses.add(adversary.loss(), config.adversarial());
    }
    // Predictions: the student's picture, its depth and the view rendered of its volume, the
    // picture of a teacher that is trained.
    if (settings.depth() > 0) {
      losses.add(new DepthLoss(), settings.depth(), 1);
    }
    if (settings.rendering() > 0) {
      losses.add(new RenderingLoss(codec), settings.rendering(), settings.heads());
    }
    if (config.trainTeacher()) {
      losses.add(new DenoisingLoss(), 1, 1 + settings.heads());
    }
    return new StudentGoal(preconditioning, schedule, levels, settings, adversary, losses);
  }
}
