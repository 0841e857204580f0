package ai.fresnel.cvs.train.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewSampler;

/**
 * A trained network. Two models that are asked for the same sample of a pair start from the same
 * noise, so that a student's image can be laid beside its teacher's.
 */
public final class SampledModel implements ViewPredictor {

  private final String name;
  private final ViewSampler sampler;
  private final NDManager manager;
  private final int passes;

  /**
   * Makes a predictor of a model.
   *
   * @param name for reports
   * @param sampler draws from the network
   * @param manager says on which device the network is
   * @param steps passes an image, 0 for the sampler's default
   * @throws IllegalArgumentException if the model cannot be sampled in so many passes
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

  /** The noise of a pair's sample: the first is the pair's own, the others are drawn from it. */
  static long seed(ViewPair pair, int sampleIndex) {
    return sampleIndex == 0
        ? pair.sampleSeed()
        : SampleNoise.seeds(pair.sampleSeed(), sampleIndex, 1)[0];
  }
}
