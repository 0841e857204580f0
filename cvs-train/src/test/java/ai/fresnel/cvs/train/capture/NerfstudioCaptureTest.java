package ai.fresnel.cvs.train.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.Intrinsics;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** transforms.json as nerfstudio, Instant-NGP, NeRF and people write it. */
class NerfstudioCaptureTest {

  private static FakeCapture fake;

  @TempDir Path folder;

  private Path file;
  private String good;

  @BeforeAll
  static void render() throws IOException {
    fake = new FakeCapture();
  }

  @BeforeEach
  void write() throws IOException {
    fake.write(CaptureKind.NERFSTUDIO, folder);
    file = folder.resolve("transforms.json");
    good = Files.readString(file);
  }

  private CapturedObject load() throws IOException {
    assertEquals(CaptureKind.NERFSTUDIO, CaptureKind.detect(folder));
    return CaptureKind.NERFSTUDIO.list(folder).get(0).load();
  }

  private CapturedObject load(String from, String to) throws IOException {
    assertTrue(good.contains(from), good);
    Files.writeString(file, good.replace(from, to));
    return load();
  }

  private CaptureLens lens(String values) throws IOException {
    return load("\"camera_model\": \"OPENCV\"", values).views().get(0).lens();
  }

  private static void assertProjects(CaptureLens lens, double x, double y, double... point) {
    double[] expected = {84 + 130 * x, 57 + 128 * y};
    assertArrayEquals(expected, lens.project(point), 1e-9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"SIMPLE_RADIAL\"", "\"RADIAL\"", "\"PINHOLE\"", "\"OPENCV\"", "null"})
  void perspectiveLenses(String model) throws IOException {
    CaptureLens lens =
        lens("\"camera_model\": " + model + ", \"k1\": 0.1, \"k2\": 0.02, \"p1\": null");
    // r² = 0.25.
    double factor = 1 + 0.1 * 0.25 + 0.02 * 0.0625;
    assertProjects(lens, 0.5 * factor, 0, 0.5, 0, 1);
  }

  @Test
  void nerfstudiosThirdAndFourthCoefficientContinueThePolynomial() throws IOException {
    CaptureLens lens = lens("\"k1\": 0.1, \"k2\": 0.02, \"k3\": 0.3, \"k4\": -0.2");
    double factor = 1 + 0.1 * 0.25 + 0.02 * 0.0625 + 0.3 / 64 - 0.2 / 256;
    assertProjects(lens, 0, 0.5 * factor, 0, 0.5, 1);
  }

