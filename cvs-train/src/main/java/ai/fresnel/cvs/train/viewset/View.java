package ai.fresnel.cvs.train.viewset;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.util.Optional;

/** An image of an object with its camera. The arrays are not copied: do not change them. */
public final class View {

  private final Intrinsics intrinsics;
  private final CameraPose pose;
  private final byte[] rgba;
  private final float[] depth;

  private View(Intrinsics intrinsics, CameraPose pose, byte[] rgba, float[] depth) {
    this.intrinsics = intrinsics;
    this.pose = pose;
    this.rgba = rgba;
    this.depth = depth;
  }

  /**
   * Makes a view without depth.
   *
   * @param intrinsics the lens; its width and height are the image's
   * @param pose the camera
   * @param rgba 8-bit sRGB and straight alpha, (height, width, 4) row by row
   * @return the view
   * @throws IllegalArgumentException if the array has another length
   */
  public static View of(Intrinsics intrinsics, CameraPose pose, byte[] rgba) {
    requireLength("rgba", rgba.length, 4L * intrinsics.width() * intrinsics.height());
    return new View(intrinsics, pose, rgba, null);
  }

  /**
   * Returns this view with a depth map.
   *
   * @param depth distance along the camera's forward axis in world units, (height, width) row by
   *     row; 0 where there is nothing
   * @return a new view that shares the image
   * @throws IllegalArgumentException if the array has another length
   */
  public View withDepth(float[] depth) {
    requireLength("depth", depth.length, (long) intrinsics.width() * intrinsics.height());
    return new View(intrinsics, pose, rgba, depth);
  }

  /**
   * Returns the lens.
   *
   * @return the intrinsics, with the sides of the image
   */
  public Intrinsics intrinsics() {
    return intrinsics;
  }

  /**
   * Returns the camera.
   *
   * @return the pose
   */
  public CameraPose pose() {
    return pose;
  }

  /**
   * Returns the image.
   *
   * @return 8-bit sRGB and straight alpha, (height, width, 4) row by row
   */
  public byte[] rgba() {
    return rgba;
  }

  /**
   * Returns the image as an input of networks.
   *
   * @return (3, height, width) in [-1, 1], on white; a new array
   */
  public float[] onWhite() {
    byte[] colours = Rgba.onWhite(rgba);
    float[] image = new float[colours.length];
    Rgba.toSigned(colours, image, 0);
    return image;
  }

  /**
   * Returns the depth map of a view that was made with one. {@link ViewObject#readDepth} reads
   * stored depth maps.
   *
   * @return depth in world units, (height, width) row by row, or empty
   */
  public Optional<float[]> depth() {
    return Optional.ofNullable(depth);
  }

  private static void requireLength(String what, long length, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          what + " has " + length + " values, expected " + expected + " by the intrinsics");
    }
  }
}
