package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;

/**
 * The inputs of a {@link UNet}.
 *
 * @param state the noisy state and all that is concatenated to it, (N, in, H, W)
 * @param embedding of sigma and all that is added to it, after its SiLU, (N, D)
 * @param pose the pose embedding, (N, D); null where there is none, not read where it is not joined
 * @param tokens the tokens of cross-attention, (N, S, T)
 */
record UNetInputs(NDArray state, NDArray embedding, NDArray pose, NDArray tokens) {}
