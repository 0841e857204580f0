package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.splat.GaussianCloud;

/**
 * Which way is up in a file of Gaussians. The world of this library has +z up; a cloud is turned
 * about the x axis on the way into a file with other axes, and back on the way out. All axes are
 * right-handed.
 */
public enum SplatAxes {
  /** The axes of this library and, for captures, of their cameras: nothing is turned. */
  Z_UP(1, 0),

  /**
   * +y up, +z towards the viewer, as in glTF, OpenGL and three.js ("RUB"): (x, y, z) of the world
   * is (x, z, -y) in the file.
   */
  Y_UP(Math.sqrt(0.5), -Math.sqrt(0.5)),

  /**
   * +y down, +z away from the viewer, as in OpenCV's and COLMAP's cameras ("RDF"): (x, y, z) of the
   * world is (x, -z, y) in the file.
   */
  Y_DOWN(Math.sqrt(0.5), Math.sqrt(0.5));

  private final double w;
  private final double x;

  SplatAxes(double w, double x) {
    this.w = w;
    this.x = x;
  }

  /**
   * Turns a cloud from the world's axes to these.
   *
   * @param cloud a cloud in a world with +z up
   * @return the cloud in these axes: positions, rotations and harmonics are turned; the same object
   *     for {@link #Z_UP}
   */
  public GaussianCloud fromWorld(GaussianCloud cloud) {
    return this == Z_UP ? cloud : new CloudRotation(w, x, 0, 0).apply(cloud);
  }

  /**
   * Turns a cloud from these axes to the world's.
   *
   * @param cloud a cloud in these axes
   * @return the cloud with +z up; the same object for {@link #Z_UP}
   */
  public GaussianCloud toWorld(GaussianCloud cloud) {
    return this == Z_UP ? cloud : new CloudRotation(w, -x, 0, 0).apply(cloud);
  }
}
