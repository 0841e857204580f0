/**
 * Computes LPIPS, the perceptual distance of Zhang et al. 2018, with the published weights. Start
 * at {@link ai.fresnel.cvs.train.lpips.Lpips}, a metric for evaluation and a differentiable
 * distance for training.
 */
package ai.fresnel.cvs.train.lpips;
