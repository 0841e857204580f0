package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.diffusion.Broadcast;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.train.config.GuidanceConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Arrays;
import java.util.Optional;

/**
 * A batch with noise: the first thing that each stage makes, and what labels are made of.
 *
 * @param batch the batch
 * @param x0 its target views as clean states, (N, ...)
 * @param x x0 + sigma·noise, (N, ...)
 * @param sigma the noise's sigmas, (N)
 * @param context the batch's context with the mask of kept conditions
 * @param onePass which samples start one pass without noise instead: 1 or 0, (N); empty where none
 */
record NoisySamples(
    TrainingBatch batch,
    NDArray x0,
    NDArray x,
    NDArray sigma,
    ViewContext context,
    Optional<NDArray> onePass) {

  private static final TorchFunction START =
      TorchFunction.of(
          "x: Tensor, start: Tensor, chosen: Tensor",
          """
          m = torch.reshape(chosen, [-1, 1, 1, 1])
          return torch.where(torch.gt(m, 0.5), start, x)
          """);

  /**
   * Adds noise.
   *
   * @param sigmas N of them
   * @param conditionDropout the share of samples whose condition is dropped
   */
  static NoisySamples draw(
      NDManager manager,
      TrainingBatch batch,
      StateCodec codec,
      double[] sigmas,
      double conditionDropout) {
    NDArray sigma = numbers(manager, sigmas);
    NDArray x0 = batch.targetStates().orElseGet(() -> codec.encode(batch.targets()));
    return new NoisySamples(
        batch,
        x0,
        noisy(manager, batch, x0, sigma),
        sigma,
        masked(manager, batch, conditionDropout),
        Optional.empty());
  }

  /** The same samples with a weight of guidance each, where the student takes it as an input. */
  NoisySamples guided(NDManager manager, GuidanceConfig guidance) {
    if (!guidance.isLearned() || context.isEmpty()) {
      return this;
    }
    double[] weights =
        Arrays.stream(batch.seeds())
            .mapToDouble(
                seed -> guidance.weight(SampleNoise.uniform(seed, NoiseStreams.GUIDANCE, 1)[0]))
            .toArray();
    ViewContext with = context.withGuidance(numbers(manager, weights));
    return new NoisySamples(batch, x0, x, sigma, with, onePass);
  }

  /**
   * The same samples, of which some start one pass as a sampler does at temperature 0.
   *
   * @param mean where they start, (N, C, S, S); empty for 0
   * @param chosen which of them: 1 or 0, (N)
   */
  NoisySamples starting(Optional<NDArray> mean, NDArray chosen) {
    NDArray start = mean.orElseGet(x::zerosLike);
    NDArray states = START.call(x, start, chosen);
    return new NoisySamples(batch, x0, states, sigma, context, Optional.of(chosen));
  }

  /** The same clean states with the same noise at other sigmas, (N, ...). */
  NDArray at(NDManager manager, NDArray sigma) {
    return noisy(manager, batch, x0, sigma);
  }

  private static NDArray noisy(NDManager manager, TrainingBatch batch, NDArray x0, NDArray sigma) {
    Shape perSample = x0.getShape().slice(1);
    NDArray noise = SampleNoise.normal(manager, batch.seeds(), NoiseStreams.NOISE, perSample);
    return noise.mul(Broadcast.expand(sigma, x0)).add(x0);
  }

  /** Numbers as an array, (N) float32. */
  static NDArray numbers(NDManager manager, double[] numbers) {
    float[] values = new float[numbers.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) numbers[i];
    }
    return TorchOps.create(manager, values, new Shape(values.length));
  }

  private static ViewContext masked(NDManager manager, TrainingBatch batch, double dropout) {
    if (batch.context().isEmpty()) {
      return batch.context();
    }
    long[] seeds = batch.seeds();
    double[] keep = new double[seeds.length];
    for (int i = 0; i < keep.length; i++) {
      keep[i] = SampleNoise.uniform(seeds[i], NoiseStreams.KEEP, 1)[0] < dropout ? 0 : 1;
    }
    return batch.context().withKeep(numbers(manager, keep));
  }

  /** A weight of 1 for each sample, (N). */
  NDArray ones() {
    return sigma.onesLike();
  }

  /** The depth of the target views, (N, 1, S, S). */
  NDArray depth() {
    return known(batch.depth());
  }

  /** The depth of the source views, (M, 1, S, S). */
  NDArray sourceDepth() {
    return known(batch.sourceDepth());
  }

  private static NDArray known(Optional<NDArray> depth) {
    return depth.orElseThrow(
        () -> new IllegalStateException("the batch has no depth, expected some"));
  }
}
