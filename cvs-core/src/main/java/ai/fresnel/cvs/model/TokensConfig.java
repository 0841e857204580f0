package ai.fresnel.cvs.model;

/**
 * The image tokens for cross-attention.
 *
 * @param grid tokens per side, 1 to 64: 16 means 256 tokens
 * @param channels width of a token, 1 to 8192
 */
public record TokensConfig(int grid, int channels) {

  /**
   * Checks the settings.
   *
   * @param grid as above
   * @param channels as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TokensConfig {
    Checks.range("grid", grid, 1, 64);
    Checks.range("channels", channels, 1, Checks.MAX_WIDTH);
  }

  /**
   * Returns the number of tokens.
   *
   * @return {@code grid²}
   */
  public int count() {
    return grid * grid;
  }
}
