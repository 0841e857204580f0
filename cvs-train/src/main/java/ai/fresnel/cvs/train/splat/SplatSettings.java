package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.json.Json;

/**
 * All settings of an optimisation of Gaussians, in groups. Lengths are in units of the object's
 * length, about 1 in view sets.
 *
 * @param steps the length of the run, one view a step; 1 or more
 * @param gaussians the most Gaussians at a time, 1 to 10 million
 * @param shDegree the degree of the spherical harmonics at the end, 0 to 3; 0 is colour alone
 * @param seed of everything random: equal settings and views give equal Gaussians on one machine
 * @param rates how fast parameters move
 * @param losses what is minimised
 * @param density how Gaussians are moved to where they are needed
 * @param views what is learned of the views
 */
public record SplatSettings(
    int steps,
    int gaussians,
    int shDegree,
    long seed,
    SplatRates rates,
    SplatLosses losses,
    SplatDensity density,
    ViewSettings views) {

  private static final int MAX_GAUSSIANS = 10_000_000;

  /**
   * What is learned of the views. Rates of 0 leave them as they are.
   *
   * @param cameraRate of cameras, Adam's, in radians and units a step; 1e-4 to 1e-3 for cameras
   *     that are a little off. The first view's camera stays
   * @param colourRate of a gain and an offset of each colour of each view, Adam's; 1e-3 for views
   *     that differ in exposure. The first view's colours stay
   */
  public record ViewSettings(double cameraRate, double colourRate) {

    /**
     * Checks the rates.
     *
     * @param cameraRate 0 to 1
     * @param colourRate 0 to 1
     * @throws IllegalArgumentException if one is out of its range
     */
    public ViewSettings {
      SplatRates.require("cameraRate", cameraRate, 0, 1);
      SplatRates.require("colourRate", colourRate, 0, 1);
    }
  }

  /**
   * Checks the settings.
   *
   * @param steps as above
   * @param gaussians as above
   * @param shDegree as above
   * @param seed any
   * @param rates any
   * @param losses any
   * @param density any
   * @param views any
   * @throws IllegalArgumentException if one is out of its range
   */
  public SplatSettings {
    SplatRates.require("steps", steps, 1, 1e9);
    SplatRates.require("gaussians", gaussians, 1, MAX_GAUSSIANS);
    SplatRates.require("shDegree", shDegree, 0, 3);
  }

  /**
   * Settings for views of an object that agree: rendered ones, or photographs with good cameras.
   *
   * @return the settings
   */
  public static SplatSettings object() {
    return new SplatSettings(
        1000,
        10_000,
        0,
        0,
        SplatRates.published(),
        new SplatLosses(0.2, 0, 0, 0),
        SplatDensity.mcmc(),
        new ViewSettings(0, 0));
  }

  /**
   * Settings for generated views of an object, which do not quite agree: regularised, and few
   * steps, since Gaussians begin as the model's volume gives them and more would learn what views
   * disagree about.
   *
   * @return the settings
   */
  public static SplatSettings generated() {
    return object().withSteps(200).withLosses(new SplatLosses(0.2, 0.01, 0.01, 0));
  }

  /**
   * Settings for captured scenes, whose Gaussians begin as few points.
   *
   * @return the settings
   */
  public static SplatSettings scene() {
    return object().withSteps(3000).withGaussians(50_000).withShDegree(2);
  }

  /**
   * Replaces settings.
   *
   * @param json the settings that differ, by group: {@code {"losses": {"opacity": 0.01}}}
   * @param source for errors
   * @return new settings
   * @throws ai.fresnel.cvs.json.JsonException naming the setting, if one is unknown or wrong
   */
  public SplatSettings with(String json, String source) {
    return SplatRecipe.SETTINGS.readOver(this, Json.parse(json, source));
  }

  /**
   * Sets the length.
   *
   * @param value steps
   * @return new settings
   */
  public SplatSettings withSteps(int value) {
    return new SplatSettings(value, gaussians, shDegree, seed, rates, losses, density, views);
  }

  /**
   * Sets the budget.
   *
   * @param value the most Gaussians
   * @return new settings
   */
  public SplatSettings withGaussians(int value) {
    return new SplatSettings(steps, value, shDegree, seed, rates, losses, density, views);
  }

  /**
   * Sets the degree of the spherical harmonics.
   *
   * @param value 0 to 3
   * @return new settings
   */
  public SplatSettings withShDegree(int value) {
    return new SplatSettings(steps, gaussians, value, seed, rates, losses, density, views);
  }

  /**
   * Sets the seed.
   *
   * @param value any
   * @return new settings
   */
  public SplatSettings withSeed(long value) {
    return new SplatSettings(steps, gaussians, shDegree, value, rates, losses, density, views);
  }

  /**
   * Sets the rates.
   *
   * @param value how fast parameters move
   * @return new settings
   */
  public SplatSettings withRates(SplatRates value) {
    return new SplatSettings(steps, gaussians, shDegree, seed, value, losses, density, views);
  }

  /**
   * Sets the losses.
   *
   * @param value what is minimised
   * @return new settings
   */
  public SplatSettings withLosses(SplatLosses value) {
    return new SplatSettings(steps, gaussians, shDegree, seed, rates, value, density, views);
  }

  /**
   * Sets the control of density.
   *
   * @param value how Gaussians are moved to where they are needed
   * @return new settings
   */
  public SplatSettings withDensity(SplatDensity value) {
    return new SplatSettings(steps, gaussians, shDegree, seed, rates, losses, value, views);
  }

  /**
   * Sets what is learned of the views.
   *
   * @param value the rates
   * @return new settings
   */
  public SplatSettings withViews(ViewSettings value) {
    return new SplatSettings(steps, gaussians, shDegree, seed, rates, losses, density, value);
  }
}
