package ai.fresnel.cvs.train.mesh;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.train.render.RenderJob;
import ai.fresnel.cvs.train.render.RenderedView;
import ai.fresnel.cvs.train.render.ViewSetRenderer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects millions of metres from the origin, as maps place them, look as at the origin. */
class DistantMeshesTest {
  private static final double X = 388096;
  private static final double Y = 40;
  private static final double Z = 3948996;
  private static final int ROWS = 24;

  @TempDir Path folder;

  /** Rows of a sphere 1 m wide; each row has twice as many points. */
  private static List<double[]> points() {
    List<double[]> points = new ArrayList<>();
    for (int row = 0; row <= ROWS; row++) {
      for (int i = 0; i < 2 * ROWS; i++) {
        double e = Math.PI * row / ROWS;
        double a = Math.PI * i / ROWS;
        points.add(
            new double[] {
              0.5 * Math.sin(e) * Math.cos(a), 0.5 * Math.cos(e), 0.5 * Math.sin(e) * Math.sin(a)
            });
      }
    }
    return points;
  }

  private static List<int[]> triangles() {
    List<int[]> triangles = new ArrayList<>();
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < 2 * ROWS; i++) {
        int a = 2 * ROWS * row + i;
        int b = 2 * ROWS * row + (i + 1) % (2 * ROWS);
        triangles.add(new int[] {a, b, b + 2 * ROWS});
        triangles.add(new int[] {a, b + 2 * ROWS, a + 2 * ROWS});
      }
    }
    return triangles;
  }

  private Mesh obj(double x, double y, double z) throws IOException {
    StringBuilder text = new StringBuilder();
    for (double[] p : points()) {
      text.append(String.format(Locale.ROOT, "v %.6f %.6f %.6f%n", x + p[0], y + p[1], z + p[2]));
    }
    for (int[] t : triangles()) {
      text.append(String.format("f %d %d %d%n", t[0] + 1, t[1] + 1, t[2] + 1));
    }
    return load("a.obj", text.toString());
  }

  /** Two halves at two nodes, whose places a float would round to a quarter of a metre. */
  private Mesh gltf(double x, double y, double z) throws IOException {
    List<double[]> points = points();
    List<int[]> triangles = triangles();
    ByteBuffer data =
        ByteBuffer.allocate(12 * points.size() + 12 * triangles.size())
            .order(ByteOrder.LITTLE_ENDIAN);
    points.forEach(p -> data.putFloat((float) p[0]).putFloat((float) p[1]).putFloat((float) p[2]));
    triangles.forEach(t -> data.putInt(t[0]).putInt(t[1]).putInt(t[2]));
    int half = 3 * triangles.size() / 2;
    return load(
        "a.gltf",
        String.format(
            Locale.ROOT,
            """
            {"asset": {"version": "2.0"}, "nodes": [
              {"children": [1, 2], "translation": [%.3f, %.3f, %.3f]},
              {"mesh": 0}, {"mesh": 1, "children": [3]}, {"mesh": 0, "scale": [0.01, 0.01, 0.01]}],
             "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]},
               {"primitives": [{"attributes": {"POSITION": 0}, "indices": 2}]}],
             "accessors": [{"bufferView": 0, "componentType": 5126, "count": %d, "type": "VEC3"},
               {"bufferView": 1, "componentType": 5125, "count": %d, "type": "SCALAR"},
               {"bufferView": 1, "byteOffset": %d, "componentType": 5125, "count": %d,
                "type": "SCALAR"}],
             "bufferViews": [{"buffer": 0, "byteLength": %d},
               {"buffer": 0, "byteOffset": %d, "byteLength": %d}],
             "buffers": [{"byteLength": %d, "uri": "data:;base64,%s"}]}
            """,
            x,
            y,
            z,
            points.size(),
            half,
            4 * half,
            half,
            12 * points.size(),
            12 * points.size(),
            8 * half,
            data.capacity(),
            Base64.getEncoder().encodeToString(data.array())));
  }

  private Mesh load(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    return MeshFiles.list(folder.resolve(name)).get(0).load().mesh();
  }

  private static void assertLookTheSame(Mesh expected, Mesh mesh) {
    RenderJob job = RenderJob.of(2, 64, 1);
    List<RenderedView> near = ViewSetRenderer.renderObject("a", expected, job);
    List<RenderedView> far = ViewSetRenderer.renderObject("a", mesh, job);
    double sum = 0;
    for (int view = 0; view < 2; view++) {
      byte[] a = near.get(view).rgba();
      byte[] b = far.get(view).rgba();
      for (int i = 0; i < a.length; i++) {
        sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
      }
    }
    assertEquals(0, sum / (2 * 4 * 64 * 64), 0.02, "mean difference of 255");
  }

  @Test
  void verticesAreDoublesUntilTheyAreCentred() throws IOException {
    assertLookTheSame(obj(0, 0, 0), obj(X, Y, Z));
  }

  @Test
  void nodesAreDoublesUntilTheyAreCentred() throws IOException {
    assertLookTheSame(gltf(0, 0, 0), gltf(X + 0.123, Y, Z + 0.456));
  }
}
