package ai.fresnel.cvs.geometry;

import java.util.Objects;

/**
 * A camera move in Zero123's parameters, between cameras that look at the origin.
 *
 * <p>Zero123 measures the polar angle theta downwards from +z, so theta's offset has the opposite
 * sign of elevation's.
 *
 * @param dTheta polar angle, target minus source, in radians: −Δelevation
 * @param dPhi azimuth, target minus source, in radians
 * @param dR distance from the origin, target minus source, in world units
 */
public record Zero123Pose(double dTheta, double dPhi, double dR) {

  /**
   * Returns the move between two cameras. Only their positions matter.
   *
   * @param source the camera of the known view
   * @param target the camera of the view to make
   * @return the offsets, with dPhi in (-π, π]
   */
  public static Zero123Pose between(CameraPose source, CameraPose target) {
    Objects.requireNonNull(source, "source is null");
    Objects.requireNonNull(target, "target is null");
    double dPhi = target.azimuth() - source.azimuth();
    if (dPhi > Math.PI) {
      dPhi -= 2 * Math.PI;
    } else if (dPhi <= -Math.PI) {
      dPhi += 2 * Math.PI;
    }
    return new Zero123Pose(
        source.elevation() - target.elevation(), dPhi, target.radius() - source.radius());
  }

  /**
   * Returns the target camera of this move, looking at the origin.
   *
   * @param source the camera of the known view
   * @return the target camera
   * @throws IllegalArgumentException if the move passes a pole or the origin
   */
  public CameraPose from(CameraPose source) {
    return CameraPose.orbit(
        source.azimuth() + dPhi, source.elevation() - dTheta, source.radius() + dR);
  }
}
