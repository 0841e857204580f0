package ai.fresnel.cvs.train.lpips;

import java.util.Locale;

/**
 * The networks of {@link Lpips}: torchvision's {@code features} up to the last compared layer. All
 * compared layers are outputs of a ReLU.
 */
public enum LpipsNet {
  /** AlexNet, 5 layers. The authors' choice for comparing images, closest to human judgement. */
  ALEX(31),

  /** VGG16, 5 layers. The usual choice for a loss. */
  VGG(16),

  /** SqueezeNet 1.1, 7 layers. The smallest. */
  SQUEEZE(17);

  private final int leastSide;

  LpipsNet(int leastSide) {
    this.leastSide = leastSide;
  }

  /**
   * Returns the least side of an image that leaves a pixel in the last layer.
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
