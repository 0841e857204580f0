package ai.fresnel.cvs.train.render;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;

/** An image of an object with its depth and camera. */
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
   * Returns the image.
   *
   * @return (H,W,4) sRGB-encoded red, green, blue and straight alpha, row by row from the top; not
   *     copied. Colour is 0 where alpha is 0.
   */
  public byte[] rgba() {
    return rgba;
  }

  /**
   * Returns the depth along the z axis of the camera at the centre of each pixel, not averaged over
   * the pixel.
   *
   * @return (H,W) in world units, 0 where nothing is at least half opaque; not copied
   */
  public float[] depth() {
    return depth;
  }

  /**
   * Returns the camera.
   *
   * @return world to camera
   */
  public CameraPose pose() {
    return pose;
  }

  /**
   * Returns the lens.
   *
   * @return the intrinsics, with the width and height of the image
   */
  public Intrinsics intrinsics() {
    return intrinsics;
  }

  /**
   * Returns the share of the image that the object covers.
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
