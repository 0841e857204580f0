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
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.nn.TinyNetwork;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewSynthesizerTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.7);
  private static final CameraPose TARGET = CameraPose.orbit(1.4, 0.1, 1.9);

  @TempDir static Path folder;

  @BeforeAll
  static void writeModels() throws IOException {
    TinyNetwork.write(
        folder.resolve("student"), TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    TinyNetwork.write(
        folder.resolve("teacher"), TinyNetwork.config(ModelConfig.Kind.DIFFUSION).build());
  }

  private static ViewSynthesizer student() throws IOException {
    return ViewSynthesizer.load(folder.resolve("student"), Device.cpu());
  }

  /** A photograph with transparency. */
  private static Image photo() {
    int[] argb = new int[24 * 20];
    for (int y = 5; y < 15; y++) {
      Arrays.fill(argb, 24 * y + 4, 24 * y + 20, 0xFF000000 | 9000 * y);
    }
    return ImageFactory.getInstance().fromPixels(argb, 24, 20);
  }

  private static int[] pixels(Image image) {
    assertEquals(16, image.getWidth());
    assertEquals(16, image.getHeight());
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      byte[] rgb = image.toNDArray(manager, Image.Flag.COLOR).toByteArray();
      int[] values = new int[rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        values[i] = rgb[i] & 255;
      }
      return values;
    }
  }

  /** Equal but for the rounding of other batches. */
  private static void assertClose(int[] expected, int[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1, "value " + i);
    }
  }

  @Test
  void drawsTheSamePictureAloneAmongOthersAndAgain() throws IOException {
    try (ViewSynthesizer cvs = student()) {
      int[] view = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      assertArrayEquals(view, pixels(cvs.generateNovelView(photo(), SOURCE, TARGET)));
      List<Image> views = cvs.generateMultiview(photo(), SOURCE, List.of(SOURCE, TARGET));
      assertEquals(2, views.size());
      assertClose(view, pixels(views.get(1)));
      assertFalse(Arrays.equals(view, pixels(views.get(0))), "the camera does not matter");
      assertEquals(5, cvs.generateMultiview(photo(), SOURCE, Orbit.ring(5)).size());
    }
  }

  @Test
  void refiningAndSeedsChangeThePicture() throws IOException {
    try (ViewSynthesizer cvs = student()) {
      int[] view = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      assertClose(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 1)));
      assertFalse(Arrays.equals(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 2))));
      ViewRequest request = ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(TARGET));
      List<Image> samples = cvs.generate(request.withSamples(3));
      assertEquals(3, samples.size());
      assertClose(view, pixels(samples.get(0)));
      int[] third = pixels(cvs.generate(request.withSeed(2)).get(0));
      assertClose(third, pixels(samples.get(2)));
      assertFalse(Arrays.equals(view, third));
    }
  }

  @Test
  void diffusionModelsDrawToo() throws IOException {
    try (ViewSynthesizer cvs = ViewSynthesizer.load(folder.resolve("teacher"), Device.cpu())) {
      assertEquals("none", cvs.provenance().data());
      assertEquals(ModelConfig.Kind.DIFFUSION, cvs.config().kind());
      int[] view = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      assertArrayEquals(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 35)));
    }
  }

  @Test
  void severalThreadsDrawAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (ViewSynthesizer cvs = student()) {
      int[] expected = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      List<Callable<int[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        tasks.add(() -> pixels(cvs.generateNovelView(photo(), SOURCE, TARGET)));
      }
      for (Future<int[]> result : pool.invokeAll(tasks)) {
        assertClose(expected, result.get());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path missing = folder.resolve("missing");
    String message =
        assertThrows(NoSuchFileException.class, () -> ViewSynthesizer.load(missing)).getMessage();
    assertTrue(message.contains("missing"), message);
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(broken.resolve(ModelFolder.CONFIG), "{}");
    assertThrows(IOException.class, () -> ViewSynthesizer.load(broken));
    try (ViewSynthesizer cvs = student()) {
      assertThrows(
          IllegalArgumentException.class, () -> cvs.generateRefined(photo(), SOURCE, TARGET, 0));
      assertThrows(
          IllegalArgumentException.class, () -> cvs.generateMultiview(photo(), SOURCE, List.of()));
    }
  }
}
