package ai.fresnel.cvs.model;

/**
 * The vision transformer of CLIP (Radford et al. 2021), {@link ai.fresnel.cvs.encoder.ClipVision}.
 *
 * @param imageSize side of the image that is cut into patches, pixels, 1 to 1024, a multiple of the
 *     patch
 * @param patch side of a patch, pixels, 1 to 64
 * @param width width of a token, 1 to 8192
 * @param depth blocks, 1 to 64
 * @param heads attention heads, 1 to 1024, a divisor of the width
 * @param hidden width of a block's MLP, 1 to 65536
 * @param embedding width of the image's embedding, 1 to 8192
 */
public record ClipConfig(
    int imageSize, int patch, int width, int depth, int heads, int hidden, int embedding) {

  /**
   * Checks the settings.
   *
   * @param imageSize as above
   * @param patch as above
   * @param width as above
   * @param depth as above
   * @param heads as above
   * @param hidden as above
   * @param embedding as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ClipConfig {
    Checks.range("patch", patch, 1, 64);
    Checks.range("imageSize", imageSize, 1, 1024);
    Checks.check(
        imageSize % patch == 0, "imageSize", imageSize, "a multiple of patch, which is " + patch);
    Checks.range("width", width, 1, Checks.MAX_WIDTH);
    Checks.range("depth", depth, 1, 64);
    Checks.range("heads", heads, 1, 1024);
    Checks.check(width % heads == 0, "heads", heads, "a divisor of width, which is " + width);
    Checks.range("hidden", hidden, 1, 65_536);
    Checks.range("embedding", embedding, 1, Checks.MAX_WIDTH);
  }

  /**
   * Returns ViT-L/14 at 224 pixels, the encoder of Zero123.
   *
   * @return the settings
   */
  public static ClipConfig vitL14() {
    return new ClipConfig(224, 14, 1024, 24, 16, 4096, 768);
  }

  /**
   * Returns the number of patches per side.
   *
   * @return {@code imageSize / patch}
   */
  public int grid() {
    return imageSize / patch;
  }
}
