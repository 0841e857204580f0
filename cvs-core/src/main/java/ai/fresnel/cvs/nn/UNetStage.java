package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.torch.ActivationCheckpointing;
import java.util.Arrays;

/**
 * A place in a U-Net: a residual block and, where there is attention, the transformer after it.
 *
 * @param level the resolution it belongs to, for checkpointing
 * @param block takes what {@link #apply} is given
 * @param attention null where there is none
 */
record UNetStage(int level, ResidualBlock block, SpatialTransformer attention) {

  /**
   * @param tokens read by the transformer; anything where there is none
   * @param inputs the block's: the state, and whatever it joins and is modulated by
   */
  NDArray apply(ParameterStore store, NDManager manager, NDArray tokens, NDArray... inputs) {
    if (attention == null) {
      return ActivationCheckpointing.segment(
          level, manager, (m, in) -> block.apply(store, m, in), inputs);
    }
    NDArray[] all = Arrays.copyOf(inputs, inputs.length + 1);
    all[inputs.length] = tokens;
    return ActivationCheckpointing.segment(
        level,
        manager,
        (m, in) -> {
          NDArray h = block.apply(store, m, Arrays.copyOf(in, in.length - 1));
          return attention.apply(store, m, h, in[in.length - 1]);
        },
        all);
  }

  /** The result is read by a norm on the way down, by a concatenation on the way up. */
  ActivationCount activations(long side, long tokens, boolean resultKept) {
    ActivationCount numbers = block.activations(level, side, resultKept);
    return attention == null ? numbers : attention.activationsAfter(numbers, side, tokens);
  }

  long multiplyAdds(long side, long tokens) {
    return block.multiplyAddsAt(side * side)
        + (attention == null ? 0 : attention.multiplyAdds(side, tokens));
  }
}
