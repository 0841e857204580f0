package ai.fresnel.cvs.surface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MarchingCubesTest {

  /** A function of a place. */
  private interface Field {
    double at(double x, double y, double z);
  }

  /** Samples a field in a cube around the origin; colours are (½ + x, ½ + y, ½ + z). */
  private static FieldGrid sample(int side, double half, Field field) {
    double step = 2 * half / (side - 1);
    float[] values = new float[side * side * side];
    float[] colours = new float[3 * values.length];
    for (int i = 0; i < values.length; i++) {
      int row = i / side;
      int layer = row / side;
      double x = -half + step * (i % side);
      double y = -half + step * (row % side);
      double z = -half + step * layer;
      values[i] = (float) field.at(x, y, z);
      colours[3 * i] = (float) Math.max(0, Math.min(1, 0.5 + x));
      colours[3 * i + 1] = (float) Math.max(0, Math.min(1, 0.5 + y));
      colours[3 * i + 2] = (float) Math.max(0, Math.min(1, 0.5 + z));
    }
    return new FieldGrid(
        side, side, side, step, new double[] {-half, -half, -half}, values, colours);
  }

  private static double sphere(double x, double y, double z) {
    return 1.5 - Math.sqrt(x * x + y * y + z * z);
  }

  @Test
  void theSphereHasItsAreaVolumeAndNormals() {
    // Radius 0.4.
    SurfaceMesh mesh = MarchingCubes.extract(sample(50, 0.5, MarchingCubesTest::sphere), 1.1f);
    Topology.assertWatertight(mesh);
    assertEquals(2, Topology.euler(mesh));
    // Flat pieces between points on the sphere: a bit less, by about (step / radius)² / 6.
    assertEquals(4 * Math.PI * 0.16, Topology.area(mesh), 4e-3);
    assertEquals(4 * Math.PI * 0.064 / 3, Topology.volume(mesh), 2e-3 * 0.268);
    for (int i = 0; i < mesh.vertexCount(); i++) {
      double x = mesh.positions()[3 * i];
      double y = mesh.positions()[3 * i + 1];
      double z = mesh.positions()[3 * i + 2];
      double radius = Math.sqrt(x * x + y * y + z * z);
      assertEquals(0.4, radius, 2e-4);
      double cosine =
          mesh.normals()[3 * i] * x + mesh.normals()[3 * i + 1] * y + mesh.normals()[3 * i + 2] * z;
      assertEquals(1, cosine / radius, 1e-3);
      for (int c = 0; c < 3; c++) {
        // Mixed along an edge by values that differ by 2 %.
        assertEquals(0.5 + mesh.positions()[3 * i + c], mesh.colours()[3 * i + c], 2e-4);
      }
    }
    for (int t = 0; t < mesh.indices().length; t += 3) {
      double[] n = Topology.normal(mesh, t);
      int a = 3 * mesh.indices()[t];
      double outward = 0;
      for (int c = 0; c < 3; c++) {
        outward += n[c] * mesh.positions()[a + c];
      }
      assertTrue(outward > 0, "triangle " + t / 3 + " faces inward");
    }
  }

  @Test
  void errorsFallWithTheSquareOfTheStep() {
    double[] errors = new double[2];
    for (int i = 0; i < 2; i++) {
      int side = i == 0 ? 26 : 51;
      SurfaceMesh mesh = MarchingCubes.extract(sample(side, 0.5, MarchingCubesTest::sphere), 1.1f);
      errors[i] = 4 * Math.PI * 0.16 - Topology.area(mesh);
    }
    assertEquals(4, errors[0] / errors[1], 0.5);
  }

  @Test
  void theTorusHasAHandle() {
    double major = 0.3;
    double minor = 0.11;
    SurfaceMesh mesh =
        MarchingCubes.extract(
            sample(
                61,
                0.5,
                (x, y, z) -> {
                  double ring = Math.sqrt(x * x + y * y) - major;
                  return minor - Math.sqrt(ring * ring + z * z);
                }),
            0);
    Topology.assertWatertight(mesh);
    assertEquals(0, Topology.euler(mesh));
    double area = 4 * Math.PI * Math.PI * major * minor;
    double volume = 2 * Math.PI * Math.PI * major * minor * minor;
    assertEquals(area, Topology.area(mesh), 0.01 * area);
    assertEquals(volume, Topology.volume(mesh), 0.02 * volume);
  }

  /** Noise has all cases beside each other, ambiguous faces included. */
  @Test
  void everyFieldGivesAWatertightMesh() {
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      // Rounded, so that many values are those of their neighbours, or the level itself.
      double steps = seed % 2 == 0 ? 2 : 1000;
      SurfaceMesh mesh =
          MarchingCubes.extract(
              sample(20, 0.5, (x, y, z) -> Math.rint(steps * random.nextDouble()) / steps),
              seed % 4 == 0 ? 0.5f : 0.6f);
      assertTrue(mesh.triangleCount() > 1000);
      Topology.assertWatertight(mesh);
      assertTrue(Topology.volume(mesh) > 0);
      for (float normal : mesh.normals()) {
        assertTrue(Math.abs(normal) <= 1.0001f);
      }
    }
  }

  @Test
  void surfacesAreClosedAtTheEndOfTheGrid() {
    SurfaceMesh mesh = MarchingCubes.extract(sample(11, 0.5, (x, y, z) -> 1), 0.5f);
    Topology.assertWatertight(mesh);
    assertEquals(2, Topology.euler(mesh));
    // A box, without its edges and corners, which reach to the second nodes only.
    assertTrue(Topology.volume(mesh) > 0.9 && Topology.volume(mesh) < 1);
  }

  @Test
  void fieldsThatNeverCrossTheLevelHaveNoSurface() {
    SurfaceMesh mesh = MarchingCubes.extract(sample(5, 0.5, (x, y, z) -> 0.25), 0.5f);
    assertEquals(0, mesh.triangleCount());
    assertEquals(0, mesh.vertexCount());
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> MarchingCubes.extract(sample(5, 0.5, (x, y, z) -> 0.25), Float.NaN))
            .getMessage();
    assertEquals("level is NaN, expected a finite number", message);
  }

  /** What is empty has no colour, however bright. */
  @Test
  void coloursCountAsMuchAsTheirDensity() {
    FieldGrid grid = sample(9, 0.5, (x, y, z) -> Math.abs(x) < 0.3 ? 1 : 0);
    float[] colours = grid.colours().clone();
    for (int i = 0; i < grid.values().length; i++) {
      colours[3 * i] = grid.values()[i] > 0 ? 0.25f : 1;
    }
    FieldGrid bright = new FieldGrid(9, 9, 9, grid.step(), grid.origin(), grid.values(), colours);
    SurfaceMesh mesh = MarchingCubes.extract(bright, 0.5f);
    for (int i = 0; i < mesh.vertexCount(); i++) {
      assertEquals(0.25f, mesh.colours()[3 * i], 1e-6f);
    }
  }

  @Test
  void cleaningFillsCavitiesAndRemovesSpecks() {
    // A hollow ball, and a speck with a cavity of its own.
    FieldGrid hollow =
        sample(
            41,
            0.5,
            (x, y, z) -> {
              double r = Math.sqrt(x * x + y * y + z * z);
              double s = Math.sqrt((x - 0.42) * (x - 0.42) + (y - 0.42) * (y - 0.42) + z * z);
              return Math.max(0.05 - Math.abs(r - 0.3), 0.04 - s);
            });
    SurfaceMesh before = MarchingCubes.extract(hollow, 0);
    Topology.assertWatertight(before);
    assertEquals(6, Topology.euler(before), "outside, inside and speck");
    SurfaceMesh after = MarchingCubes.extract(hollow.cleaned(0, 0.005), 0);
    Topology.assertWatertight(after);
    assertEquals(2, Topology.euler(after));
    double volume = 4 * Math.PI * Math.pow(0.35, 3) / 3;
    assertEquals(volume, Topology.volume(after), 0.01 * volume);
    // Without specks to remove only the cavity is filled.
    assertEquals(4, Topology.euler(MarchingCubes.extract(hollow.cleaned(0, 0), 0)));
    // Nothing to do: the same mesh.
    FieldGrid ball = sample(21, 0.5, MarchingCubesTest::sphere);
    assertArrayEquals(
        MarchingCubes.extract(ball, 1.1f).positions(),
        MarchingCubes.extract(ball.cleaned(1.1f, 0.005), 1.1f).positions());
  }

  @Test
  void wrongGridsAreRefused() {
    assertMessage("1 nodes along a side of a grid, expected 2 to 1024", 1, 1, new float[1]);
    assertMessage("values has 7 values, expected 8", 2, 1, new float[7]);
    assertMessage("step of a grid is 0.0, expected above 0", 2, 0, new float[8]);
    assertMessage(
        "value of node 3 is NaN, expected a finite number",
        2,
        1,
        new float[] {0, 0, 0, Float.NaN, 0, 0, 0, 0});
  }

  private static void assertMessage(String message, int side, double step, float[] values) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new FieldGrid(side, side, side, step, new double[3], values, new float[3 * 8]))
            .getMessage());
  }
}
