package ai.fresnel.cvs.train.config;

/**
 * How pairs of views are changed at random.
 *
 * @param mirrorShare share of the pairs that are mirrored, 0 to 1
 * @param hueJitter largest turn of both views' hue, degrees, 0 to 180
 * @param saturationJitter largest change of both views' distance from grey, 0 to 1
 * @param gammaJitter largest change of both views' exponent of brightness, 0 to 4
 * @param zoomJitter largest change of each view's focal length, 0 to 1
 * @param backgroundShare share of the pairs with a colour behind them in place of white, 0 to 1
 */
public record AugmentationConfig(
    double mirrorShare,
    double hueJitter,
    double saturationJitter,
    double gammaJitter,
    double zoomJitter,
    double backgroundShare) {

  /**
   * Checks the settings.
   *
   * @param mirrorShare as above
   * @param hueJitter as above
   * @param saturationJitter as above
   * @param gammaJitter as above
   * @param zoomJitter as above
   * @param backgroundShare as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public AugmentationConfig {
    Checks.require("mirrorShare", mirrorShare, mirrorShare >= 0 && mirrorShare <= 1, "0 to 1");
    Checks.require("hueJitter", hueJitter, hueJitter >= 0 && hueJitter <= 180, "0 to 180");
    Checks.require(
        "saturationJitter",
        saturationJitter,
        saturationJitter >= 0 && saturationJitter <= 1,
        "0 to 1");
    Checks.require("gammaJitter", gammaJitter, gammaJitter >= 0 && gammaJitter <= 4, "0 to 4");
    Checks.require("zoomJitter", zoomJitter, zoomJitter >= 0 && zoomJitter <= 1, "0 to 1");
    Checks.require(
        "backgroundShare", backgroundShare, backgroundShare >= 0 && backgroundShare <= 1, "0 to 1");
  }

  /**
   * Returns these settings with another {@code mirrorShare}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withMirrorShare(double value) {
    return new AugmentationConfig(
        value, hueJitter, saturationJitter, gammaJitter, zoomJitter, backgroundShare);
  }

  /**
   * Returns these settings with another {@code hueJitter}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withHueJitter(double value) {
    return new AugmentationConfig(
        mirrorShare, value, saturationJitter, gammaJitter, zoomJitter, backgroundShare);
  }

  /**
   * Returns these settings with another {@code saturationJitter}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withSaturationJitter(double value) {
    return new AugmentationConfig(
        mirrorShare, hueJitter, value, gammaJitter, zoomJitter, backgroundShare);
  }

  /**
   * Returns these settings with another {@code gammaJitter}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withGammaJitter(double value) {
    return new AugmentationConfig(
        mirrorShare, hueJitter, saturationJitter, value, zoomJitter, backgroundShare);
  }

  /**
   * Returns these settings with another {@code zoomJitter}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withZoomJitter(double value) {
    return new AugmentationConfig(
        mirrorShare, hueJitter, saturationJitter, gammaJitter, value, backgroundShare);
  }

  /**
   * Returns these settings with another {@code backgroundShare}.
   *
   * @param value the setting
   * @return the settings
   */
  public AugmentationConfig withBackgroundShare(double value) {
    return new AugmentationConfig(
        mirrorShare, hueJitter, saturationJitter, gammaJitter, zoomJitter, value);
  }
}
