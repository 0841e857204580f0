package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

/** The fresh noise that a stochastic sampler adds after its steps. */
@FunctionalInterface
public interface StepNoise {

  /**
   * Returns the noise of a step.
   *
   * @param manager manager of the result
   * @param step the step, from 0
   * @param shape the states' shape, (N, ...)
   * @return standard normal, of that shape
   */
  NDArray draw(NDManager manager, int step, Shape shape);

  /**
   * Makes noise from a seed for each sample, so that a sample does not depend on its batch: step k
   * adds stream k + 1 of each seed, {@link SampleNoise#normal(NDManager, long[], int, Shape)}.
   * Stream 0 is the first noise.
   *
   * @param seeds one per sample, N in all
   * @return the noise; drawing throws IllegalArgumentException for other than N samples
   */
  static StepNoise seeded(long... seeds) {
    long[] copy = seeds.clone();
    return (manager, step, shape) -> {
      if (shape.get(0) != copy.length) {
        throw new IllegalArgumentException(
            copy.length + " seeds for states of shape " + shape + ", expected one a sample");
      }
      return SampleNoise.normal(manager, copy, step + 1, shape.slice(1));
    };
  }

  /**
   * Takes given noise, such as a reference's.
   *
   * @param noises the noise of all steps, (steps, N, ...); stays the caller's
   * @return the noise; drawing throws IllegalArgumentException for a step or a shape it lacks
   */
  static StepNoise given(NDArray noises) {
    return (manager, step, shape) -> {
      Shape all = noises.getShape();
      if (step >= all.get(0) || !all.slice(1).equals(shape)) {
        throw new IllegalArgumentException(
            "noises have shape " + all + ", expected noise of step " + step + " for " + shape);
      }
      return Conditioning.view(manager, noises).get(new NDIndex(step));
    };
  }
}
