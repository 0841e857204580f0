package ai.fresnel.cvs.encoder;

import ai.fresnel.cvs.model.DinoConfig;

/**
 * The sizes of a vision transformer.
 *
 * @param width D, the width of a token
 * @param depth number of blocks
 * @param heads attention heads, a divisor of the width
 * @param patch side of a patch, pixels
 * @param imageSize side of the image that is cut into patches, pixels, a multiple of the patch
 * @param storedGrid patches per side for which the position embeddings were learned
 * @param registers tokens without a place in the image
 */
record VitConfig(
    int width, int depth, int heads, int patch, int imageSize, int storedGrid, int registers) {

  private static final int IMAGE_SIZE = 224;

  /** Returns the sizes of a DINOv2 that reads images of 224 pixels. */
  static VitConfig of(DinoConfig sizes) {
    return new VitConfig(
        sizes.width(),
        sizes.depth(),
        sizes.heads(),
        DinoConfig.PATCH,
        IMAGE_SIZE,
        sizes.grid(),
        sizes.registers());
  }

  /** Returns the patches per side of the image. */
  int grid() {
    return imageSize / patch;
  }

  /** Returns the tokens of an image: the class's, the registers and the patches. */
  long tokens() {
    return 1 + registers + (long) grid() * grid();
  }
}
