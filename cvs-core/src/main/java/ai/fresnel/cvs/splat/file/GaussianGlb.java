package ai.fresnel.cvs.splat.file;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.gltf.GlbBuilder;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.GaussianCloud;
import ai.fresnel.cvs.splat.SphericalHarmonics;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/**
 * Writes Gaussians as binary glTF with the extension {@code KHR_gaussian_splatting} (release
 * candidate of 2026): points with scales, opacities and quaternions x y z w as float32. Its
 * harmonics have the order and the signs of {@link SphericalHarmonics}. A reader without the
 * extension draws the points with {@code COLOR_0}.
 */
final class GaussianGlb {
  private static final String EXTENSION = "KHR_gaussian_splatting";
  private static final int POINTS = 0;

  private GaussianGlb() {}

  /**
   * Returns the content of a file, in the axes of the cloud.
   *
   * @throws IllegalArgumentException if there is no Gaussian, which glTF cannot say
   */
  static AtomicFiles.Content content(GaussianCloud cloud) {
    if (cloud.size() == 0) {
      throw new IllegalArgumentException("no Gaussians, expected 1 or more for glTF");
    }
    GaussianArrays from = cloud.arrays();
    GlbBuilder glb = new GlbBuilder();
    JsonObject attributes = new JsonObject();
    attributes.addProperty("POSITION", glb.positions(from.means()));
    attributes.addProperty("COLOR_0", glb.fractions(4, colours(from)));
    attributes.addProperty(EXTENSION + ":ROTATION", glb.floats(4, rotations(from)));
    attributes.addProperty(EXTENSION + ":SCALE", glb.floats(3, scales(from)));
    attributes.addProperty(EXTENSION + ":OPACITY", glb.floats(1, opacities(from)));
    for (int degree = 0; degree <= from.shDegree(); degree++) {
      for (int n = 0; n <= 2 * degree; n++) {
        attributes.addProperty(
            EXTENSION + ":SH_DEGREE_" + degree + "_COEF_" + n,
            glb.floats(3, harmonic(from, degree * degree + n)));
      }
    }
    JsonObject extension = new JsonObject();
    extension.addProperty("kernel", "ellipse");
    extension.addProperty("colorSpace", "srgb_rec709_display");
    extension.addProperty("projection", "perspective");
    extension.addProperty("sortingMethod", "cameraDistance");
    JsonObject extensions = new JsonObject();
    extensions.add(EXTENSION, extension);
    JsonObject primitive = new JsonObject();
    primitive.addProperty("mode", POINTS);
    primitive.add("attributes", attributes);
    primitive.add("extensions", extensions);
    JsonObject root = new JsonObject();
    JsonArray used = new JsonArray();
    used.add(EXTENSION);
    root.add("extensionsUsed", used);
    return glb.content(primitive, root);
  }

  private static float[] rotations(GaussianArrays from) {
    float[] rotations = new float[4 * from.size()];
    for (int i = 0; i < rotations.length; i += 4) {
      double[] q = Quaternions.unit(from.rotations(), i);
      for (int c = 0; c < 4; c++) {
        rotations[i + c] = (float) q[(c + 1) % 4];
      }
    }
    return rotations;
  }

  private static float[] scales(GaussianArrays from) {
    float[] scales = new float[3 * from.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) Math.exp(from.logScales()[i]);
    }
    return scales;
  }

  private static float[] opacities(GaussianArrays from) {
    float[] opacities = new float[from.size()];
    for (int i = 0; i < opacities.length; i++) {
      opacities[i] = opacity(from, i);
    }
    return opacities;
  }

  private static float opacity(GaussianArrays from, int i) {
    return (float) (1 / (1 + Math.exp(-(double) from.opacityLogits()[i])));
  }

  private static float[] harmonic(GaussianArrays from, int index) {
    int each = 3 * GaussianArrays.harmonics(from.shDegree());
    float[] coefficients = new float[3 * from.size()];
    for (int i = 0; i < from.size(); i++) {
      System.arraycopy(from.sh(), each * i + 3 * index, coefficients, 3 * i, 3);
    }
    return coefficients;
  }

  /** Returns the colours without direction, in linear light, and opacities. */
  private static float[] colours(GaussianArrays from) {
    int each = 3 * GaussianArrays.harmonics(from.shDegree());
    float[] colours = new float[4 * from.size()];
    for (int i = 0; i < from.size(); i++) {
      for (int c = 0; c < 3; c++) {
        double colour = 0.5 + SphericalHarmonics.C0 * from.sh()[each * i + c];
        colours[4 * i + c] = (float) GlbBuilder.linear(colour);
      }
      colours[4 * i + 3] = opacity(from, i);
    }
    return colours;
  }
}
