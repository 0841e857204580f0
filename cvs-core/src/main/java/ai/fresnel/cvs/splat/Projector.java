package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;

/**
 * Projects one Gaussian after another to an ellipse of one image: "EWA splatting" (Zwicker et al.,
 * 2002) as gsplat does it. Holds the numbers of the last one, in float64, for its gradient. For one
 * thread.
 *
 * <p>A Gaussian's covariance is M·Mᵀ with M = R·S. In the image it is P·Pᵀ + 0.3·I with P = J·W·M,
 * where W is the camera's rotation and J the Jacobian of the projection at the mean.
 */
final class Projector {

  /** Gaussians nearer than this, in world units, are not drawn. */
  static final double NEAR = 0.01;

  /** The variance in pixels² that the low-pass filter adds along both axes. */
  static final double LOW_PASS = 0.3;

  /** The smallest alpha that is drawn. */
  static final double LEAST_ALPHA = 1.0 / 255;

  /** The Jacobian is taken inside the frustum widened by this share of its half. */
  private static final double MARGIN = 0.3;

  final GaussianArrays gaussians;
  final int degree;
  final int harmonics;

  /** W, row by row, t, and the camera's position in the world. */
  final double[] rotation;

  final double[] translation;
  final double[] position;

  final double fx;
  final double fy;
  private final double cx;
  private final double cy;
  private final double leastSlopeX;
  private final double mostSlopeX;
  private final double leastSlopeY;
  private final double mostSlopeY;
  private final int storedHarmonics;

  /** The mean in camera axes. */
  double x;

  double y;
  double z;

  /** Where the Jacobian is taken: x and y moved into the widened frustum. */
  double jacobianX;

  double jacobianY;
  boolean insideX;
  boolean insideY;

  /** The normalised quaternion w x y z, and the length it had. */
  final double[] quaternion = new double[4];

  double quaternionLength;

  /** R and the scales; M = R·S, and N = W·M. Row by row. */
  final double[] turn = new double[9];

  final double[] scale = new double[3];
  final double[] m = new double[9];
  final double[] n = new double[9];

  /** P, 2 × 3, and the covariance in the image, in pixels². */
  final double[] p = new double[6];

  double covarianceXx;
  double covarianceXy;
  double covarianceYy;

  /** The middle of the ellipse in pixels, and the inverse of its covariance. */
  double u;

  double v;
  double conicA;
  double conicB;
  double conicC;

  double opacity;

  /** The exponent at which alpha is 1/255. */
  double reach;

  /** The direction from the camera to the mean, of length 1, and the distance. */
  final double[] direction = new double[3];

  double distance;
  final double[] basis = new double[GaussianArrays.harmonics(GaussianArrays.MAX_SH_DEGREE)];

  /** The colour before it is cut off at 0. */
  final double[] colour = new double[3];

  Projector(GaussianArrays gaussians, int degree, CameraPose pose, Intrinsics intrinsics) {
    this.gaussians = gaussians;
    this.degree = degree;
    harmonics = GaussianArrays.harmonics(degree);
    storedHarmonics = GaussianArrays.harmonics(gaussians.shDegree());
    rotation = pose.rotation();
    translation = pose.translation();
    position = pose.position();
    fx = intrinsics.fx();
    fy = intrinsics.fy();
    cx = intrinsics.cx();
    cy = intrinsics.cy();
    double marginX = MARGIN * 0.5 * intrinsics.width() / fx;
    double marginY = MARGIN * 0.5 * intrinsics.height() / fy;
    leastSlopeX = -cx / fx - marginX;
    mostSlopeX = (intrinsics.width() - cx) / fx + marginX;
    leastSlopeY = -cy / fy - marginY;
    mostSlopeY = (intrinsics.height() - cy) / fy + marginY;
  }

  /**
   * Projects Gaussian i.
   *
   * @return whether it can be seen at all, inside the image or outside of it
   */
  boolean project(int i) {
    float[] means = gaussians.means();
    double worldX = means[3 * i];
    double worldY = means[3 * i + 1];
    double worldZ = means[3 * i + 2];
    double[] w = rotation;
    z = w[6] * worldX + w[7] * worldY + w[8] * worldZ + translation[2];
    // Written so that NaN is not drawn, here and below.
    if (!(z >= NEAR)) {
      return false;
    }
    opacity = 1 / (1 + Math.exp(-gaussians.opacityLogits()[i]));
    if (!(opacity >= LEAST_ALPHA)) {
      return false;
    }
    x = w[0] * worldX + w[1] * worldY + w[2] * worldZ + translation[0];
    y = w[3] * worldX + w[4] * worldY + w[5] * worldZ + translation[1];
    u = fx * x / z + cx;
    v = fy * y / z + cy;
    shape(i);
    flatten();
    double determinant = covarianceXx * covarianceYy - covarianceXy * covarianceXy;
    if (!(determinant > 0 && determinant < Double.POSITIVE_INFINITY)) {
      return false;
    }
    conicA = covarianceYy / determinant;
    conicB = -covarianceXy / determinant;
    conicC = covarianceXx / determinant;
    reach = Math.log(opacity / LEAST_ALPHA);
    return true;
  }

