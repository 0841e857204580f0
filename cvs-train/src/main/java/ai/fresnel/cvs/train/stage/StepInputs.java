package ai.fresnel.cvs.train.stage;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.train.objective.Objective;

/**
 * The inputs and labels of one step.
 *
 * @param x noisy states, (N, ...)
 * @param sigma their sigmas, (N)
 * @param condition what the network is conditioned on
 * @param labels what its outputs are compared with
 */
public record StepInputs(
    NDArray x, NDArray sigma, StepCondition condition, Objective.Labels labels) {}
