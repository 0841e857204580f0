package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
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
    List<ColmapModel.Image> images = ColmapModel.read(resource(folder));
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
