package ai.fresnel.cvs.train;

import ai.djl.ndarray.NDList;

/**
 * What one step trains on.
 *
 * @param data inputs of the trained block: x (N, ...), sigma (N), the conditions, the mask of kept
 *     conditions (N)
 * @param labels what the loss compares the block's output with
 */
public record StepInputs(NDList data, NDList labels) {}
