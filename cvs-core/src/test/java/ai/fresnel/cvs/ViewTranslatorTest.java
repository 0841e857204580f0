package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares views drawn through DJL's Criteria with the synthesizer's. */
class ViewTranslatorTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.7);

  @TempDir static Path folder;

  private static ViewRequest request(int colour, int targets) {
    int[] argb = new int[20 * 20];
    for (int i = 45; i < 300; i++) {
      argb[i] = 0xFF000000 | colour;
    }
    Photograph photograph = Photograph.of(ImageFactory.getInstance().fromPixels(argb, 20, 20));
    return ViewRequest.of(photograph, SOURCE, Orbit.ring(targets).around(SOURCE));
  }

  @Test
  void aPredictorDrawsWhatTheSynthesizerDraws() throws Exception {
    Path path = folder.resolve("student");
    TinyNetwork.write(path, TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    // Different photographs, numbers of rows, passes, guidance and temperatures in one batch.
    List<ViewRequest> requests =
        List.of(
            request(0x3050A0, 2),
            request(0xF02010, 1).withSteps(2).withSeed(9),
            request(0x10E040, 3).withSamples(2),
            request(0x808000, 1).withGuidance(1.5),
            request(0x808000, 2).withTemperature(0.5),
            request(0x808000, 2).withTemperature(0).withSteps(2),
            request(0x303030, 2).withSteps(2));
    SynthesizerOptions cpu = SynthesizerOptions.defaults().withDevice(Device.cpu());
    try (ViewSynthesizer cvs = ViewSynthesizer.load(path, cpu);
        ZooModel<ViewRequest, ViewResult> model =
            ViewTranslatorFactory.criteria(path).optDevice(Device.cpu()).build().loadModel();
        Predictor<ViewRequest, ViewResult> predictor = model.newPredictor()) {
      List<ViewResult> results = predictor.batchPredict(requests);
      assertEquals(requests.size(), results.size());
      for (int i = 0; i < requests.size(); i++) {
        assertSame(cvs.generate(requests.get(i)), results.get(i));
      }
      assertSame(cvs.generate(requests.get(2)), predictor.predict(requests.get(2)));
      assertThrows(
          TranslateException.class, () -> predictor.predict(request(0x3050A0, 1).withSteps(9)));
    }
  }

  /** Writes a small model with random weights. */
  private static Path model(String name) throws Exception {
    Path path = folder.resolve(name);
    TinyNetwork.write(path, TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    return path;
  }

  private static ViewResult drawn(Criteria.Builder<ViewRequest, ViewResult> criteria)
      throws Exception {
    try (ZooModel<ViewRequest, ViewResult> model = criteria.build().loadModel();
        Predictor<ViewRequest, ViewResult> predictor = model.newPredictor()) {
      return predictor.predict(request(0x3050A0, 4));
    }
  }

  private static int differences(ViewResult one, ViewResult other) {
    int count = 0;
    for (int i = 0; i < one.views().size(); i++) {
      int[] a = Pixels.of(one.views().get(i).image());
      int[] b = Pixels.of(other.views().get(i).image());
      for (int k = 0; k < a.length; k++) {
        count += a[k] == b[k] ? 0 : 1;
      }
    }
    return count;
  }

  @Test
  void thePrecisionOfTheCriteriaIsTheNetworks() throws Exception {
    Path path = model("precision");
    SynthesizerOptions cpu = SynthesizerOptions.defaults().withDevice(Device.cpu());
    ViewResult single = drawn(ViewTranslatorFactory.criteria(path, cpu));
    for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT16)) {
      ViewResult expected;
      try (ViewSynthesizer cvs = ViewSynthesizer.load(path, cpu.withPrecision(precision))) {
        expected = cvs.generate(request(0x3050A0, 4));
      }
      ViewResult typed = drawn(ViewTranslatorFactory.criteria(path, cpu.withPrecision(precision)));
      ViewResult named =
          drawn(
              ViewTranslatorFactory.criteria(path, cpu)
                  .optArgument("precision", precision.name().toLowerCase(Locale.ROOT)));
      assertNotEquals(0, differences(single, typed), precision + " is not used");
      assertEquals(0, differences(expected, typed));
      assertEquals(0, differences(expected, named));
    }
  }

  @Test
  void theThreadsOfTheCriteriaAreTheProcesses() throws Exception {
    Path path = model("threads");
    SynthesizerOptions cpu = SynthesizerOptions.defaults().withDevice(Device.cpu());
    int before = TorchRuntime.threads();
    try {
      drawn(ViewTranslatorFactory.criteria(path, cpu.withThreads(2)));
      assertEquals(2, TorchRuntime.threads());
      drawn(ViewTranslatorFactory.criteria(path, cpu).optArgument("threads", "3"));
      assertEquals(3, TorchRuntime.threads());
      drawn(ViewTranslatorFactory.criteria(path, cpu).optArgument("threads", 0));
      assertEquals(3, TorchRuntime.threads());
      // JSON's numbers.
      drawn(ViewTranslatorFactory.criteria(path, cpu).optArgument("threads", 1.0));
      assertEquals(1, TorchRuntime.threads());
    } finally {
      TorchRuntime.setThreads(before);
    }
  }

  @Test
  void aModelFolderMaySetWhatTheCriteriaLeaveOpen() throws Exception {
    Path path = model("serving");
    SynthesizerOptions cpu = SynthesizerOptions.defaults().withDevice(Device.cpu());
    ViewResult single = drawn(ViewTranslatorFactory.criteria(path, cpu));
    Files.writeString(path.resolve("serving.properties"), "precision=bfloat16\n");
    ViewResult file = drawn(ViewTranslatorFactory.criteria(path).optDevice(Device.cpu()));
    assertNotEquals(0, differences(single, file));
    assertEquals(0, differences(single, drawn(ViewTranslatorFactory.criteria(path, cpu))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "precision | half | argument precision is \"half\", expected one of float32, bfloat16, float16",
        "threads | -1 | argument threads is \"-1\", expected a whole number, 0 or more",
        "threads | 1.5 | argument threads is \"1.5\", expected a whole number, 0 or more",
        "threads | many | argument threads is \"many\", expected a whole number, 0 or more"
      })
  void aWrongArgumentIsNamed(String name, String value, String message) throws Exception {
    Path path = folder.resolve("wrong");
    if (Files.notExists(path)) {
      model("wrong");
    }
    Criteria<ViewRequest, ViewResult> criteria =
        ViewTranslatorFactory.criteria(path)
            .optDevice(Device.cpu())
            .optArgument(name, value)
            .build();
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, criteria::loadModel).getMessage());
  }

  private static void assertSame(ViewResult expected, ViewResult actual) {
    assertEquals(expected.request(), actual.request());
    assertEquals(expected.views().size(), actual.views().size());
    for (int i = 0; i < expected.views().size(); i++) {
      assertEquals(expected.views().get(i).seed(), actual.views().get(i).seed());
      assertEquals(expected.views().get(i).target(), actual.views().get(i).target());
      int[] one = Pixels.of(expected.views().get(i).image());
      int[] other = Pixels.of(actual.views().get(i).image());
      assertEquals(one.length, other.length);
      for (int k = 0; k < one.length; k++) {
        // Other batches may round otherwise.
        assertEquals(one[k], other[k], 1, "view " + i);
      }
    }
  }
}