  /** Makes R, the scales, M = R·S and N = W·M. */
  private void shape(int i) {
    float[] rotations = gaussians.rotations();
    double qw = rotations[4 * i];
    double qx = rotations[4 * i + 1];
    double qy = rotations[4 * i + 2];
    double qz = rotations[4 * i + 3];
    quaternionLength = Math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz);
    qw /= quaternionLength;
    qx /= quaternionLength;
    qy /= quaternionLength;
    qz /= quaternionLength;
    quaternion[0] = qw;
    quaternion[1] = qx;
    quaternion[2] = qy;
    quaternion[3] = qz;
    turn[0] = 1 - 2 * (qy * qy + qz * qz);
    turn[1] = 2 * (qx * qy - qw * qz);
    turn[2] = 2 * (qx * qz + qw * qy);
    turn[3] = 2 * (qx * qy + qw * qz);
    turn[4] = 1 - 2 * (qx * qx + qz * qz);
    turn[5] = 2 * (qy * qz - qw * qx);
    turn[6] = 2 * (qx * qz - qw * qy);
    turn[7] = 2 * (qy * qz + qw * qx);
    turn[8] = 1 - 2 * (qx * qx + qy * qy);
    for (int k = 0; k < 3; k++) {
      double size = Math.exp(gaussians.logScales()[3 * i + k]);
      scale[k] = size;
      double m0 = turn[k] * size;
      double m1 = turn[3 + k] * size;
      double m2 = turn[6 + k] * size;
      m[k] = m0;
      m[3 + k] = m1;
      m[6 + k] = m2;
      n[k] = rotation[0] * m0 + rotation[1] * m1 + rotation[2] * m2;
      n[3 + k] = rotation[3] * m0 + rotation[4] * m1 + rotation[5] * m2;
      n[6 + k] = rotation[6] * m0 + rotation[7] * m1 + rotation[8] * m2;
    }
  }

  /** Makes P = J·N and the covariance in the image. */
  private void flatten() {
    double slopeX = x / z;
    double slopeY = y / z;
    insideX = slopeX >= leastSlopeX && slopeX <= mostSlopeX;
    insideY = slopeY >= leastSlopeY && slopeY <= mostSlopeY;
    jacobianX = z * Math.max(leastSlopeX, Math.min(mostSlopeX, slopeX));
    jacobianY = z * Math.max(leastSlopeY, Math.min(mostSlopeY, slopeY));
    double j00 = fx / z;
    double j02 = -fx * jacobianX / (z * z);
    double j11 = fy / z;
    double j12 = -fy * jacobianY / (z * z);
    covarianceXx = LOW_PASS;
    covarianceXy = 0;
    covarianceYy = LOW_PASS;
    for (int k = 0; k < 3; k++) {
      double p0 = j00 * n[k] + j02 * n[6 + k];
      double p1 = j11 * n[3 + k] + j12 * n[6 + k];
      p[k] = p0;
      p[3 + k] = p1;
      covarianceXx += p0 * p0;
      covarianceXy += p0 * p1;
      covarianceYy += p1 * p1;
    }
  }

  /** Makes the colour that Gaussian i has in the direction it is seen in. */
  void shade(int i) {
    double length = 0;
    for (int k = 0; k < 3; k++) {
      direction[k] = gaussians.means()[3 * i + k] - position[k];
      length += direction[k] * direction[k];
    }
    distance = Math.sqrt(length);
    for (int k = 0; k < 3; k++) {
      direction[k] /= distance;
    }
    SphericalHarmonics.evaluate(degree, direction[0], direction[1], direction[2], basis);
    double red = 0.5;
    double green = 0.5;
    double blue = 0.5;
    int at = firstCoefficient(i);
    for (int k = 0; k < harmonics; k++, at += 3) {
      red += basis[k] * gaussians.sh()[at];
      green += basis[k] * gaussians.sh()[at + 1];
      blue += basis[k] * gaussians.sh()[at + 2];
    }
    colour[0] = red;
    colour[1] = green;
    colour[2] = blue;
  }

  /** Returns where the harmonics of Gaussian i begin. */
  int firstCoefficient(int i) {
    return 3 * storedHarmonics * i;
  }
}
