package ai.fresnel.cvs.examples.serve;

import ai.fresnel.cvs.Sampling;
import ai.fresnel.cvs.examples.session.SourceCamera;
import ai.fresnel.cvs.geometry.CameraPose;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One view that is asked for. Angles are relative to the photograph's camera.
 *
 * @param azimuth degrees around the object, anticlockwise seen from above
 * @param elevation degrees up
 * @param radius object lengths from its middle; empty for the photograph's
 * @param seed seed of the noise
 * @param steps network passes; 0 for the model's own number
 * @param temperature factor of the first noise, 0 to 1; empty for the model's own
 */
public record ViewOrder(
    double azimuth,
    double elevation,
    Optional<Double> radius,
    long seed,
    int steps,
    Optional<Double> temperature) {

  /** The most network passes: a diffusion model takes about 50. */
  private static final int MAX_STEPS = 100;

  private static final double MAX_RADIUS = 100;
  private static final double MAX_TURN = 360_000;

  /** The photograph's own view. */
  static final ViewOrder USUAL = new ViewOrder(0, 0, Optional.empty(), 0, 0, Optional.empty());

  /**
   * Checks the values.
   *
   * @param azimuth as above
   * @param elevation as above
   * @param radius as above
   * @param seed as above
   * @param steps as above
   * @param temperature as above
   * @throws IllegalArgumentException if one is out of range
   */
  public ViewOrder {
    require(
        Math.abs(azimuth) <= MAX_TURN, "azimuth is " + azimuth + ", expected -360000 to 360000");
    require(Math.abs(elevation) <= 180, "elevation is " + elevation + ", expected -180 to 180");
    require(
        radius.isEmpty() || (radius.get() > 0 && radius.get() <= MAX_RADIUS),
        "radius is " + radius.orElse(0.0) + ", expected above 0, up to 100");
    require(steps >= 0 && steps <= MAX_STEPS, "steps is " + steps + ", expected 0 to " + MAX_STEPS);
    require(
        temperature.isEmpty() || (temperature.get() >= 0 && temperature.get() <= 1),
        "temperature is " + temperature.orElse(0.0) + ", expected 0 to 1");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /**
   * Places the view's camera.
   *
   * @param source the photograph's
   * @return the camera
   * @throws IllegalArgumentException if it would be past a pole
   */
  CameraPose target(SourceCamera source) {
    double up = source.elevation() + elevation;
    require(
        Math.abs(up) <= 90,
        "elevation is "
            + elevation
            + ", which with the photograph's "
            + source.elevation()
            + " is "
            + up
            + ", expected -90 to 90 in all");
    return CameraPose.orbit(
        Math.toRadians(azimuth), Math.toRadians(up), radius.orElse(source.radius()));
  }

  Sampling sampling() {
    OptionalDouble warmth = temperature.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    return new Sampling(steps, seed, 1, OptionalDouble.empty(), warmth);
  }
}
