package ai.fresnel.cvs.examples.session;

/**
 * What Gaussians are asked for.
 *
 * @param gaussians the most Gaussians, 100 to 50,000
 * @param steps steps of the fit, 0 to 2,000; 0 takes them as the model's volume gives them, in
 *     seconds
 */
public record SplatOrder(int gaussians, int steps) {

  /**
   * Checks the order.
   *
   * @param gaussians as above
   * @param steps as above
   * @throws IllegalArgumentException if a value is out of range
   */
  public SplatOrder {
    if (gaussians < 100 || gaussians > 50_000) {
      throw new IllegalArgumentException("gaussians is " + gaussians + ", expected 100 to 50000");
    }
    if (steps < 0 || steps > 2000) {
      throw new IllegalArgumentException("steps is " + steps + ", expected 0 to 2000");
    }
  }

  /**
   * Returns what is asked for where nothing is said.
   *
   * @return 10,000 Gaussians and the steps of generated views
   */
  public static SplatOrder usual() {
    return new SplatOrder(10_000, 200);
  }
}
