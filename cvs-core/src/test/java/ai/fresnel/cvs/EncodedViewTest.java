package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.view.TinyNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares views of encoded photographs with those of whole requests. */
class EncodedViewTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.7);
  private static final CameraPose TARGET = CameraPose.orbit(1.5, 0.1, 1.8);

  @TempDir static Path folder;
  private static ViewSynthesizer cvs;

  @BeforeAll
  static void load() throws Exception {
    Path path = folder.resolve("student");
    TinyNetwork.write(path, TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    cvs = ViewSynthesizer.load(path, SynthesizerOptions.defaults().withDevice(Device.cpu()));
  }

  @AfterAll
  static void close() {
    cvs.close();
  }

  private static ViewRequest request(int colour) {
    int[] argb = new int[20 * 20];
    for (int i = 45; i < 300; i++) {
      argb[i] = 0xFF000000 | colour;
    }
    Photograph photograph = Photograph.of(ImageFactory.getInstance().fromPixels(argb, 20, 20));
    return ViewRequest.of(photograph, SOURCE, List.of(TARGET));
  }

  @Test
  void aViewAloneIsTheSameBitForBit() {
    ViewRequest request = request(0x3050A0).withSeed(7).withSteps(2);
    EncodedView view = new EncodedView(cvs.encode(request), TARGET, request.sampling());
    int[] expected = Pixels.of(cvs.generate(request).image());
    assertArrayEquals(expected, Pixels.of(cvs.draw(List.of(view)).get(0)));
    // Drawing has not changed the code.
    assertArrayEquals(expected, Pixels.of(cvs.draw(List.of(view)).get(0)));
  }

  @Test
  void viewsOfSeveralPhotographsShareAPass() {
    List<ViewRequest> requests =
        List.of(
            request(0x3050A0),
            request(0xF02010).withSteps(2).withSeed(9),
            request(0x10E040).withSeed(3),
            request(0x808000).withTemperature(0.5),
            request(0x203040).and(request(0xA0B0C0).photograph(), TARGET));
    List<EncodedView> views = new ArrayList<>();
    for (ViewRequest request : requests) {
      views.add(new EncodedView(cvs.encode(request), TARGET, request.sampling()));
    }
    // A second view of the first photograph, in the same pass.
    views.add(new EncodedView(views.get(0).code(), SOURCE, requests.get(0).withSeed(4).sampling()));
    List<Image> drawn = cvs.draw(views);
    assertEquals(6, drawn.size());
    for (int i = 0; i < drawn.size(); i++) {
      EncodedView view = views.get(i);
      List<ViewResult.View> one =
          cvs.generate(view.code(), List.of(view.target()), view.sampling());
      Image alone = one.get(0).image();
      assertTrue(largestDifference(Pixels.of(alone), Pixels.of(drawn.get(i))) <= 1, "view " + i);
    }
  }

  private static int largestDifference(int[] one, int[] other) {
    int most = 0;
    for (int i = 0; i < one.length; i++) {
      most = Math.max(most, Math.abs(one[i] - other[i]));
    }
    return most;
  }

  @Test
  void severalSamplesAreRefused() {
    ObjectCode code = cvs.encode(request(0x3050A0));
    Sampling two = request(0).withSamples(2).sampling();
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new EncodedView(code, TARGET, two));
    assertEquals("samples is 2, expected 1", e.getMessage());
  }
}
