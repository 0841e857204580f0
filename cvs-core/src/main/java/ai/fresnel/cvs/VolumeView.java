package ai.fresnel.cvs;

import ai.fresnel.cvs.geometry.CameraPose;

/**
 * A photograph's volume from a camera. Its resolution is that of the model's images, or a part of
 * it.
 *
 * @param target the camera
 * @param opacity how much of each pixel the object covers, row by row, 0 to 1
 * @param depth along the camera's axis, in units; 0 where the object covers nothing
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
public record VolumeView(CameraPose target, float[] opacity, float[] depth) {

  /**
   * Returns the width and height.
   *
   * @return pixels
   */
  public int side() {
    return (int) Math.round(Math.sqrt(opacity.length));
  }
}
