package ai.fresnel.cvs.train.procedural;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshBuilder;
import ai.fresnel.cvs.train.mesh.Texture;
import java.awt.Color;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MeshVariationTest {

  private static Mesh chair() {
    try {
      return ProceduralScenes.sources(3, 4).get(1).load().mesh();
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void sidesAreStretchedAndNormalsStayUpright() {
    Mesh mesh = chair();
    MeshVariation variation = new MeshVariation(0.4, 0, 0);
    Mesh varied = variation.apply(mesh, 5);
    float[] before = mesh.extent();
    float[] after = varied.extent();
    float longest = Math.max(after[0], Math.max(after[1], after[2]));
    assertEquals(1, longest, 1e-5);
    // Each side by 0.6 to 1.4, then all alike.
    double[] factors = new double[3];
    Arrays.setAll(factors, c -> after[c] / before[c]);
    double ratio = Arrays.stream(factors).max().orElse(0) / Arrays.stream(factors).min().orElse(1);
    assertTrue(ratio > 1.02 && ratio < 1.4 / 0.6, Arrays.toString(factors));
    int flat = 0;
    for (int t = 0; t < mesh.triangleCount(); t++) {
      if (cosine(mesh, t) > 0.9999) {
        flat++;
        assertTrue(cosine(varied, t) > 0.9998, "triangle " + t + ": " + cosine(varied, t));
      }
    }
    assertTrue(flat > 50, flat + " flat triangles");
    assertEquals(mesh.materials(), varied.materials());
    Mesh again = variation.apply(mesh, 5);
    assertTrue(Arrays.equals(varied.positions(), again.positions()));
    assertTrue(!Arrays.equals(varied.positions(), variation.apply(mesh, 6).positions()));
  }

  /** Of a triangle's own normal and that of its first corner. */
  private static double cosine(Mesh mesh, int t) {
    float[] p = mesh.positions();
    int a = 3 * mesh.indices()[3 * t];
    int b = 3 * mesh.indices()[3 * t + 1];
    int c = 3 * mesh.indices()[3 * t + 2];
    double[] u = new double[3];
    double[] v = new double[3];
    for (int k = 0; k < 3; k++) {
      u[k] = (double) p[b + k] - p[a + k];
      v[k] = (double) p[c + k] - p[a + k];
    }
    double[] n = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]};
    double dot = 0;
    double squares = 0;
    for (int k = 0; k < 3; k++) {
      dot += n[k] * mesh.normals()[9 * t + k];
      squares += n[k] * n[k];
    }
    return dot / Math.sqrt(squares);
  }

  private static Mesh painted(Material... materials) {
    MeshBuilder builder = new MeshBuilder();
    for (int m = 0; m < materials.length; m++) {
      int a = builder.addPosition(m, 0, 0);
      int b = builder.addPosition(m + 1, 0, 0);
      int c = builder.addPosition(m, 1, 0);
      builder.addTriangle(a, b, c, null, null, builder.addMaterial(materials[m]));
    }
    return builder.build();
  }

  @Test
  void huesTurnAndTexturesAreSwapped() {
    Texture texture = Texture.of(1, 1, new int[] {0xff336699});
    Texture glass = Texture.of(1, 1, new int[] {0x80336699});
    Mesh mesh =
        painted(
            new Material("red", 1, 0, 0, 1, null),
            new Material("grey", 0.4f, 0.4f, 0.4f, 0.5f, null),
            new Material("textured", 1, 1, 1, 1, texture),
            new Material("glass", 1, 1, 1, 1, glass));
    boolean turned = false;
    for (long seed = 0; seed < 10; seed++) {
      Mesh varied = new MeshVariation(0, 0.5, 1).apply(mesh, seed);
      Material red = varied.materials().get(0);
      float[] hsb =
          Color.RGBtoHSB(
              Math.round(255 * red.red()),
              Math.round(255 * red.green()),
              Math.round(255 * red.blue()),
              null);
      double hue = 2 * Math.PI * (hsb[0] > 0.5 ? hsb[0] - 1 : hsb[0]);
      assertTrue(Math.abs(hue) < 0.51, hue + " radians");
      turned |= Math.abs(hue) > 0.1;
      assertEquals(1, hsb[1], 0.01);
      assertEquals(1, hsb[2], 0.01);
      Material grey = varied.materials().get(1);
      assertEquals(0.4f, grey.red(), 0.002);
      assertEquals(grey.red(), grey.blue());
      assertEquals(0.5f, grey.opacity());
      assertNotSame(texture, varied.materials().get(2).texture());
      assertSame(glass, varied.materials().get(3).texture(), "what can be seen through stays");
    }
    assertTrue(turned);
    Mesh kept = new MeshVariation(0, 0.5, 0).apply(mesh, 1);
    assertSame(texture, kept.materials().get(2).texture());
    assertNotEquals(mesh.materials().get(0), kept.materials().get(0));
    assertSame(mesh, MeshVariation.NONE.apply(mesh, 1));
    assertThrows(IllegalArgumentException.class, () -> new MeshVariation(0.6, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new MeshVariation(0, Double.NaN, 0));
  }
}
