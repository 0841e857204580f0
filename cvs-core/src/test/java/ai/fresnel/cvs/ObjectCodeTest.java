package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.VolumeConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects encoded once, kept, joined and drawn. */
class ObjectCodeTest {

  private static final CameraPose FRONT = CameraPose.orbit(0.4, 0.3, 1.7);
  private static final CameraPose BACK = CameraPose.orbit(3.2, 0.1, 1.8);
  private static final List<CameraPose> TARGETS =
      List.of(CameraPose.orbit(1.4, 0.1, 1.9), CameraPose.orbit(2.9, 0.4, 1.6));

  private static final SynthesizerOptions CPU =
      SynthesizerOptions.defaults().withDevice(Device.cpu());

  @TempDir static Path folder;

  @BeforeAll
  static void writeModels() throws IOException {
    TinyNetwork.write(
        folder.resolve("residual"),
        TinyNetwork.config(ModelConfig.Kind.CONSISTENCY)
            .conditioner(
                c ->
                    c.withVolume(
                        VolumeConfig.of(8, 8).withSlices(4).withFeatures(4).withResidual(true)))
            .build());
    TinyNetwork.write(
        folder.resolve("grid"), TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    TinyNetwork.write(
        folder.resolve("flat"),
        TinyNetwork.config(ModelConfig.Kind.CONSISTENCY)
            .conditioner(c -> c.withoutVolume())
            .build());
  }

  private static ViewSynthesizer load(String name) throws IOException {
    return ViewSynthesizer.load(folder.resolve(name), CPU);
  }

  private static Image photo(int seed) {
    int[] argb = new int[24 * 20];
    for (int y = 5; y < 15; y++) {
      Arrays.fill(argb, 24 * y + 4, 24 * y + 20, 0xFF000000 | seed * y);
    }
    return ImageFactory.getInstance().fromPixels(argb, 24, 20);
  }

  private static ViewRequest front() {
    return ViewRequest.of(Photograph.of(photo(9000)), FRONT, TARGETS);
  }

  private static ViewRequest both() {
    return front().and(Photograph.of(photo(70_000)), BACK);
  }

  private static int[] pixels(List<ViewResult.View> views) {
    return views.stream().flatMapToInt(view -> Arrays.stream(Pixels.of(view.image()))).toArray();
  }

  @Test
  void viewsOfACodeAreThoseOfItsPhotograph() throws IOException {
    try (ViewSynthesizer cvs = load("residual")) {
      ObjectCode code = cvs.encode(front());
      Sampling sampling = front().withSamples(2).withSeed(3).sampling();
      ViewResult expected = cvs.generate(front().withSamples(2).withSeed(3));
      List<ViewResult.View> views = cvs.generate(code, TARGETS, sampling);
      assertArrayEquals(pixels(expected.views()), pixels(views));
      assertEquals(3, views.get(0).seed());
      assertEquals(4, views.get(1).seed());
      assertEquals(TARGETS.get(1), views.get(2).target());
      assertEquals(List.of(FRONT), code.cameras());
    }
  }

  @Test
  void joinedCodesAreRequestsOfSeveralPhotographs() throws IOException {
    for (String model : List.of("residual", "grid")) {
      try (ViewSynthesizer cvs = load(model)) {
        ObjectCode one = cvs.encode(front());
        ObjectCode other = cvs.encode(photo(70_000), BACK);
        ObjectCode joined = ObjectCode.fuse(List.of(one, other));
        assertEquals(List.of(FRONT, BACK), joined.cameras());
        int[] expected = pixels(cvs.generate(both()).views());
        assertArrayEquals(
            expected, pixels(cvs.generate(joined, TARGETS, Sampling.defaults())), model);
        assertFalse(
            Arrays.equals(expected, pixels(cvs.generate(front()).views())),
            "the second photograph counts");
      }
    }
  }

  @Test
  void aFileKeepsACodeWhole() throws IOException {
    try (ViewSynthesizer cvs = load("residual")) {
      ObjectCode code = cvs.encode(both());
      Path file = folder.resolve("chair.safetensors");
      ObjectCodeFile.write(file, code);
      ObjectCode read = ObjectCodeFile.read(file);
      for (int i = 0; i < 2; i++) {
        CameraPose camera = code.cameras().get(i);
        assertArrayEquals(camera.rotation(), read.cameras().get(i).rotation(), 1e-12);
        assertArrayEquals(camera.translation(), read.cameras().get(i).translation(), 1e-12);
      }
      assertArrayEquals(
          pixels(cvs.generate(code, TARGETS, Sampling.defaults())),
          pixels(cvs.generate(read, TARGETS, Sampling.defaults())));
    }
  }

  @Test
  void otherModelsCodesAreRefused() throws IOException {
    try (ViewSynthesizer cvs = load("residual");
        ViewSynthesizer other = load("grid")) {
      ObjectCode code = cvs.encode(front());
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> other.generate(code, TARGETS, Sampling.defaults()));
      assertEquals(
          "the code was made by another model than this tiny16, expected one of its own",
          e.getMessage());
      assertThrows(
          IllegalArgumentException.class,
          () -> ObjectCode.fuse(List.of(code, other.encode(front()))));
    }
  }

