package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;

/**
 * What the encoders know of an object, computed once a photograph and shared by all its views.
 *
 * @param folded the source picture folded into channels, (N, C·fold², H/fold, W/fold)
 * @param tokens the image tokens, (N, S, T)
 */
public record ObjectCode(NDArray folded, NDArray tokens) {}
