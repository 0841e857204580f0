package ai.fresnel.cvs.splat;

/**
 * Carries derivatives by a projected Gaussian on to the Gaussian's parameters and the camera:
 * {@link Projector}, backwards. For one thread.
 */
final class ProjectionGradient {
  private final Projector of;
  private final GaussianArrays gradients;

  /** Derivatives by W (row by row) and t, summed over the Gaussians. */
  final double[] byRotation = new double[9];

  final double[] byTranslation = new double[3];

  /** Derivatives by M, N and the mean in world axes, of one Gaussian. */
  private final double[] byM = new double[9];

  private final double[] byN = new double[9];
  private final double[] byMean = new double[3];
  private final double[] slopes =
      new double[3 * GaussianArrays.harmonics(GaussianArrays.MAX_SH_DEGREE)];

  /** Derivatives by the mean in camera axes. */
  private double byX;

  private double byY;
  private double byZ;

  ProjectionGradient(Projector of, GaussianArrays gradients) {
    this.of = of;
    this.gradients = gradients;
  }

  /**
   * Writes the gradients of Gaussian i, and adds to the camera's.
   *
   * @param d derivatives by u, v, a, b, c, opacity, colour and depth, as {@link TileGradient} has
   *     them
   */
  void add(int i, double[] d) {
    of.project(i);
    of.shade(i);
    byMean[0] = 0;
    byMean[1] = 0;
    byMean[2] = 0;
    byX = of.fx / of.z * d[0];
    byY = of.fy / of.z * d[1];
    byZ = d[9] - (of.fx * of.x * d[0] + of.fy * of.y * d[1]) / (of.z * of.z);
    addShape(d[2], d[3], d[4]);
    addColour(i, d);
    addMean(i);
    writeShape(i);
    gradients.opacityLogits()[i] = (float) (d[5] * of.opacity * (1 - of.opacity));
  }

  /** Goes from the ellipse's conic through P = J·N to N and the mean. */
  private void addShape(double byA, double byB, double byC) {
    double a = of.conicA;
    double b = of.conicB;
    double c = of.conicC;
    // For Q the inverse of the covariance, dQ = -Q·dCovariance·Q; byB counts both entries b.
    double q00 = byA * a + 0.5 * byB * b;
    double q01 = byA * b + 0.5 * byB * c;
    double q10 = 0.5 * byB * a + byC * b;
    double q11 = 0.5 * byB * b + byC * c;
    double s00 = -(a * q00 + b * q10);
    double s01 = -(a * q01 + b * q11);
    double s11 = -(b * q01 + c * q11);
    double z = of.z;
    double j00 = of.fx / z;
    double j11 = of.fy / z;
    double j02 = -of.fx * of.jacobianX / (z * z);
    double j12 = -of.fy * of.jacobianY / (z * z);
    double byJ00 = 0;
    double byJ02 = 0;
    double byJ11 = 0;
    double byJ12 = 0;
    for (int k = 0; k < 3; k++) {
      double p0 = 2 * (s00 * of.p[k] + s01 * of.p[3 + k]);
      double p1 = 2 * (s01 * of.p[k] + s11 * of.p[3 + k]);
      byJ00 += p0 * of.n[k];
      byJ02 += p0 * of.n[6 + k];
      byJ11 += p1 * of.n[3 + k];
      byJ12 += p1 * of.n[6 + k];
      byN[k] = j00 * p0;
      byN[3 + k] = j11 * p1;
      byN[6 + k] = j02 * p0 + j12 * p1;
    }
    // Outside the widened frustum, x / z of the Jacobian is a constant.
    double steepX = of.insideX ? 2 : 1;
    double steepY = of.insideY ? 2 : 1;
    byZ +=
        (-of.fx * byJ00 - of.fy * byJ11 - steepX * j02 * z * byJ02 - steepY * j12 * z * byJ12)
            / (z * z);
    byX += of.insideX ? -of.fx / (z * z) * byJ02 : 0;
    byY += of.insideY ? -of.fy / (z * z) * byJ12 : 0;
  }