  @Test
  void rationalLenses() throws IOException {
    CaptureLens lens =
        lens(
            "\"camera_model\": \"FULL_OPENCV\", \"k1\": 0.1, \"k2\": 0.02, \"k3\": 0.3,"
                + " \"k4\": 0.2, \"k5\": 0.04, \"k6\": 0.5");
    double factor = (1 + 0.1 / 4 + 0.02 / 16 + 0.3 / 64) / (1 + 0.2 / 4 + 0.04 / 16 + 0.5 / 64);
    assertProjects(lens, 0.5 * factor, 0, 1, 0, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"camera_model\": \"OPENCV_FISHEYE\"",
        "\"is_fisheye\": true",
        "\"is_fisheye\": 1, \"camera_model\": \"OPENCV\""
      })
  void fisheyeLenses(String lens) throws IOException {
    double angle = 1.2;
    double squared = angle * angle;
    double distance = angle * (1 + 0.1 * squared - 0.02 * squared * squared);
    double[] point = {Math.sin(angle), 0, Math.cos(angle)};
    assertProjects(lens(lens + ", \"k1\": 0.1, \"k2\": -0.02"), distance, 0, point);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"camera_model\": \"EQUIRECTANGULAR\"; expected one of PINHOLE",
        "\"camera_model\": 3; camera_model is 3, expected a string",
        "\"latlong\": true; expected a pinhole",
        "\"ftheta_p0\": 0.1; ftheta_p0 is 0.1",
        "\"is_fisheye\": true, \"p1\": 0.1; p1 is 0.1, expected 0 for a fisheye lens",
        "\"is_fisheye\": \"yes\"; expected true or false",
        "\"k1\": NaN; k1 is \"NaN\", expected a number",
        "\"k1\": 1e999; expected a number",
      })
  void otherLensesAreRefusedWithTheReason(String values, String expected) throws IOException {
    CapturedObject object = load("\"camera_model\": \"OPENCV\"", values);
    assertEquals(0, object.views().size());
    String line = object.leftOut().describe("frame");
    assertTrue(line.startsWith("10 frames left out, the first images/000.png: "), line);
    assertTrue(line.contains(expected), line);
    assertTrue(line.contains("transforms.json: "), line);
  }

  /** One frame is wrong, the others are used. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"images/003.png\"; null; a string",
        "\"images/003.png\"; 7; a string",
        "\"images/003.png\"; \"../../003.png\"; leads out of the folder",
        "\"images/003.png\"; \"images/003\\u0000.png\"; is no file name",
        "\"images/003.png\", \"transform_matrix\": [[; \"images/003.png\", \"transform_matrix\": [[1, ; 4 numbers",
        "\"images/003.png\", \"transform_matrix\": [[; \"images/003.png\", \"transform_matrix\": [[1e9, 0, 0, 1], [; 3 or 4 rows",
        "\"images/003.png\", \"transform_matrix\":; \"images/003.png\", \"transform_matrix\": null, \"x\":; a list",
        "\"images/003.png\",; \"images/003.png\", \"fl_x\": 1e300,; focal length",
        "\"images/003.png\",; \"images/003.png\", \"w\": 1e300,; w is 1e300",
        "\"images/003.png\",; \"images/003.png\", \"cx\": Infinity,; cx is \"Infinity\"",
        "\"images/003.png\",; \"images/003.png\", \"mask_path\": \"masks/3.png\",; masks/3.png: is missing",
      })
  void oneFrameIsWrong(String from, String to, String expected) throws IOException {
    CapturedObject object = load(from, to);
    assertEquals(FakeCapture.VIEWS - 1, object.views().size());
    assertEquals(1, object.leftOut().count());
    String line = object.leftOut().describe("frame");
    assertTrue(line.contains(expected), line);
  }

  /** An infinite camera, far away, and a rotation that is none. */
  @ParameterizedTest
  @CsvSource({"3, 1e300", "3, Infinity", "3, 1e13", "0, 7"})
  void camerasOutOfRange(int column, String value) throws IOException {
    JsonObject json = JsonParser.parseString(good).getAsJsonObject();
    JsonArray frames = json.getAsJsonArray("frames");
    JsonArray rows = frames.get(4).getAsJsonObject().getAsJsonArray("transform_matrix");
    rows.get(1).getAsJsonArray().set(column, JsonParser.parseString("\"@\""));
    Files.writeString(file, json.toString().replace("\"@\"", value));
    CapturedObject object = load();
    assertEquals(9, object.views().size());
    assertEquals("images/004.png", object.leftOut().first());
  }

  @Test
  void namesWithBackslashesAndWithoutEndings() throws IOException {
    assertEquals(10, load("images/", ".\\\\images\\\\").views().size());
    assertEquals(10, load(".png", "").views().size());
  }

  @Test
  void nullIsNoValue() throws IOException {
    CapturedObject object =
        load("\"file_path\"", "\"mask_path\": null, \"fl_x\": null, \"k1\": null, \"file_path\"");
    assertEquals(10, object.views().size());
    assertTrue(object.views().get(0).mask().isEmpty());
    assertEquals(130, object.views().get(0).lens().pinhole().fx());
  }

  @Test
  void matricesOfThreeRows() throws IOException {
    JsonObject json = JsonParser.parseString(good).getAsJsonObject();
    for (JsonElement frame : json.getAsJsonArray("frames")) {
      frame.getAsJsonObject().getAsJsonArray("transform_matrix").remove(3);
    }
    double[] expected = load().views().get(2).pose().translation();
    Files.writeString(file, json.toString());
    assertArrayEquals(expected, load().views().get(2).pose().translation(), 0);
  }

  @Test
  void focalLengthsByAngle() throws IOException {
    Intrinsics pinhole =
        load("\"fl_x\": 130, \"fl_y\": 128", "\"camera_angle_x\": 1.2")
            .views()
            .get(0)
            .lens()
            .pinhole();
    assertEquals(80 / Math.tan(0.6), pinhole.fx(), 1e-9);
    assertEquals(pinhole.fx(), pinhole.fy());
    pinhole =
        load("\"fl_x\": 130, \"fl_y\": 128", "\"x_fov\": 60, \"y_fov\": 50")
            .views()
            .get(0)
            .lens()
            .pinhole();
    assertEquals(80 / Math.tan(Math.toRadians(30)), pinhole.fx(), 1e-9);
    assertEquals(60 / Math.tan(Math.toRadians(25)), pinhole.fy(), 1e-9);
    CapturedObject none = load("\"fl_x\": 130, \"fl_y\": 128", "\"x\": 1");
    assertTrue(none.leftOut().reason().contains("has no focal length"), none.leftOut().reason());
  }

  /** NeRF's synthetic scenes: three lists, of which all frames are taken. */
  @Test
  void listsForTrainingValidationAndTest() throws IOException {
    JsonObject json = JsonParser.parseString(good).getAsJsonObject();
    JsonArray frames = json.getAsJsonArray("frames");
    Files.delete(file);
    int at = 0;
    for (String part : List.of("train", "val", "test")) {
      JsonArray some = new JsonArray();
      for (int i = 0; i < 4; i++) {
        // The ninth and tenth are followed by the first two once more.
        some.add(frames.get(at++ % 10));
      }
      json.add("frames", some);
      Files.writeString(folder.resolve("transforms_" + part + ".json"), json.toString());
    }
    assertEquals(10, load().views().size());
    Files.writeString(folder.resolve("transforms_val.json"), "{");
    CapturedObject object = load();
    assertEquals(6, object.views().size());
    assertTrue(object.notes().get(0).contains("transforms_val.json: "), "" + object.notes());
  }

  @Test
  void textIsReadAsOtherToolsRead() throws IOException {
    Files.writeString(file, "\ufeff// by hand\n" + good);
    assertEquals(10, load().views().size());
    for (String text :
        List.of("", "[]", "{}", good.substring(0, 900), good + "x", "{\"frames\": 3}")) {
      Files.writeString(file, text);
      IOException e = assertThrows(IOException.class, this::load);
      assertTrue(
          e.getMessage().startsWith(file + ": ") || e.getMessage().startsWith(file + " is"),
          e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
    for (String text : List.of("[", "{\"a\":", "{\"frames\":[")) {
      Files.writeString(file, text.repeat(100_000));
      IOException e = assertThrows(IOException.class, this::load);
      assertEquals(file + ": nested more than 64 deep", e.getMessage());
    }
  }

  /** The world is turned, so that its +z is not up any more: the cameras say what is. */
  @ParameterizedTest
  @CsvSource({"0, 0", "4, 0", "25, 1", "90, 1", "180, 1"})
  void tiltedWorlds(double degrees, int notes) throws IOException {
    double c = Math.cos(Math.toRadians(degrees));
    double s = Math.sin(Math.toRadians(degrees));
    JsonObject json = JsonParser.parseString(good).getAsJsonObject();
    for (JsonElement frame : json.getAsJsonArray("frames")) {
      JsonArray rows = frame.getAsJsonObject().getAsJsonArray("transform_matrix");
      for (int column = 0; column < 4; column++) {
        double y = rows.get(1).getAsJsonArray().get(column).getAsDouble();
        double z = rows.get(2).getAsJsonArray().get(column).getAsDouble();
        rows.get(1).getAsJsonArray().set(column, JsonParser.parseString("" + (c * y - s * z)));
        rows.get(2).getAsJsonArray().set(column, JsonParser.parseString("" + (s * y + c * z)));
      }
    }
    Files.writeString(file, json.toString());
    CapturedObject object = load();
    UpDirection up = UpDirection.of(object.up(), object.views());
    assertEquals(notes, up.notes().size(), "" + up.notes());
    double[] expected = notes == 0 ? new double[] {0, 0, 1} : new double[] {0, -s, c};
    double cosine = 0;
    for (int i = 0; i < 3; i++) {
      cosine += expected[i] * up.up()[i];
    }
    double off = Math.toDegrees(Math.acos(Math.min(1, cosine)));
    assertTrue(off < 12, off + " degrees off");
  }
}
