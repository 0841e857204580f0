package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;

/**
 * What an output is compared with.
 *
 * @param target what the output should be, of a shape that the loss says
 * @param weight how much each sample counts, (N)
 */
public record Label(NDArray target, NDArray weight) {}
