package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.gltf.GlbBuilder;
import ai.fresnel.cvs.surface.FieldGrid;
import ai.fresnel.cvs.surface.MarchingCubes;
import ai.fresnel.cvs.surface.SurfaceGlb;
import ai.fresnel.cvs.surface.SurfaceMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meshes that cvs-core writes, read by the reader of others' meshes. */
class SurfaceGlbTest {

  @TempDir Path folder;

  /** An ellipsoid of 1 by ½ by ¼, red at its top, blue at its bottom. */
  private static SurfaceMesh ellipsoid() {
    int side = 40;
    double step = 1.2 / (side - 1);
    float[] values = new float[side * side * side];
    float[] colours = new float[3 * values.length];
    for (int i = 0; i < values.length; i++) {
      int row = i / side;
      int layer = row / side;
      double x = -0.6 + step * (i % side);
      double y = -0.6 + step * (row % side);
      double z = -0.6 + step * layer;
      values[i] = (float) (2 - Math.sqrt(x * x + 4 * y * y + 16 * z * z));
      colours[3 * i] = z > 0 ? 0.5f : 0;
      colours[3 * i + 2] = z > 0 ? 0 : 0.5f;
    }
    double[] origin = {-0.6, -0.6, -0.6};
    return MarchingCubes.extract(
        new FieldGrid(side, side, side, step, origin, values, colours), 1.5f);
  }

  @Test
  void ourReaderReadsWhatIsWritten() throws IOException {
    SurfaceMesh surface = ellipsoid();
    Path file = folder.resolve("a.glb");
    SurfaceGlb.write(file, surface);
    LoadedMesh loaded = MeshFiles.list(file).get(0).load();
    assertEquals(List.of(), loaded.notes());
    Mesh mesh = loaded.mesh();
    assertArrayEquals(new float[] {1, 0.5f, 0.25f}, mesh.extent(), 0.02f);
    assertEquals(surface.vertexCount(), mesh.vertexCount());
    assertArrayEquals(surface.indices(), mesh.indices());
    double scale = 0;
    for (int i = 0; i < surface.positions().length; i++) {
      scale = Math.max(scale, 2 * Math.abs(surface.positions()[i]));
    }
    float[] colours = mesh.colours();
    for (int corner = 0; corner < mesh.indices().length; corner++) {
      int vertex = 3 * mesh.indices()[corner];
      double z = surface.positions()[vertex + 2];
      for (int c = 0; c < 3; c++) {
        assertEquals(surface.positions()[vertex + c] / scale, mesh.positions()[vertex + c], 1e-3);
        assertEquals(surface.normals()[vertex + c], mesh.normals()[3 * corner + c], 1e-3);
        double linear = GlbBuilder.linear(surface.colours()[vertex + c]);
        assertEquals(linear, colours[3 * corner + c], 1e-4);
      }
      if (Math.abs(z) > 0.05) {
        assertEquals(0.214, colours[3 * corner + (z > 0 ? 0 : 2)], 1e-3);
      }
    }
  }

  @Test
  void meshesWithoutTrianglesAreRefused() {
    Path file = folder.resolve("a.glb");
    SurfaceMesh none = new SurfaceMesh(new float[0], new float[0], new float[0], new int[0]);
    String message =
        assertThrows(IllegalArgumentException.class, () -> SurfaceGlb.write(file, none))
            .getMessage();
    assertEquals(file + ": no triangle, expected 1 or more for glTF", message);
    assertTrue(Files.notExists(file));
  }
}
