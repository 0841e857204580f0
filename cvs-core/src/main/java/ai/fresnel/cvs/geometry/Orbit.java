package ai.fresnel.cvs.geometry;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A series of cameras around the origin, relative to a source camera that is given later.
 * Immutable.
 *
 * <p>{@code Orbit.ring(16)} keeps the source's elevation and radius; {@code
 * Orbit.ring(16).withElevation(0.3)} moves the ring.
 */
public final class Orbit {

  /**
   * One camera relative to the source.
   *
   * @param azimuth target minus source in radians
   * @param elevation target minus source in radians
   * @param radius target minus source in world units
   */
  public record Offset(double azimuth, double elevation, double radius) {}

  private final List<Offset> offsets;

  /**
   * The absolute elevation or radius of all cameras, before their offsets; NaN for the source's.
   */
  private final double elevation;

  private final double radius;

  private Orbit(List<Offset> offsets, double elevation, double radius) {
    this.offsets = offsets;
    this.elevation = elevation;
    this.radius = radius;
  }

  /**
   * Makes a full turn in even steps, anticlockwise seen from above, starting at the source's
   * azimuth.
   *
   * @param views number of cameras, at least 1
   * @return the orbit
   * @throws IllegalArgumentException if {@code views} is below 1
   */
  public static Orbit ring(int views) {
    return spiral(views, 1, 0, 0);
  }

  /**
   * Makes a spiral: several turns while the elevation changes evenly from its first to its last
   * value.
   *
   * @param views number of cameras, at least 1
   * @param turns number of turns; the last camera is one step short of the last full turn
   * @param firstElevation of the first camera, relative to the source, in radians
   * @param lastElevation of the last camera, relative to the source, in radians
   * @return the orbit
   * @throws IllegalArgumentException if {@code views} is below 1
   */
  public static Orbit spiral(int views, double turns, double firstElevation, double lastElevation) {
    if (views < 1) {
      throw new IllegalArgumentException("orbit of " + views + " views, expected at least 1");
    }
    List<Offset> offsets = new ArrayList<>();
    for (int i = 0; i < views; i++) {
      double share = views == 1 ? 0 : (double) i / (views - 1);
      double elevation = firstElevation + share * (lastElevation - firstElevation);
      offsets.add(new Offset(2 * Math.PI * turns * i / views, elevation, 0));
    }
    return ofOffsets(offsets);
  }

  /**
   * Makes an orbit of freely chosen cameras.
   *
   * @param offsets the cameras relative to the source
   * @return the orbit
   * @throws NullPointerException if there is no list, or nothing at a place in it
   */
  public static Orbit ofOffsets(List<Offset> offsets) {
    Objects.requireNonNull(offsets, "offsets is null");
    for (int i = 0; i < offsets.size(); i++) {
      Objects.requireNonNull(offsets.get(i), "offset " + i + " is null");
    }
    return new Orbit(List.copyOf(offsets), Double.NaN, Double.NaN);
  }

  /**
   * Sets an elevation to use instead of the source's.
   *
   * @param elevation radians above the horizon, to which the offsets are added
   * @return a new orbit
   */
  public Orbit withElevation(double elevation) {
    return new Orbit(offsets, elevation, radius);
  }

  /**
   * Sets a radius to use instead of the source's.
   *
   * @param radius world units, to which the offsets are added
   * @return a new orbit
   */
  public Orbit withRadius(double radius) {
    return new Orbit(offsets, elevation, radius);
  }

  /**
   * Returns the number of cameras.
   *
   * @return the number of views
   */
  public int size() {
    return offsets.size();
  }

  /**
   * Places the cameras around the origin for a source; all look at the origin.
   *
   * @param source the camera of the photograph
   * @return {@link #size()} cameras, in order
   * @throws NullPointerException if there is no source
   * @throws IllegalArgumentException if an offset passes a pole or the origin
   */
  public List<CameraPose> around(CameraPose source) {
    Objects.requireNonNull(source, "source is null");
    double baseElevation = Double.isNaN(elevation) ? source.elevation() : elevation;
    double baseRadius = Double.isNaN(radius) ? source.radius() : radius;
    List<CameraPose> cameras = new ArrayList<>();
    for (Offset offset : offsets) {
      cameras.add(
          CameraPose.orbit(
              source.azimuth() + offset.azimuth(),
              baseElevation + offset.elevation(),
              baseRadius + offset.radius()));
    }
    return List.copyOf(cameras);
  }
}
