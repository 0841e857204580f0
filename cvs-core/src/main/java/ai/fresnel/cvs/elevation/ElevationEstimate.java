package ai.fresnel.cvs.elevation;

/**
 * An estimate of a camera's elevation.
 *
 * @param degrees above the object's horizon, -90 to 90
 * @param standardDeviation of the true elevation about it, in degrees, as objects that neither the
 *     model nor the estimator has seen have it on average
 */
public record ElevationEstimate(double degrees, double standardDeviation) {}
