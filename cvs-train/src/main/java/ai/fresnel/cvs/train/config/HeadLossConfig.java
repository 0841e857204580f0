package ai.fresnel.cvs.train.config;

/**
 * The losses of a network's heads, in every stage.
 *
 * @param depth weight of {@link ai.fresnel.cvs.train.objective.DepthLoss}, 0 to 1e6; above 0 the
 *     network has a head for it
 * @param rendering weight of {@link ai.fresnel.cvs.train.objective.RenderingLoss}, 0 to 1e6;
 *     without effect on a network that has no volume
 */
public record HeadLossConfig(double depth, double rendering) {

  /**
   * Checks the settings.
   *
   * @param depth as above
   * @param rendering as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public HeadLossConfig {
    Checks.require("depth", depth, depth >= 0 && depth <= 1e6, "0 to 1e6");
    Checks.require("rendering", rendering, rendering >= 0 && rendering <= 1e6, "0 to 1e6");
  }

  /**
   * Returns these settings with another {@code depth}.
   *
   * @param value the setting
   * @return the settings
   */
  public HeadLossConfig withDepth(double value) {
    return new HeadLossConfig(value, rendering);
  }

  /**
   * Returns these settings with another {@code rendering}.
   *
   * @param value the setting
   * @return the settings
   */
  public HeadLossConfig withRendering(double value) {
    return new HeadLossConfig(depth, value);
  }
}