  private void addColour(int i, double[] d) {
    float[] sh = of.gaussians.sh();
    float[] out = gradients.sh();
    double[] toward = of.direction;
    SphericalHarmonics.differentiate(of.degree, toward[0], toward[1], toward[2], slopes);
    double red = of.colour[0] >= 0 ? d[6] : 0;
    double green = of.colour[1] >= 0 ? d[7] : 0;
    double blue = of.colour[2] >= 0 ? d[8] : 0;
    double x = 0;
    double y = 0;
    double z = 0;
    int at = of.firstCoefficient(i);
    for (int k = 0; k < of.harmonics; k++, at += 3) {
      out[at] = (float) (of.basis[k] * red);
      out[at + 1] = (float) (of.basis[k] * green);
      out[at + 2] = (float) (of.basis[k] * blue);
      double byBasis = red * sh[at] + green * sh[at + 1] + blue * sh[at + 2];
      x += byBasis * slopes[3 * k];
      y += byBasis * slopes[3 * k + 1];
      z += byBasis * slopes[3 * k + 2];
    }
    double along = x * toward[0] + y * toward[1] + z * toward[2];
    byMean[0] = (x - along * toward[0]) / of.distance;
    byMean[1] = (y - along * toward[1]) / of.distance;
    byMean[2] = (z - along * toward[2]) / of.distance;
    // The camera's position -Wᵀ·t moves the direction the other way.
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        byRotation[3 * row + column] += of.translation[row] * byMean[column];
        byTranslation[row] += of.rotation[3 * row + column] * byMean[column];
      }
    }
  }

  private void addMean(int i) {
    double[] w = of.rotation;
    double[] byCamera = {byX, byY, byZ};
    for (int row = 0; row < 3; row++) {
      byTranslation[row] += byCamera[row];
      for (int column = 0; column < 3; column++) {
        byRotation[3 * row + column] += byCamera[row] * of.gaussians.means()[3 * i + column];
        byMean[column] += w[3 * row + column] * byCamera[row];
      }
    }
    for (int k = 0; k < 3; k++) {
      gradients.means()[3 * i + k] = (float) byMean[k];
    }
  }

  /** Goes from N = W·M and M = R·S to the camera, the scales and the quaternion. */
  private void writeShape(int i) {
    double[] w = of.rotation;
    for (int k = 0; k < 3; k++) {
      double n0 = byN[k];
      double n1 = byN[3 + k];
      double n2 = byN[6 + k];
      double scale = 0;
      for (int row = 0; row < 3; row++) {
        byM[3 * row + k] = w[row] * n0 + w[3 + row] * n1 + w[6 + row] * n2;
        scale += byM[3 * row + k] * of.m[3 * row + k];
        byRotation[row] += n0 * of.m[3 * row + k];
        byRotation[3 + row] += n1 * of.m[3 * row + k];
        byRotation[6 + row] += n2 * of.m[3 * row + k];
      }
      // The derivative by log s is s times that by s, and M's column is s times R's.
      gradients.logScales()[3 * i + k] = (float) scale;
    }
    for (int entry = 0; entry < 9; entry++) {
      byM[entry] *= of.scale[entry % 3];
    }
    writeQuaternion(i, byM);
  }

  /** Goes from R to the quaternion, and through its normalisation. */
  private void writeQuaternion(int i, double[] byR) {
    double[] q = of.quaternion;
    double w = q[0];
    double x = q[1];
    double y = q[2];
    double z = q[3];
    double[] by = {
      2 * (x * (byR[7] - byR[5]) + y * (byR[2] - byR[6]) + z * (byR[3] - byR[1])),
      2
          * (-2 * x * (byR[4] + byR[8])
              + y * (byR[1] + byR[3])
              + z * (byR[2] + byR[6])
              + w * (byR[7] - byR[5])),
      2
          * (x * (byR[1] + byR[3])
              - 2 * y * (byR[0] + byR[8])
              + z * (byR[5] + byR[7])
              + w * (byR[2] - byR[6])),
      2
          * (x * (byR[2] + byR[6])
              + y * (byR[5] + byR[7])
              - 2 * z * (byR[0] + byR[4])
              + w * (byR[3] - byR[1]))
    };
    double along = by[0] * w + by[1] * x + by[2] * y + by[3] * z;
    for (int k = 0; k < 4; k++) {
      gradients.rotations()[4 * i + k] = (float) ((by[k] - along * q[k]) / of.quaternionLength);
    }
  }
}
