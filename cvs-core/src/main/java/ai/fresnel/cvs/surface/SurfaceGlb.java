package ai.fresnel.cvs.surface;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.gltf.GlbBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;

/** Writes meshes as binary glTF 2.0: y up, colours of vertices in linear light, a matt material. */
public final class SurfaceGlb {
  private static final int TRIANGLES = 4;

  private SurfaceGlb() {}

  /**
   * Writes a mesh: completely, or not at all.
   *
   * @param file the file, replaced if it exists, whose name usually ends in {@code .glb}
   * @param mesh a mesh with a triangle or more
   * @throws IllegalArgumentException if it has none, or is too large for the format
   * @throws IOException naming the file if it cannot be written; an older file stays
   */
  public static void write(Path file, SurfaceMesh mesh) throws IOException {
    if (mesh.triangleCount() == 0) {
      throw new IllegalArgumentException(file + ": no triangle, expected 1 or more for glTF");
    }
    AtomicFiles.write(file, content(mesh));
  }

  private static AtomicFiles.Content content(SurfaceMesh mesh) {
    GlbBuilder glb = new GlbBuilder();
    JsonObject attributes = new JsonObject();
    attributes.addProperty("POSITION", glb.positions(GlbBuilder.yUp(mesh.positions())));
    attributes.addProperty("NORMAL", glb.floats(3, GlbBuilder.yUp(mesh.normals())));
    attributes.addProperty("COLOR_0", glb.fractions(4, linear(mesh.colours())));
    JsonObject primitive = new JsonObject();
    primitive.add("attributes", attributes);
    primitive.addProperty("indices", glb.indices(mesh.indices()));
    primitive.addProperty("material", 0);
    primitive.addProperty("mode", TRIANGLES);
    JsonObject surface = new JsonObject();
    surface.addProperty("metallicFactor", 0);
    surface.addProperty("roughnessFactor", 1);
    JsonObject material = new JsonObject();
    material.add("pbrMetallicRoughness", surface);
    JsonArray materials = new JsonArray();
    materials.add(material);
    JsonObject root = new JsonObject();
    root.add("materials", materials);
    return glb.content(primitive, root);
  }

  /** Returns colours in linear light, opaque. */
  private static float[] linear(float[] colours) {
    float[] linear = new float[colours.length / 3 * 4];
    for (int i = 0; i < colours.length / 3; i++) {
      for (int c = 0; c < 3; c++) {
        linear[4 * i + c] = (float) GlbBuilder.linear(colours[3 * i + c]);
      }
      linear[4 * i + 3] = 1;
    }
    return linear;
  }
}
