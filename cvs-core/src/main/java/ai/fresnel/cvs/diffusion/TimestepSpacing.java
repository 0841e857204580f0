package ai.fresnel.cvs.diffusion;

import java.util.stream.IntStream;

/**
 * The choice of a few timesteps out of those a model was trained on (Lin et al., "Common Diffusion
 * Noise Schedules and Sample Steps are Flawed", 2024, table 2). Models are sampled best with the
 * choice they were published with.
 */
public sealed interface TimestepSpacing {

  /**
   * Chooses timesteps.
   *
   * @param trained T, the number of timesteps of training
   * @param steps the number asked for, 1 to T
   * @return falling timesteps, each 0 to T - 1
   * @throws IllegalArgumentException if steps is out of range, or the choice leaves the range of
   *     timesteps
   */
  int[] timesteps(int trained, int steps);

  /**
   * Latent diffusion's: every {@code floor(T / steps)}-th timestep from 1 up to the last, of which
   * there may be more than asked for. Of 1000, 75 gives 77: 989, 976, ... 1.
   */
  record Ldm() implements TimestepSpacing {

    /** {@inheritDoc} */
    @Override
    public int[] timesteps(int trained, int steps) {
      requireSteps(trained, steps);
      int stride = trained / steps;
      int count = (trained + stride - 1) / stride;
      return fallingFrom(this, trained, steps, IntStream.range(0, count).map(i -> i * stride + 1));
    }
  }

  /**
   * diffusers' {@code leading}: as many as asked for, every {@code floor(T / steps)}-th from the
   * offset up. Of 1000 with offset 1, 75 gives 963, 950, ... 1.
   *
   * @param offset the least timestep, {@code steps_offset}, 0 or more; 1 for Stable Diffusion and
   *     Zero123
   */
  record Leading(int offset) implements TimestepSpacing {

    /**
     * Checks the offset.
     *
     * @param offset as above
     * @throws IllegalArgumentException if it is negative
     */
    public Leading {
      if (offset < 0) {
        throw new IllegalArgumentException("offset is " + offset + ", expected 0 or more");
      }
    }

    /** {@inheritDoc} */
    @Override
    public int[] timesteps(int trained, int steps) {
      requireSteps(trained, steps);
      int stride = trained / steps;
      IntStream rising = IntStream.range(0, steps).map(i -> i * stride + offset);
      return fallingFrom(this, trained, steps, rising);
    }
  }

  /**
   * diffusers' {@code trailing}: as many as asked for, from the last timestep down in equal steps
   * of {@code T / steps}, rounded. Of 1000, 50 gives 999, 979, ... 19.
   *
   * <p>Where T is not a multiple, each step goes to the next of these timesteps; diffusers' DDIM
   * goes to {@code t - floor(T / steps)}, which may be one timestep off.
   */
  record Trailing() implements TimestepSpacing {

    /** {@inheritDoc} */
    @Override
    public int[] timesteps(int trained, int steps) {
      requireSteps(trained, steps);
      double stride = (double) trained / steps;
      // Halves round to even, as numpy's do.
      return IntStream.range(0, steps)
          .map(i -> (int) Math.rint(trained - i * stride) - 1)
          .toArray();
    }
  }

  private static void requireSteps(int trained, int steps) {
    if (steps < 1 || steps > trained) {
      throw new IllegalArgumentException(
          "steps is " + steps + ", expected 1 to the " + trained + " timesteps of training");
    }
  }

  private static int[] fallingFrom(
      TimestepSpacing spacing, int trained, int steps, IntStream rising) {
    int[] timesteps = rising.toArray();
    int last = timesteps.length - 1;
    if (timesteps[last] >= trained) {
      throw new IllegalArgumentException(
          "steps is "
              + steps
              + ", with which "
              + spacing
              + " reaches timestep "
              + timesteps[last]
              + ", expected at most "
              + (trained - 1));
    }
    return IntStream.rangeClosed(0, last).map(i -> timesteps[last - i]).toArray();
  }
}
