package ai.fresnel.cvs.train.render;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.mesh.Material;
import ai.fresnel.cvs.train.mesh.Mesh;
import ai.fresnel.cvs.train.mesh.MeshBuilder;
import ai.fresnel.cvs.train.mesh.Srgb;
import ai.fresnel.cvs.train.mesh.Texture;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.procedural.UnitBox;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RasterizerTest {
  /** Close and grazing: by affine interpolation a ramp would be off by tens of steps. */
  private static final CameraPose GRAZING = CameraPose.lookAt(at(-0.9, -0.7, 0.25), at(0, 0, 0));

  private static final Intrinsics GRAZING_LENS = ViewCameras.intrinsics(96);

  private static final Lighting LIGHT = Lighting.random(3);

  @Test
  void cubeAgreesWithRaysPixelByPixel() {
    Mesh cube = cube(1, null);
    for (CameraPose pose : ViewCameras.random(6, 11)) {
      assertEquals(0, disagreements(cube, pose, ViewCameras.intrinsics(48), 0.01));
    }
  }

  @Test
  void furnitureAgreesWithRaysPixelByPixel() {
    for (long seed = 0; seed < ProceduralScenes.families().size(); seed++) {
      Mesh mesh = ProceduralScenes.generate(seed);
      CameraPose pose = ViewCameras.random(1, seed).get(0);
      int wrong = disagreements(mesh, pose, ViewCameras.intrinsics(32), 0.01);
      // A ray along an edge may fall on either side of it.
      assertTrue(wrong <= 2, ProceduralScenes.family(seed) + ": " + wrong + " pixels differ");
    }
  }

  @Test
  void surfacesThatPassTheCameraAreCutAtTheNearPlane() {
    // Inside a cube whose walls reach behind the camera on all sides.
    Mesh cube = cube(1, null);
    CameraPose pose = CameraPose.lookAt(at(0.3, 0.2, 0.1), at(-0.4, -0.5, -0.2));
    assertEquals(0, disagreements(cube, pose, Intrinsics.fromFieldOfView(2.2, 40), 0.01));
  }

  @Test
  void surfacesAreLitOnTheSideThatIsSeen() {
    // From inside and from outside, in a wide image: far from the middle a face may be seen from
    // its back although its normal points toward the camera's plane.
    Mesh cube = cube(1, null);
    float[] light = new float[3];
    for (double[] eye : new double[][] {at(0.3, 0.2, 0.1), at(0.6, 0.55, 0.2)}) {
      CameraPose pose = CameraPose.lookAt(eye, at(-0.4, -0.5, -0.2));
      Intrinsics k = Intrinsics.fromFieldOfView(2.2, 40);
      RenderedView view = new Rasterizer(cube, LIGHT, 1).render(pose, k);
      for (int pixel = 0; pixel < 1600; pixel++) {
        int t = RayReference.cast(cube, pose, k, pixel % 40, pixel / 40, 0.01).triangle();
        if (t < 0) {
          continue;
        }
        float[] n = Arrays.copyOfRange(cube.normals(), 9 * t, 9 * t + 3);
        float[] p =
            Arrays.copyOfRange(
                cube.positions(), 3 * cube.indices()[3 * t], 3 * cube.indices()[3 * t] + 3);
        double toward = 0;
        for (int c = 0; c < 3; c++) {
          toward += n[c] * (eye[c] - p[c]);
        }
        double sign = Math.signum(toward);
        LIGHT.irradiance(sign * n[0], sign * n[1], sign * n[2], light, 0);
        assertEquals(encoded(127.5, light[1]), view.rgba()[4 * pixel + 1] & 255, 1);
      }
    }
  }

  private static int disagreements(Mesh mesh, CameraPose pose, Intrinsics k, double near) {
    RenderedView view = new Rasterizer(mesh, LIGHT, 1).render(pose, k);
    int wrong = 0;
    for (int row = 0; row < k.height(); row++) {
      for (int column = 0; column < k.width(); column++) {
        RayReference.Hit hit = RayReference.cast(mesh, pose, k, column, row, near);
        double expected = hit.triangle() < 0 ? 0 : hit.depth();
        int pixel = row * k.width() + column;
        boolean covered = view.rgba()[4 * pixel + 3] == (byte) 255;
        boolean same = Math.abs(view.depth()[pixel] - expected) < 1e-4;
        wrong += same && covered == (hit.triangle() >= 0) ? 0 : 1;
      }
    }
    return wrong;
  }

  @Test
  void texturesAreInterpolatedInPerspective() {
    int n = 64;
    int[] argb = new int[n * n];
    for (int i = 0; i < argb.length; i++) {
      argb[i] = 255 << 24 | (40 + 2 * (i % n)) << 16 | (40 + 2 * (i / n)) << 8;
    }
    MeshBuilder builder = new MeshBuilder();
    Texture ramp = Texture.of(n, n, argb);
    int material = builder.addMaterial(new Material("ramp", 1, 1, 1, 1, ramp));
    addSquare(builder);
    builder.addTriangle(0, 1, 2, null, new float[] {0.1f, 0.1f, 0.9f, 0.1f, 0.9f, 0.9f}, material);
    builder.addTriangle(0, 2, 3, null, new float[] {0.1f, 0.1f, 0.9f, 0.9f, 0.1f, 0.9f}, material);
    Mesh mesh = builder.build();
    RenderedView view = new Rasterizer(mesh, LIGHT, 1).render(GRAZING, GRAZING_LENS);
    float[] light = new float[3];
    LIGHT.irradiance(0, 0, 1, light, 0);
    int checked = 0;
    for (Map.Entry<Integer, RayReference.Hit> entry : grazingHits(mesh).entrySet()) {
      int pixel = entry.getKey();
      RayReference.Hit hit = entry.getValue();
      float[] uv = Arrays.copyOfRange(mesh.uvs(), 6 * hit.triangle(), 6 * hit.triangle() + 6);
      double rest = 1 - hit.b() - hit.c();
      double u = rest * uv[0] + hit.b() * uv[2] + hit.c() * uv[4];
      double v = rest * uv[1] + hit.b() * uv[3] + hit.c() * uv[5];
      int[] expected = {
        encoded(40 + 2 * (u * n - 0.5), light[0]), encoded(40 + 2 * ((1 - v) * n - 0.5), light[1])
      };
      assertEquals(expected[0], view.rgba()[4 * pixel] & 255, 3);
      assertEquals(expected[1], view.rgba()[4 * pixel + 1] & 255, 3);
      checked++;
    }
    assertTrue(checked > 500, checked + " pixels");
  }

  @Test
  void coloursOfCornersAreFactorsInterpolatedInPerspective() {
    MeshBuilder builder = new MeshBuilder();
    int material = builder.addMaterial(new Material("green", 1, 1, 0, 1, null));
    addSquare(builder);
    builder.addTriangle(0, 1, 2, null, null, material);
    float[] colours = {0.1f, 1, 1, 0.9f, 0.5f, 1, 0.4f, 0, 1};
    builder.addTriangle(0, 2, 3, null, null, colours, material);
    Mesh mesh = builder.build();
    RenderedView view = new Rasterizer(mesh, LIGHT, 1).render(GRAZING, GRAZING_LENS);
    float[] light = new float[3];
    LIGHT.irradiance(0, 0, 1, light, 0);
    int[] checked = new int[2];
    for (Map.Entry<Integer, RayReference.Hit> entry : grazingHits(mesh).entrySet()) {
      int pixel = entry.getKey();
      RayReference.Hit hit = entry.getValue();
      double rest = 1 - hit.b() - hit.c();
      double red = rest * 0.1 + hit.b() * 0.9 + hit.c() * 0.4;
      double green = rest + hit.b() * 0.5;
      boolean plain = hit.triangle() == 0;
      byte[] rgba = view.rgba();
      int expectedRed = Srgb.encode((float) ((plain ? 1 : red) * light[0])) & 255;
      int expectedGreen = Srgb.encode((float) ((plain ? 1 : green) * light[1])) & 255;
      assertEquals(expectedRed, rgba[4 * pixel] & 255, 1);
      assertEquals(expectedGreen, rgba[4 * pixel + 1] & 255, 1);
      assertEquals(0, rgba[4 * pixel + 2], "the material has no blue");
      checked[hit.triangle()]++;
    }
    assertTrue(checked[0] > 200 && checked[1] > 200, Arrays.toString(checked));
  }

  /** Adds the corners of a square on the ground, anticlockwise. */
  private static void addSquare(MeshBuilder builder) {
    builder.addPosition(-0.5f, -0.5f, 0);
    builder.addPosition(0.5f, -0.5f, 0);
    builder.addPosition(0.5f, 0.5f, 0);
    builder.addPosition(-0.5f, 0.5f, 0);
  }

  /** Returns the hit of each pixel of the grazing camera that shows the mesh. */
  private static Map<Integer, RayReference.Hit> grazingHits(Mesh mesh) {
    Map<Integer, RayReference.Hit> hits = new TreeMap<>();
    for (int pixel = 0; pixel < 96 * 96; pixel++) {
      RayReference.Hit hit =
          RayReference.cast(mesh, GRAZING, GRAZING_LENS, pixel % 96, pixel / 96, 0.01);
      if (hit.triangle() >= 0) {
        hits.put(pixel, hit);
      }
    }
    return hits;
  }

  private static int encoded(double level, float light) {
    return Srgb.encode((float) (Srgb.decode(level / 255) * light)) & 255;
  }

  @Test
  void lightsStandStillWhenTheCameraMoves() {
    Mesh cube = cube(1, null);
    Intrinsics k = ViewCameras.intrinsics(33);
    byte[] first = null;
    for (double azimuth : new double[] {0.1, 1.7, 3.9}) {
      // The top face's middle, from all around.
      CameraPose pose =
          CameraPose.lookAt(
              at(1.5 * Math.cos(azimuth), 1.5 * Math.sin(azimuth), 1.4), at(0, 0, 0.5));
      byte[] pixel = pixel(new Rasterizer(cube, LIGHT, 1).render(pose, k), 16, 16);
      first = first == null ? pixel : first;
      assertArrayEquals(first, pixel);
    }
    CameraPose aside = CameraPose.orbit(0, 0, 1.8);
    byte[] side = pixel(new Rasterizer(cube, LIGHT, 1).render(aside, k), 16, 16);
    assertFalse(Arrays.equals(first, side), "side and top face are lit alike");
  }

  @Test
  void windingDoesNotMatter() {
    CameraPose pose = ViewCameras.random(1, 5).get(0);
    Intrinsics k = ViewCameras.intrinsics(40);
    RenderedView one = new Rasterizer(square(1, false), LIGHT, 3).render(pose, k);
    RenderedView other = new Rasterizer(square(1, true), LIGHT, 3).render(pose, k);
    assertArrayEquals(one.rgba(), other.rgba());
  }

  @Test
  void glassAloneIsTranslucentAndShowsWhatIsBehind() {
    Intrinsics k = ViewCameras.intrinsics(33);
    CameraPose above = CameraPose.orbit(0, 1.2, 1.8);
    RenderedView glass = new Rasterizer(square(0.4f, false), LIGHT, 3).render(above, k);
    byte[] alone = pixel(glass, 16, 16);
    assertEquals(0.4 * 255, alone[3] & 255, 1);
    assertEquals(0, glass.depth()[16 * 33 + 16], "depth of what is mostly not there");
    MeshBuilder builder = new MeshBuilder();
    addSquare(builder, new Material("red", 1, 0, 0, 1, null), -0.1f, false);
    addSquare(builder, new Material("glass", 0, 0, 1, 0.4f, null), 0.1f, false);
    RenderedView both = new Rasterizer(builder.build(), LIGHT, 3).render(above, k);
    byte[] mixed = pixel(both, 16, 16);
    float[] light = new float[3];
    LIGHT.irradiance(0, 0, 1, light, 0);
    assertEquals(255, mixed[3] & 255);
    assertEquals(Srgb.encode(0.6f * light[0]) & 255, mixed[0] & 255, 1);
    assertEquals(Srgb.encode(0.4f * light[2]) & 255, mixed[2] & 255, 1);
  }

  @Test
  void alphaIsTheCoveredAreaAndFramingIsAsDocumented() {
    double radius = 1.85;
    Mesh mesh = square(1, false);
    RenderedView view =
        new Rasterizer(mesh, LIGHT, 5)
            .render(CameraPose.orbit(0, Math.PI / 2, radius), ViewCameras.intrinsics(64));
    // An object one unit long fills 1.094/r of the frame.
    assertEquals(Math.pow(1.094 / radius, 2), view.coverage(), 0.008);
  }

  @Test
  void sameImagesFromTheSameSeed() {
    RenderJob job = RenderJob.of(2, 32, 9);
    Mesh mesh = ProceduralScenes.generate(4);
    byte[] one = ViewSetRenderer.renderObject("lamp", mesh, job).get(1).rgba();
    byte[] two =
        ViewSetRenderer.renderObject("lamp", ProceduralScenes.generate(4), job).get(1).rgba();
    assertArrayEquals(one, two);
    byte[] other = ViewSetRenderer.renderObject("other", mesh, job).get(1).rgba();
    assertFalse(Arrays.equals(one, other), "another id, the same images");
  }

  @Test
  void minifiedTexturesDoNotFlicker() {
    int n = 256;
    int[] argb = new int[n * n];
    for (int i = 0; i < argb.length; i++) {
      argb[i] = (i % n + i / n) % 2 == 0 ? 0xff000000 : 0xffffffff;
    }
    Mesh mesh = cube(1, Texture.of(n, n, argb));
    CameraPose pose = CameraPose.orbit(0.02, 0.01, 2);
    RenderedView view = new Rasterizer(mesh, LIGHT, 1).render(pose, ViewCameras.intrinsics(32));
    int low = 255;
    int high = 0;
    for (int row = 12; row < 20; row++) {
      for (int column = 12; column < 20; column++) {
        int red = pixel(view, column, row)[0] & 255;
        low = Math.min(low, red);
        high = Math.max(high, red);
      }
    }
    assertTrue(high - low < 12, "a fine check averages to grey, got " + low + ".." + high);
  }

  @Test
  void refusesWhatItCannotDo() {
    Mesh mesh = square(1, false);
    assertThrows(IllegalArgumentException.class, () -> new Rasterizer(mesh, LIGHT, 2));
    Rasterizer rasterizer = new Rasterizer(mesh, LIGHT, 3);
    CameraPose pose = CameraPose.orbit(0, 0, 2);
    assertThrows(
        IllegalArgumentException.class,
        () -> rasterizer.render(pose, ViewCameras.intrinsics(2000)));
  }

  private static byte[] pixel(RenderedView view, int column, int row) {
    int at = 4 * (row * view.intrinsics().width() + column);
    return Arrays.copyOfRange(view.rgba(), at, at + 4);
  }

  private static Mesh cube(float opacity, Texture texture) {
    return UnitBox.of(new Material("cube", 0.5f, 0.5f, 0.5f, opacity, texture));
  }

  private static double[] at(double x, double y, double z) {
    return new double[] {x, y, z};
  }

  private static Mesh square(float opacity, boolean reversed) {
    MeshBuilder builder = new MeshBuilder();
    addSquare(builder, new Material("square", 0.7f, 0.6f, 0.5f, opacity, null), 0, reversed);
    return builder.build();
  }

  private static void addSquare(MeshBuilder builder, Material material, float z, boolean reversed) {
    int m = builder.addMaterial(material);
    int a = builder.addPosition(-0.5f, -0.5f, z);
    int b = builder.addPosition(0.5f, -0.5f, z);
    int c = builder.addPosition(0.5f, 0.5f, z);
    int d = builder.addPosition(-0.5f, 0.5f, z);
    builder.addTriangle(a, reversed ? c : b, reversed ? b : c, null, null, m);
    builder.addTriangle(a, reversed ? d : c, reversed ? c : d, null, null, m);
  }
}
