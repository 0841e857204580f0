package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.geometry.Vectors;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our cameras project points where the packages that define the conventions do. */
class ConventionsTest {

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(ConventionsTest.class.getResource(name).toURI());
  }

  private static JsonElement json(String name) throws IOException, URISyntaxException {
    return JsonParser.parseString(Files.readString(resource(name)));
  }

  private static double[] numbers(JsonElement array) {
    JsonArray values = array.getAsJsonArray();
    double[] numbers = new double[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = values.get(i).getAsDouble();
    }
    return numbers;
  }

  /** A model of five lenses and its projections, both written by pycolmap 4.2.1. */
  @ParameterizedTest
  @ValueSource(strings = {"bin", "txt"})
  void colmap(String folder) throws Exception {
    List<ColmapModel.Image> images = ColmapModel.read(resource(folder)).images();
    JsonObject expected = json("colmap-projections.json").getAsJsonObject();
    JsonArray points = expected.getAsJsonArray("points");
    JsonArray views = expected.getAsJsonArray("views");
    assertEquals(5, images.size());
    for (int i = 0; i < 5; i++) {
      ColmapModel.Image image = images.get(i);
      assertEquals("view" + i + ".png", image.name());
      JsonArray pixels = views.get(i).getAsJsonObject().getAsJsonArray("pixels");
      for (int k = 0; k < points.size(); k++) {
        double[] camera = image.pose().toCamera(numbers(points.get(k)));
        assertArrayEquals(numbers(pixels.get(k)), image.lens().project(camera), 1e-6, image.name());
      }
    }
  }

  /** Cameras and projections of PyTorch3D at commit 9381c40, read as its CO3D loader reads them. */
  @Test
  void pytorch3d() throws Exception {
    for (JsonElement element : json("pytorch3d-projections.json").getAsJsonArray()) {
      JsonObject view = element.getAsJsonObject();
      double[] rotation = new double[9];
      for (int row = 0; row < 3; row++) {
        System.arraycopy(numbers(view.getAsJsonArray("R").get(row)), 0, rotation, 3 * row, 3);
      }
      double[] translation = numbers(view.get("T"));
      CameraPose pose = Pytorch3dPose.toCameraPose(rotation, translation);
      double[] size = numbers(view.get("size"));
      double[] focal = numbers(view.get("focal_length"));
      double[] middle = numbers(view.get("principal_point"));
      boolean isotropic = view.get("format").getAsString().equals("ndc_isotropic");
      Intrinsics lens =
          isotropic
              ? Pytorch3dPose.isotropic(focal, middle, (int) size[1], (int) size[0])
              : Pytorch3dPose.normalisedToBounds(focal, middle, (int) size[1], (int) size[0]);
      JsonArray points = view.getAsJsonArray("points");
      for (int k = 0; k < points.size(); k++) {
        double[] expected = numbers(view.getAsJsonArray("pixels").get(k));
        double[] actual = lens.project(pose.toCamera(numbers(points.get(k))));
        // The package computes in single precision.
        assertArrayEquals(expected, actual, 2e-3, view.get("format").getAsString());
      }
      assertArrayEquals(rotation, Pytorch3dPose.rotation(pose), 1e-12);
      assertArrayEquals(translation, Pytorch3dPose.translation(pose), 1e-12);
    }
  }

  /** Projections of points in camera axes by pycolmap 4.2.1, which agree with OpenCV 5.0.0's. */
  @Test
  void lenses(@TempDir Path folder) throws Exception {
    for (JsonElement element : json("lens-projections.json").getAsJsonArray()) {
      JsonObject expected = element.getAsJsonObject();
      String model = expected.get("model").getAsString();
      double[] parameters = numbers(expected.get("parameters"));
      String words = Arrays.toString(parameters).replaceAll("[\\[\\],]", " ");
      Files.writeString(folder.resolve("cameras.txt"), "7 " + model + " 640 480 " + words);
      Files.writeString(folder.resolve("images.txt"), "1 1 0 0 0 0 0 0 7 a.png");
      CaptureLens lens = ColmapModel.read(folder).images().get(0).lens();
      JsonArray points = expected.getAsJsonArray("points");
      for (int k = 0; k < points.size(); k++) {
        double[] point = numbers(points.get(k));
        double[] pixel = numbers(expected.getAsJsonArray("pixels").get(k));
        assertArrayEquals(pixel, lens.project(point), 1e-6, model);
        double[] ray = Vectors.unit(lens.unproject(pixel[0], pixel[1]));
        assertArrayEquals(Vectors.unit(point), ray, 1e-6, model);
      }
    }
  }

  /** θ = r: a quarter turn is π/2 focal lengths from the middle, and the lens sees beyond it. */
  @Test
  void fisheyeSeesASideways() {
    CaptureLens lens =
        new CaptureLens(
            new Intrinsics(100, 100, 200, 200, 400, 400), new FisheyeDistortion(0, 0, 0, 0));
    double[] expected = {200 + 50 * Math.PI, 200};
    assertArrayEquals(expected, lens.project(new double[] {3, 0, 0}), 1e-9);
    assertTrue(lens.sees(new double[] {1, 0, -1}));
    assertArrayEquals(new double[] {0, 1, 0}, lens.unproject(200, 200 + 50 * Math.PI), 1e-9);
  }

  /** r·(1 − r²/3) turns back at 1: what is farther out must not be shown a second time. */
  @Test
  void aLensSeesAsFarAsItsPolynomialGrows() {
    BrownDistortion distortion = BrownDistortion.of(List.of(-1 / 3.0), 0, 0);
    assertTrue(distortion.sees(new double[] {0.98, 0, 1}));
    assertFalse(distortion.sees(new double[] {1.02, 0, 1}));
    assertFalse(distortion.sees(new double[] {0, 0, -1}));
    assertTrue(BrownDistortion.NONE.sees(new double[] {100, 0, 1}));
    // By Newton's method: near the edge the fixed point is slow.
    double[] ray = distortion.undistort(0.6, 0.25);
    assertArrayEquals(new double[] {0.6, 0.25}, distortion.distort(ray), 1e-6);
  }

  @Test
  void distortionIsUndone() {
    CaptureLens lens =
        new CaptureLens(
            new Intrinsics(505, 500, 322, 238, 640, 480),
            BrownDistortion.of(List.of(0.04, -0.02), 0.003, -0.002));
    for (double u = 0; u <= 640; u += 80) {
      for (double v = 0; v <= 480; v += 80) {
        assertArrayEquals(new double[] {u, v}, lens.project(lens.unproject(u, v)), 1e-6);
      }
    }
  }
}
