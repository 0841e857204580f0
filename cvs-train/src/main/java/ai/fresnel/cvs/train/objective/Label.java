package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;

/**
 * The target of an output, with weights.
 *
 * @param target the target, in the shape that the loss requires
 * @param weight the weight of each sample, (N)
 */
public record Label(NDArray target, NDArray weight) {}
