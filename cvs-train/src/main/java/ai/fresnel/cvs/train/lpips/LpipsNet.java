package ai.fresnel.cvs.train.lpips;

import java.util.Locale;

/**
 * The networks that {@link Lpips} compares features of: torchvision's {@code features} as far as
 * the last tap, which is behind a ReLU like all of them.
 */
public enum LpipsNet {
  /** AlexNet: 5 taps. The authors' choice for comparing images: closest to people's judgement. */
  ALEX(31),

  /** VGG16: 5 taps. The usual choice for a loss. */
  VGG(16),

  /** SqueezeNet 1.1: 7 taps, the smallest. */
  SQUEEZE(17);

  private final int leastSide;

  LpipsNet(int leastSide) {
    this.leastSide = leastSide;
  }

  /**
   * Returns the least side of an image that leaves something to the last tap.
   *
   * @return pixels
   */
  public int leastSide() {
    return leastSide;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
