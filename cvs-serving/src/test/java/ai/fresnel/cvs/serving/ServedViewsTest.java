package ai.fresnel.cvs.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewResult;
import ai.fresnel.cvs.ViewTranslatorFactory;
import ai.fresnel.cvs.train.image.PngBytes;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loads a folder and draws batches as DJL Serving's ModelInfo and WorkerThread do. */
class ServedViewsTest {

  @TempDir static Path folder;
  private static ZooModel<Input, Output> model;
  private static Predictor<Input, Output> predictor;

  @BeforeAll
  static void load() throws Exception {
    Path path = Requests.model(folder.resolve("tiny"));
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path.resolve("serving.properties"))) {
      properties.load(reader);
    }
    Map<String, Object> arguments = new HashMap<>();
    Map<String, String> options = new HashMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith("option.")) {
        options.put(key.substring(7), properties.getProperty(key));
      } else {
        arguments.put(key, properties.getProperty(key));
      }
    }
    Criteria<Input, Output> criteria =
        Criteria.builder()
            .setTypes(Input.class, Output.class)
            .optModelUrls(path.toUri().toString())
            .optEngine("PyTorch")
            .optArguments(arguments)
            .optOptions(options)
            .optDevice(Device.cpu())
            .build();
    model = criteria.loadModel();
    predictor = model.newPredictor();
  }

  @AfterAll
  static void close() {
    predictor.close();
    model.close();
  }

  private static Input input(byte[] photograph, String... parts) {
    Input input = new Input();
    for (int i = 0; i < parts.length; i += 2) {
      input.add(parts[i], parts[i + 1]);
    }
    input.add("photograph", photograph);
    return input;
  }

  private static Output one(Input input) throws Exception {
    return predictor.batchPredict(List.of(input)).get(0);
  }

  private static List<ViewResult> library(List<ViewRequest> requests) throws Exception {
    try (ZooModel<ViewRequest, ViewResult> same =
            ViewTranslatorFactory.criteria(folder.resolve("tiny"))
                .optDevice(Device.cpu())
                .build()
                .loadModel();
        Predictor<ViewRequest, ViewResult> own = same.newPredictor()) {
      return own.batchPredict(requests);
    }
  }

  private static String message(Output output) {
    assertEquals(400, output.getCode());
    assertEquals("application/json", output.getProperty("Content-Type", ""));
    JsonObject json = JsonParser.parseString(output.getData().getAsString()).getAsJsonObject();
    assertEquals(400, json.get("code").getAsInt());
    return json.get("message").getAsString();
  }

  private static List<byte[]> unzipped(byte[] bytes) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        assertEquals("%03d.png".formatted(files.size()), entry.getName());
        files.add(zip.readAllBytes());
      }
    }
    return files;
  }

  /** The same batch through DJL's own door: bit for bit. */
  @Test
  void aBatchIsDrawnAsTheLibraryDrawsIt() throws Exception {
    byte[] first = Requests.photograph(1);
    byte[] second = Requests.photograph(2);
    List<Output> outputs =
        predictor.batchPredict(
            List.of(
                input(first, "azimuth", "60"),
                input("no image".getBytes(StandardCharsets.UTF_8), "azimuth", "60"),
                input(second, "azimuth", "30, 90", "elevation", "-10", "seed", "5"),
                input(second, "azimuth", "60", "steps", "9"),
                input(first, "azimuth", "-45", "radius", "2", "steps", "2", "temperature", "0.5")));
    ViewRequest two =
        ViewRequest.of(
                Requests.request(second, 30).photograph(),
                Requests.camera(0, 20, 1.7),
                List.of(Requests.camera(30, 10, 1.7), Requests.camera(90, 10, 1.7)))
            .withSeed(5);
    ViewRequest last =
        ViewRequest.of(
                Requests.request(first, 30).photograph(),
                Requests.camera(0, 20, 1.7),
                List.of(Requests.camera(-45, 20, 2)))
            .withSteps(2)
            .withTemperature(0.5);
    List<ViewResult> expected = library(List.of(Requests.request(first, 60), two, last));
    assertEquals(5, outputs.size());
    assertEquals("image/png", outputs.get(0).getProperty("Content-Type", ""));
    assertArrayEquals(PngBytes.of(expected.get(0).image()), outputs.get(0).getData().getAsBytes());
    assertTrue(message(outputs.get(1)).startsWith("photograph: "), message(outputs.get(1)));
    assertEquals("application/zip", outputs.get(2).getProperty("Content-Type", ""));
    List<byte[]> views = unzipped(outputs.get(2).getData().getAsBytes());
    assertEquals(2, views.size());
    for (int view = 0; view < 2; view++) {
      assertArrayEquals(PngBytes.of(expected.get(1).images().get(view)), views.get(view));
    }
    assertTrue(message(outputs.get(3)).startsWith("steps is 9, expected one of"));
    assertArrayEquals(PngBytes.of(expected.get(2).image()), outputs.get(4).getData().getAsBytes());
  }

  @Test
  void aBodyWithoutPartsIsThePhotograph() throws Exception {
    byte[] photograph = Requests.photograph(3);
    Input body = new Input();
    body.add("azimuth", "60");
    body.add("data", photograph);
    Output output = one(body);
    assertEquals(200, output.getCode());
    assertArrayEquals(
        one(input(photograph, "azimuth", "60", "model_name", "cvs")).getData().getAsBytes(),
        output.getData().getAsBytes());
    Input masked = input(photograph, "azimuth", "60");
    masked.add("mask", photograph);
    assertEquals(200, one(masked).getCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "azimut|60|unknown part \"azimut\" of the request",
        "azimuth|left|azimuth is \"left\", expected a number",
        "azimuth|NaN|azimuth is NaN, expected a finite number",
        "elevation|80|a camera's elevation is 100.0 degrees, expected -90 to 90",
        "radius|0|radius is 0.0, expected above 0",
        "steps|-1|steps is \"-1\", expected a whole number of 0 to 2147483647",
        "seed|x|seed is \"x\", expected a whole number of -9223372036854775808 to "
            + "9223372036854775807",
        "temperature|2|temperature is 2.0, expected 0 to 1",
        "source-radius|1,2|source-radius has 2 values, expected 1"
      })
  void aWrongPartIsNamed(String name, String value, String message) throws Exception {
    assertEquals(message, message(one(input(Requests.photograph(1), name, value))));
  }

  @Test
  void aRequestIsRefusedForWhatItLacks() throws Exception {
    byte[] photograph = Requests.photograph(1);
    Input none = new Input();
    none.add("azimuth", "60");
    assertEquals("request has no photograph, expected PNG or JPEG", message(one(none)));
    Input mask = input(photograph, "azimuth", "60");
    mask.add("mask", Requests.photograph(1).clone());
    mask.add("mask", Requests.photograph(1));
    assertEquals("part mask comes twice, expected a list a,b,c", message(one(mask)));
    String lists = message(one(input(photograph, "azimuth", "1,2,3", "radius", "1,2")));
    assertEquals("radius has 2 values, expected 1 or 3", lists);
    String many = "0" + ",0".repeat(RequestForm.MAX_VIEWS);
    assertEquals(
        "101 views, expected at most 100", message(one(input(photograph, "azimuth", many))));
    assertNull(one(input(photograph)).getProperty("error", null));
  }
}
