package ai.fresnel.cvs.encoder;

/**
 * The sizes of a vision transformer.
 *
 * @param width D, the width of a token
 * @param depth number of blocks
 * @param heads attention heads, a divisor of the width
 * @param patch side of a patch, pixels
 * @param imageSize side of the image that is cut into patches, pixels, a multiple of the patch
 * @param storedGrid patches per side for which the position embeddings were learned
 */
record VitConfig(int width, int depth, int heads, int patch, int imageSize, int storedGrid) {

  /**
   * Returns a published DINOv2 by its name; they were trained last at 518 pixels, 37 patches per
   * side.
   */
  static VitConfig of(String encoder) {
    return switch (encoder) {
      case "dinov2_vits14" -> new VitConfig(384, 12, 6, 14, 224, 37);
      case "dinov2_vitb14" -> new VitConfig(768, 12, 12, 14, 224, 37);
      case "dinov2_vitl14" -> new VitConfig(1024, 24, 16, 14, 224, 37);
      default ->
          throw new IllegalArgumentException(
              "encoder is \""
                  + encoder
                  + "\", expected dinov2_vits14, dinov2_vitb14 or dinov2_vitl14");
    };
  }

  /** Returns the patches per side of the image. */
  int grid() {
    return imageSize / patch;
  }
}
