package ai.fresnel.cvs.view;

import ai.djl.Device;

/** How many images go through the network at once, unless somebody says. */
final class SamplerBatch {

  /** Pixels of one batch on the network: 64 images of 64×64 or 4 of 256×256. */
  private static final long PIXELS = 1 << 18;

  /** On a GPU, which needs hardly longer for 16 images of 256×256 than for one. */
  private static final long GPU_PIXELS = 1 << 20;

  private SamplerBatch() {}

  /** Returns the number of images, at least 1. */
  static int on(Device device, int imageSize) {
    long pixels = device.isGpu() ? GPU_PIXELS : PIXELS;
    return (int) Math.max(1, pixels / ((long) imageSize * imageSize));
  }
}
