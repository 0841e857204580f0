package ai.fresnel.cvs.splat;

/**
 * The derivative of a number of an image with respect to everything that the image was made of.
 *
 * @param gaussians by the parameters of N Gaussians; 0 for those that are not in the image
 * @param screen (N, 2), by the middles of their ellipses in pixels, which tells where detail is
 *     missing
 * @param camera by the camera
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record SplatGradient(GaussianArrays gaussians, float[] screen, CameraGradient camera) {}
