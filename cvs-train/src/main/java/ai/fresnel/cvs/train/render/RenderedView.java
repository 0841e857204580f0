package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;

/** One image of an object with its depth and its camera. */
public final class RenderedView {
  private final byte[] rgba;
  private final float[] depth;
  private final CameraPose pose;
  private final Intrinsics intrinsics;

  RenderedView(byte[] rgba, float[] depth, CameraPose pose, Intrinsics intrinsics) {
    this.rgba = rgba;
    this.depth = depth;
    this.pose = pose;
    this.intrinsics = intrinsics;
  }

  /**
   * The image.
   *
   * @return (H,W,4) sRGB-encoded red, green, blue and straight alpha, row by row from the top; not
   *     copied. Colour is 0 where alpha is 0.
   */
  public byte[] rgba() {
    return rgba;
  }

  /**
   * The depth along the camera's z at each pixel's centre, not averaged over the pixel.
   *
   * @return (H,W) in world units, 0 where nothing at least half opaque is; not copied
   */
  public float[] depth() {
    return depth;
  }

  /**
   * The camera.
   *
   * @return world to camera
   */
  public CameraPose pose() {
    return pose;
  }

  /**
   * The lens.
   *
   * @return width and height are the image's
   */
  public Intrinsics intrinsics() {
    return intrinsics;
  }

  /**
   * How much of the image the object covers.
   *
   * @return mean alpha, 0..1
   */
  public double coverage() {
    long sum = 0;
    for (int i = 3; i < rgba.length; i += 4) {
      sum += rgba[i] & 255;
    }
    return sum / (255.0 * rgba.length / 4);
  }
}