  @Test
  void severalPhotographsNeedAVolume() throws IOException {
    try (ViewSynthesizer cvs = load("flat")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> cvs.generate(both()));
      assertEquals("2 photographs, expected 1: tiny16 has no volume", e.getMessage());
    }
  }

  @Test
  void countsAreChecked() throws IOException {
    ViewRequest full = front();
    while (full.photographs().size() < ViewRequest.MOST_PHOTOGRAPHS) {
      full = full.and(Photograph.of(photo(1)), BACK);
    }
    ViewRequest most = full;
    assertThrows(IllegalArgumentException.class, () -> most.and(Photograph.of(photo(1)), BACK));
    assertThrows(IllegalArgumentException.class, () -> ObjectCode.fuse(List.of()));
    try (ViewSynthesizer cvs = load("residual")) {
      ObjectCode code = cvs.encode(front());
      assertThrows(
          IllegalArgumentException.class, () -> ObjectCode.fuse(Collections.nCopies(17, code)));
      assertThrows(
          IllegalArgumentException.class, () -> cvs.generate(code, List.of(), Sampling.defaults()));
    }
  }

  /** A file may say anything. */
  @Test
  void hostileFilesAreRefusedInOneLine() throws IOException {
    Path file = folder.resolve("bad.safetensors");
    try (ViewSynthesizer cvs = load("residual");
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ObjectCode code = cvs.encode(front());
      String cameras = "1 0 0 0 1 0 0 0 1 0 0 1.7";
      String model = code.model();
      refused(
          file, manager, 1, Map.of("model", model, "cameras", cameras), "cvs_object_code is null");
      refused(file, manager, 1, metadata("2", model, cameras), "cvs_object_code is 2, expected 1");
      refused(file, manager, 1, metadata("1", model, ""), "cameras has 0 numbers");
      refused(file, manager, 1, metadata("1", model, cameras + " 1"), "cameras has 13 numbers");
      refused(file, manager, 1, metadata("1", model, cameras.replace("1.7", "x")), "cameras: ");
      refused(file, manager, 1, metadata("1", model, cameras.replace("1.7", "NaN")), "cameras: ");
      refused(file, manager, 2, metadata("1", model, cameras), "volume is float32 of shape (2, 3)");
      // Well formed, and not what the model makes.
      Safetensors.write(
          file, Map.of("volume", manager.zeros(new Shape(1, 3))), metadata("1", model, cameras));
      ObjectCode forged = ObjectCodeFile.read(file);
      assertThrows(
          IllegalArgumentException.class, () -> cvs.generate(forged, TARGETS, Sampling.defaults()));
      Files.writeString(file, "not safetensors");
      assertThrows(IOException.class, () -> ObjectCodeFile.read(file));
    }
  }

  private static Map<String, String> metadata(String version, String model, String cameras) {
    return Map.of("cvs_object_code", version, "model", model, "cameras", cameras);
  }

  private static void refused(
      Path file, NDManager manager, int count, Map<String, String> metadata, String words)
      throws IOException {
    Safetensors.write(file, Map.of("volume", manager.zeros(new Shape(count, 3))), metadata);
    ModelFormatException e =
        assertThrows(ModelFormatException.class, () -> ObjectCodeFile.read(file));
    assertTrue(e.getMessage().startsWith(file + ": " + words), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }
}
