package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.loss.ViewWarp;
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
      NDManager manager, TrainingBatch batch, StudentGoal goal, double progress) {
    TrainingConfig config = goal.config();
    List<LevelPairs.Pair> levels =
        goal.levels().draw(goal.schedule(), batch.seeds(), NoisyBatch.LEVEL, progress);
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
   * Completes the step.
   *
   * @param target what the student shall give for x, (N, ...)
   * @param progress the share of the run that is done
   */
  StepInputs inputs(NDArray target, StudentGoal goal, double progress) {
    TrainingConfig settings = goal.config();
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
    if (goal.adversary() != null) {
      labels.addAll(goal.adversary().labels(x.getManager(), clean, progress));
    }
    if (settings.depth() > 0) {
      labels.add(clean.depth());
      labels.add(sigma.onesLike());
    }
    if (settings.rendering() > 0) {
      labels.add(clean.x0());
      labels.add(sigma.onesLike());
    }
    if (config.trainTeacher()) {
      labels.add(clean.x0());
      labels.add(goal.preconditioning().lossWeight(sigma));
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
