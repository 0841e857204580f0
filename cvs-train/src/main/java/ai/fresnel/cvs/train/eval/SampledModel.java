package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewSampler;

/**
 * A predictor that samples from a trained network. Two models start the same sample of a pair from
 * the same noise, so that a student can be compared with its teacher.
 */
public final class SampledModel implements ViewPredictor {

  private final String name;
  private final ViewSampler sampler;
  private final NDManager manager;
  private final int passes;

  /**
   * Makes a predictor of a model.
   *
   * @param name the name in reports
   * @param sampler draws from the network
   * @param manager on the device of the network
   * @param steps network passes for each image, 0 for the default of the sampler
   * @throws IllegalArgumentException if the model does not support that number
   */
  public SampledModel(String name, ViewSampler sampler, NDManager manager, int steps) {
    sampler.requireSteps(steps);
    this.name = name;
    this.sampler = sampler;
    this.manager = manager;
    this.passes = steps == 0 ? sampler.defaultSteps() : steps;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int passes() {
    return passes;
  }

  @Override
  public boolean isRandom() {
    return true;
  }

  @Override
  public float[] predict(ViewBatch batch, int sampleIndex) {
    long[] seeds = batch.pairs().stream().mapToLong(pair -> seed(pair, sampleIndex)).toArray();
    try (NDManager sub = manager.newSubManager()) {
      ViewContext context = batch.on(sub).context();
      NDArray images = sampler.sample(context.sourceOfEachView(), context.cameras(), seeds, passes);
      return images.toFloatArray();
    }
  }

  /**
   * Returns the seed of a sample: that of the pair for the first, seeds drawn from it for the
   * others.
   */
  static long seed(ViewPair pair, int sampleIndex) {
    return sampleIndex == 0
        ? pair.sampleSeed()
        : SampleNoise.seeds(pair.sampleSeed(), sampleIndex, 1)[0];
  }
}
