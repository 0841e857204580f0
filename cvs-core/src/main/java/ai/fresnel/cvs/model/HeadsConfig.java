package ai.fresnel.cvs.model;

/**
 * The heads after the U-Net.
 *
 * @param refineChannels width of the convolutions at the image's resolution that correct the
 *     U-Net's output, 0 (none) to 8192
 * @param depth whether the network also predicts depth, for a loss that teaches it shape
 */
public record HeadsConfig(int refineChannels, boolean depth) {

  /**
   * Checks the settings.
   *
   * @param refineChannels as above
   * @param depth as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public HeadsConfig {
    Checks.range("refineChannels", refineChannels, 0, Checks.MAX_WIDTH);
  }

  /**
   * Returns the settings without heads.
   *
   * @return the settings
   */
  public static HeadsConfig none() {
    return new HeadsConfig(0, false);
  }

  /**
   * Returns these settings with another width of the correction.
   *
   * @param value channels, 0 for none
   * @return the settings
   */
  public HeadsConfig withRefineChannels(int value) {
    return new HeadsConfig(value, depth);
  }

  /**
   * Returns these settings with or without a head for depth.
   *
   * @param value whether there is one
   * @return the settings
   */
  public HeadsConfig withDepth(boolean value) {
    return new HeadsConfig(refineChannels, value);
  }
}
