package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.TinyNetwork;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL's way to a view gives what the synthesizer gives. */
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

  private static int[] levels(Image image) {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      byte[] rgb = image.toNDArray(manager, Image.Flag.COLOR).toByteArray();
      int[] levels = new int[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        levels[i] = rgb[i] & 255;
      }
      return levels;
    }
  }

  @Test
  void aPredictorDrawsWhatTheSynthesizerDraws() throws Exception {
    Path path = folder.resolve("student");
    TinyNetwork.write(path, TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    // Different photographs, numbers of rows, passes and guidance in one batch.
    List<ViewRequest> requests =
        List.of(
            request(0x3050A0, 2),
            request(0xF02010, 1).withSteps(2).withSeed(9),
            request(0x10E040, 3).withSamples(2),
            request(0x808000, 1).withGuidance(1.5),
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

  private static void assertSame(ViewResult expected, ViewResult actual) {
    assertEquals(expected.request(), actual.request());
    assertEquals(expected.views().size(), actual.views().size());
    for (int i = 0; i < expected.views().size(); i++) {
      assertEquals(expected.views().get(i).seed(), actual.views().get(i).seed());
      assertEquals(expected.views().get(i).target(), actual.views().get(i).target());
      int[] one = levels(expected.views().get(i).picture());
      int[] other = levels(actual.views().get(i).picture());
      assertEquals(one.length, other.length);
      for (int k = 0; k < one.length; k++) {
        // Other batches may round otherwise.
        assertEquals(one[k], other[k], 1, "view " + i);
      }
    }
  }
}
