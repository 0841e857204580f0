package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.diffusion.PerSample;
import ai.fresnel.cvs.diffusion.SampleNoise;

/** What both stages do first: add noise, decide which conditions are kept. */
final class NoisyBatch {

  // Streams of a sample's seed: what each kind of random number is drawn from.
  static final int NOISE = 0;
  static final int LEVEL = 1;
  static final int KEEP = 2;
  static final int GUIDANCE = 3;
  static final int GAME_LEVEL = 4;
  static final int GAME_NOISE = 5;

  private NoisyBatch() {}

  /** x0 + sigma·noise, (N, ...). */
  static NDArray noisy(NDManager manager, TrainingBatch batch, NDArray sigma) {
    NDArray x0 = batch.x0();
    Shape perSample = x0.getShape().slice(1);
    NDArray noise = SampleNoise.normal(manager, batch.seeds(), NOISE, perSample);
    return noise.mul(PerSample.expand(sigma, x0)).add(x0);
  }

  /** Levels as an array, (N) float32. */
  static NDArray levels(NDManager manager, double[] sigmas) {
    float[] values = new float[sigmas.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) sigmas[i];
    }
    return manager.create(values);
  }

  /** The conditions with the mask of those kept, if there is anything to keep. */
  static NDList conditions(NDManager manager, TrainingBatch batch, double dropout) {
    NDList conditions = new NDList(batch.conditions());
    if (!conditions.isEmpty()) {
      long[] seeds = batch.seeds();
      float[] keep = new float[seeds.length];
      for (int i = 0; i < keep.length; i++) {
        keep[i] = SampleNoise.uniform(seeds[i], KEEP, 1)[0] < dropout ? 0 : 1;
      }
      conditions.add(manager.create(keep));
    }
    return conditions;
  }
}
