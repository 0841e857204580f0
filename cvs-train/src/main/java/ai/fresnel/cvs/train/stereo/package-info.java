/**
 * Finds how far away things are in photographs with known cameras: where Gaussians of a capture
 * begin that comes without points.
 */
package ai.fresnel.cvs.train.stereo;
