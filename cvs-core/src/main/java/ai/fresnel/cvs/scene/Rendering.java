package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;

/**
 * N views of a {@link Scene}: colour, opacity, depth and further parts of the scene, joined by
 * channel for a network, and each by its name. The parts share the memory of the joined array and
 * live on its manager; gradients pass through.
 *
 * @param joined (N, C, H, W), the parts joined by channel
 * @param layout names of the channels; has at least {@link #COLOUR}, {@link #OPACITY} and {@link
 *     #DEPTH}
 */
public record Rendering(NDArray joined, ChannelLayout layout) {

  /** The colours. */
  public static final String COLOUR = "colour";

  /** The features besides colours, where a scene has them. */
  public static final String FEATURES = "features";

  /** The opacity. */
  public static final String OPACITY = "opacity";

  /** The depth. */
  public static final String DEPTH = "depth";

  /**
   * Checks the number of channels.
   *
   * @param joined as above
   * @param layout as above
   * @throws IllegalArgumentException if the array has another number of channels than the layout
   */
  public Rendering {
    layout.requireFits(joined);
  }

  /**
   * Returns a part by its name.
   *
   * @param name a name of the layout
   * @return (N, its channels, H, W)
   * @throws IllegalArgumentException if there is no such part
   */
  public NDArray part(String name) {
    return layout.part(joined.getManager(), joined, name);
  }

  /**
   * Returns the colours.
   *
   * @return (N, colours, H, W), without a background, in the units of the scene's photographs
   */
  public NDArray colour() {
    return part(COLOUR);
  }

  /**
   * Returns the opacity.
   *
   * @return (N, 1, H, W) in [0, 1]
   */
  public NDArray opacity() {
    return part(OPACITY);
  }

  /**
   * Returns the depth.
   *
   * @return (N, 1, H, W), opacity times the expected depth along the camera's forward axis, in
   *     object lengths, from the scene's origin of depths
   */
  public NDArray depth() {
    return part(DEPTH);
  }
}
