package ai.fresnel.cvs.splat;

import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The published conventions in numbers: see the README beside the file. */
final class SplatFixture {
  private final Map<String, double[]> arrays = new HashMap<>();
  final int width;
  final int height;

  SplatFixture(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      for (String name : tensors.names()) {
        if (!name.equals("count")) {
          DoubleBuffer from = tensors.bytes(name).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
          double[] values = new double[from.remaining()];
          from.get(values);
          arrays.put(name, values);
        }
      }
      height = (int) tensors.shape("alpha").get(0);
      width = (int) tensors.shape("alpha").get(1);
    }
  }

  static SplatFixture load() throws IOException, URISyntaxException {
    return new SplatFixture(Path.of(SplatFixture.class.getResource("splat50.safetensors").toURI()));
  }

  double[] get(String name) {
    return arrays.get(name);
  }

  Intrinsics lens() {
    double[] k = get("K");
    return new Intrinsics(k[0], k[4], k[2], k[5], width, height);
  }

  /** The parameters and the camera in float64. */
  ReferenceSplats.Scene scene() {
    double[] view = get("viewmat");
    double[] rotation = new double[9];
    double[] translation = new double[3];
    for (int row = 0; row < 3; row++) {
      System.arraycopy(view, 4 * row, rotation, 3 * row, 3);
      translation[row] = view[4 * row + 3];
    }
    return new ReferenceSplats.Scene(
        get("means"),
        get("quats"),
        get("scales"),
        get("opacities"),
        joined("sh0", "shN"),
        rotation,
        translation);
  }

  /** The gradients of means, quaternions, log scales, logits and harmonics. */
  ReferenceSplats.Scene gradient() {
    return new ReferenceSplats.Scene(
        get("grad.means"),
        get("grad.quats"),
        get("grad.scales"),
        get("grad.opacities"),
        joined("grad.sh0", "grad.shN"),
        new double[9],
        new double[3]);
  }

  private double[] joined(String first, String rest) {
    int count = get(first).length / 3;
    int harmonics = get(rest).length / (3 * count);
    double[] joined = new double[get(first).length + get(rest).length];
    for (int i = 0; i < count; i++) {
      int to = 3 * (harmonics + 1) * i;
      System.arraycopy(get(first), 3 * i, joined, to, 3);
      System.arraycopy(get(rest), 3 * harmonics * i, joined, to + 3, 3 * harmonics);
    }
    return joined;
  }

  ReferenceSplats.Pixels weights() {
    return new ReferenceSplats.Pixels(
        get("weights.rgb"), get("weights.alpha"), get("weights.depth"));
  }

  /** Draws the Gaussians in float32. */
  SplatFrame frame() {
    double[] colour = get("background");
    return SplatRenderer.onBlack()
        .withBackground(colour[0], colour[1], colour[2])
        .trace(arrays(scene()), pose(scene()), lens());
  }

  /** The parameters in float32. */
  static GaussianArrays arrays(ReferenceSplats.Scene scene) {
    return new GaussianArrays(
        floats(scene.means()),
        floats(scene.rotations()),
        floats(scene.logScales()),
        floats(scene.opacityLogits()),
        floats(scene.sh()));
  }

  static CameraPose pose(ReferenceSplats.Scene scene) {
    return CameraPose.of(scene.viewRotation(), scene.viewTranslation());
  }

  static SplatImage image(ReferenceSplats.Pixels pixels, int width, int height) {
    return new SplatImage(
        width, height, floats(pixels.rgb()), floats(pixels.alpha()), floats(pixels.depth()));
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
