package ai.fresnel.cvs.surface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GaussianFieldTest {

  private static final double C0 = 0.28209479177387814;
  private static final GridBox BOX =
      new GridBox(new double[] {-0.5, -0.5, -0.5}, new double[] {0.5, 0.5, 0.5});

  private static GaussianArrays one(double opacity, double... scales) {
    GaussianArrays arrays = GaussianArrays.zeros(1, 0);
    arrays.rotations()[0] = 1;
    arrays.opacityLogits()[0] = (float) Math.log(opacity / (1 - opacity));
    for (int c = 0; c < 3; c++) {
      arrays.logScales()[c] = (float) Math.log(scales[c]);
    }
    return arrays;
  }

  /** The surface of one Gaussian is an ellipsoid: opacity · exp(-½·d²) is the level. */
  @Test
  void oneGaussianIsAnEllipsoidInItsColour() {
    double[] scales = {0.15, 0.1, 0.08};
    GaussianArrays arrays = one(0.9, scales);
    // Turned by 30° about z, of length 2.
    arrays.rotations()[0] = (float) (2 * Math.cos(Math.PI / 12));
    arrays.rotations()[3] = (float) (2 * Math.sin(Math.PI / 12));
    arrays.means()[1] = 0.05f;
    for (int c = 0; c < 3; c++) {
      arrays.sh()[c] = (float) ((0.2 + 0.3 * c - 0.5) / C0);
    }
    FieldGrid field = GaussianField.of(GaussianCloud.of(arrays), BOX, 100);
    SurfaceMesh mesh = MarchingCubes.extract(field, 0.5f);
    Topology.assertWatertight(mesh);
    assertEquals(2, Topology.euler(mesh));
    double widening = field.step() * field.step() / 2;
    double size = Math.sqrt(2 * Math.log(0.9 / 0.5));
    double volume = 4 * Math.PI / 3;
    for (int c = 0; c < 3; c++) {
      volume *= size * Math.sqrt(scales[c] * scales[c] + widening);
    }
    assertEquals(volume, Topology.volume(mesh), 0.01 * volume);
    double cosine = Math.cos(Math.PI / 6);
    double sine = Math.sin(Math.PI / 6);
    for (int i = 0; i < mesh.vertexCount(); i++) {
      double x = mesh.positions()[3 * i];
      double y = mesh.positions()[3 * i + 1] - 0.05;
      double[] d = {cosine * x + sine * y, cosine * y - sine * x, mesh.positions()[3 * i + 2]};
      double square = 0;
      for (int c = 0; c < 3; c++) {
        square += d[c] * d[c] / (scales[c] * scales[c] + widening);
        assertEquals(0.2 + 0.3 * c, mesh.colours()[3 * i + c], 1e-4);
      }
      assertEquals(size, Math.sqrt(square), 0.01);
    }
  }

  /** Every node of the fast field is the sum that the definition says. */
  @Test
  void agreesWithTheSumOfAllGaussians() {
    SplittableRandom random = new SplittableRandom(4);
    GaussianArrays arrays = GaussianArrays.zeros(30, 1);
    for (float[] group : arrays.groups()) {
      for (int i = 0; i < group.length; i++) {
        group[i] = (float) (random.nextDouble() - 0.5);
      }
    }
    for (int i = 0; i < arrays.logScales().length; i++) {
      arrays.logScales()[i] = (float) (-4 + 2.5 * random.nextDouble());
    }
    FieldGrid field = GaussianField.of(GaussianCloud.of(arrays), BOX, 24);
    assertEquals(27, field.width());
    for (int node = 0; node < field.values().length; node++) {
      int row = node / 27;
      int layer = row / 27;
      double[] place = {
        field.origin()[0] + field.step() * (node % 27),
        field.origin()[1] + field.step() * (row % 27),
        field.origin()[2] + field.step() * layer
      };
      double density = 0;
      double red = 0;
      for (int i = 0; i < 30; i++) {
        double weight = weight(arrays, i, place, field.step());
        density += weight;
        red += weight * Math.max(0, Math.min(1, 0.5 + C0 * arrays.sh()[12 * i]));
      }
      // Each is cut off at 3 deviations, where e^-4.5 is left of it.
      assertEquals(density, field.values()[node], 30 * 0.012);
      if (density > 2) {
        assertEquals(red / density, field.colours()[3 * node], 0.05);
      }
    }
  }

  private static double weight(GaussianArrays arrays, int i, double[] place, double step) {
    double[] q = new double[4];
    double length = 0;
    for (int c = 0; c < 4; c++) {
      q[c] = arrays.rotations()[4 * i + c];
      length += q[c] * q[c];
    }
    for (int c = 0; c < 4; c++) {
      q[c] /= Math.sqrt(length);
    }
    double[] d = new double[3];
    for (int c = 0; c < 3; c++) {
      d[c] = place[c] - arrays.means()[3 * i + c];
    }
    // Into the Gaussian's axes, where the widening by the same in all directions stays.
    double[][] r = {
      {
        1 - 2 * (q[2] * q[2] + q[3] * q[3]),
        2 * (q[1] * q[2] + q[0] * q[3]),
        2 * (q[1] * q[3] - q[0] * q[2])
      },
      {
        2 * (q[1] * q[2] - q[0] * q[3]),
        1 - 2 * (q[1] * q[1] + q[3] * q[3]),
        2 * (q[2] * q[3] + q[0] * q[1])
      },
      {
        2 * (q[1] * q[3] + q[0] * q[2]),
        2 * (q[2] * q[3] - q[0] * q[1]),
        1 - 2 * (q[1] * q[1] + q[2] * q[2])
      }
    };
    double square = 0;
    for (int axis = 0; axis < 3; axis++) {
      double along = r[axis][0] * d[0] + r[axis][1] * d[1] + r[axis][2] * d[2];
      double variance = Math.exp(2 * arrays.logScales()[3 * i + axis]) + step * step / 2;
      square += along * along / variance;
    }
    double opacity = 1 / (1 + Math.exp(-arrays.opacityLogits()[i]));
    return square <= 9 ? opacity * Math.exp(-0.5 * square) : 0;
  }

  /** A disc much thinner than a cell, between two layers of nodes, is still there. */
  @Test
  void thinGaussiansDoNotSlipThrough() {
    GaussianArrays disc = one(0.95, 0.2, 0.2, 1e-5);
    disc.means()[2] = 0.5f / 40;
    SurfaceMesh mesh =
        MarchingCubes.extract(
            GaussianField.of(GaussianCloud.of(disc), BOX, 40), GaussianField.LEVEL);
    Topology.assertWatertight(mesh);
    assertEquals(2, Topology.euler(mesh));
    // The nodes above and below see e^-¼ of it.
    double radius = 0.2 * Math.sqrt(2 * (Math.log(0.95 / 0.5) - 0.25));
    float[] x = new float[mesh.vertexCount()];
    for (int i = 0; i < x.length; i++) {
      x[i] = mesh.positions()[3 * i];
    }
    Arrays.sort(x);
    assertEquals(radius, x[x.length - 1], 0.01);
  }

  @Test
  void theBoxLeavesOutFarGaussians() {
    SplittableRandom random = new SplittableRandom(1);
    GaussianArrays arrays = GaussianArrays.zeros(3000, 0);
    for (int i = 0; i < 3000; i++) {
      arrays.rotations()[4 * i] = 1;
      for (int c = 0; c < 3; c++) {
        arrays.means()[3 * i + c] = (float) ((random.nextDouble() - 0.5) * (c + 1));
        arrays.logScales()[3 * i + c] = (float) Math.log(0.05);
      }
    }
    arrays.means()[0] = 1000;
    arrays.means()[4] = -500;
    GridBox box = GridBox.around(GaussianCloud.of(arrays));
    // Two deviations, and a hundredth of the longest side, are added.
    assertArrayEquals(new double[] {-0.63, -1.13, -1.63}, box.low(), 0.02);
    assertArrayEquals(new double[] {0.63, 1.13, 1.63}, box.high(), 0.02);
    FieldGrid field = GaussianField.of(GaussianCloud.of(arrays), 33);
    assertEquals(36, field.depth());
    assertTrue(field.width() < field.height() && field.height() < field.depth());
  }

  @Test
  void wrongSizesAreRefused() {
    GaussianCloud cloud = GaussianCloud.of(one(0.5, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> GaussianField.of(cloud, 1));
    assertThrows(IllegalArgumentException.class, () -> GaussianField.of(cloud, 1001));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> GaussianField.of(cloud, 1000))
            .getMessage()
            .contains("expected at most 134217728"));
    assertThrows(
        IllegalArgumentException.class,
        () -> GaussianField.of(GaussianCloud.of(GaussianArrays.zeros(0, 0)), 10));
    assertThrows(
        IllegalArgumentException.class, () -> new GridBox(new double[3], new double[] {1, 1, 0}));
  }
}
