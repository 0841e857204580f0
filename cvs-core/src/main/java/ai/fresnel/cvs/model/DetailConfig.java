package ai.fresnel.cvs.model;

import java.util.List;

/**
 * The convolutions that encode the photograph as tokens.
 *
 * @param channels width of each stage from the finest, 1 to 8 stages of 1 to 8192
 * @param blocks residual blocks per stage, 1 to 64
 */
public record DetailConfig(List<Integer> channels, int blocks) {

  /**
   * Checks and copies the settings.
   *
   * @param channels as above
   * @param blocks as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public DetailConfig {
    channels = Checks.widths("channels", channels);
    Checks.range("blocks", blocks, 1, 64);
  }
}
