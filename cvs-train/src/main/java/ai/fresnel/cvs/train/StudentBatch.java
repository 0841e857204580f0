package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.Preconditioning;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.encoder.PictureCodec;
import ai.fresnel.cvs.train.eval.Lpips;
import ai.fresnel.cvs.train.loss.DenoisingLoss;
import ai.fresnel.cvs.train.loss.DepthLoss;
import ai.fresnel.cvs.train.loss.MultiViewLoss;
import ai.fresnel.cvs.train.loss.PerceptualLoss;
import ai.fresnel.cvs.train.loss.PhotometricLoss;
import ai.fresnel.cvs.train.loss.PseudoHuberLoss;
import ai.fresnel.cvs.train.loss.SampleLoss;
import ai.fresnel.cvs.train.loss.ViewWarp;
import ai.fresnel.cvs.train.loss.WeightedLosses;
import ai.fresnel.cvs.train.schedule.LevelPairs;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What every step of stage 2 begins with, noisy states on the upper of two levels and their
 * conditions, and ends with, the labels of its losses.
 *
 * @param clean the batch the states were made of
 * @param x the states, (N, ...)
 * @param sigma their levels, (N)
 * @param sigmaNext the lower levels, (N)
 * @param conditions the network's conditions with the mask of those kept and, where the student
 *     learns guidance, its weights (N); empty without conditions
 * @param levels both levels as numbers
 */
record StudentBatch(
    TrainingBatch clean,
    NDArray x,
    NDArray sigma,
    NDArray sigmaNext,
    NDList conditions,
    List<LevelPairs.Pair> levels) {

  static StudentBatch draw(
      NDManager manager,
      TrainingBatch batch,
      NoiseSchedule schedule,
      LevelPairs pairs,
      TrainingConfig config,
      double progress) {
    List<LevelPairs.Pair> levels = pairs.draw(schedule, batch.seeds(), NoisyBatch.LEVEL, progress);
    NDArray sigma = numbers(manager, levels, LevelPairs.Pair::sigma);
    NDList conditions = NoisyBatch.conditions(manager, batch, config.conditionDropout());
    StudentConfig student = config.student();
    if (student.learnsGuidance() && !conditions.isEmpty()) {
      conditions.add(guidance(manager, batch.seeds(), student));
    }
    return new StudentBatch(
        batch,
        NoisyBatch.noisy(manager, batch, sigma),
        sigma,
        numbers(manager, levels, LevelPairs.Pair::sigmaNext),
        conditions,
        levels);
  }

  private static NDArray guidance(NDManager manager, long[] seeds, StudentConfig config) {
    float[] weights = new float[seeds.length];
    for (int i = 0; i < weights.length; i++) {
      double u = SampleNoise.uniform(seeds[i], NoisyBatch.GUIDANCE, 1)[0];
      weights[i] =
          (float) (config.minGuidance() + u * (config.maxGuidance() - config.minGuidance()));
    }
    return manager.create(weights);
  }

  /**
   * The loss whose labels {@link #inputs} makes.
   *
   * @param settings the run's
   * @param codec makes pictures of states; null where no loss compares pictures
   * @param lpips null where no loss needs it
   */
  static Loss loss(TrainingConfig settings, PictureCodec codec, Lpips lpips) {
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
    // Predictions: the student's picture, its depth, the picture of a teacher that is trained.
    if (settings.depth() > 0) {
      losses.add(new DepthLoss(), settings.depth(), 1);
    }
    if (config.trainTeacher()) {
      losses.add(new DenoisingLoss(), 1, settings.depth() > 0 ? 2 : 1);
    }
    return losses;
  }

  /**
   * Completes the step.
   *
   * @param target what the student shall give for x, (N, ...)
   * @param preconditioning of the teacher, where it is trained
   */
  StepInputs inputs(NDArray target, Preconditioning preconditioning, TrainingConfig settings) {
    StudentConfig config = settings.student();
    NDList data = new NDList(x, sigma);
    data.addAll(conditions);
    NDList labels = new NDList(target, each(pair -> config.weighting().weight(pair)));
    for (double weight : new double[] {config.photometric(), config.perceptual()}) {
      if (weight > 0) {
        labels.add(clean.x0());
        labels.add(each(pair -> pair.sigma() <= config.truthSigma() ? 1 : 0));
      }
    }
    if (config.multiView() > 0) {
      // The second of a view's conditions is its camera.
      labels.add(ViewWarp.partners(clean.depth(), clean.conditions().get(1)));
      labels.add(sigma.onesLike());
    }
    if (settings.depth() > 0) {
      labels.add(clean.depth());
      labels.add(sigma.onesLike());
    }
    if (config.trainTeacher()) {
      labels.add(clean.x0());
      labels.add(preconditioning.lossWeight(sigma));
    }
    return new StepInputs(data, labels);
  }

  /** A number of each pair, (N). */
  NDArray each(ToDoubleFunction<LevelPairs.Pair> number) {
    return numbers(x.getManager(), levels, number);
  }

  private static NDArray numbers(
      NDManager manager, List<LevelPairs.Pair> pairs, ToDoubleFunction<LevelPairs.Pair> number) {
    return NoisyBatch.levels(manager, pairs.stream().mapToDouble(number).toArray());
  }
}
