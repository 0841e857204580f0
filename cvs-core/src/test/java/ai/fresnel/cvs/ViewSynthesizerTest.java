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
import ai.djl.util.Progress;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.TinyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewSynthesizerTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0.4, 0.3, 1.7);
  private static final CameraPose TARGET = CameraPose.orbit(1.4, 0.1, 1.9);

  private static final SynthesizerOptions CPU =
      SynthesizerOptions.defaults().withDevice(Device.cpu());

  @TempDir static Path folder;

  @BeforeAll
  static void writeModels() throws IOException {
    TinyNetwork.write(
        folder.resolve("student"), TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build());
    TinyNetwork.write(
        folder.resolve("teacher"), TinyNetwork.config(ModelConfig.Kind.DIFFUSION).build());
  }

  private static ViewSynthesizer student() throws IOException {
    return ViewSynthesizer.load(folder.resolve("student"), CPU);
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
    return Pixels.of(image);
  }

  /** Equal but for the rounding of other batches. */
  private static void assertClose(int[] expected, int[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1, "value " + i);
    }
  }

  @Test
  void drawsTheSameImageAloneAmongOthersAndAgain() throws IOException {
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
  void refiningAndSeedsChangeTheImage() throws IOException {
    try (ViewSynthesizer cvs = student()) {
      int[] view = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      assertClose(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 1)));
      assertFalse(Arrays.equals(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 2))));
      ViewRequest request = ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(TARGET));
      List<Image> samples = cvs.generate(request.withSamples(3)).images();
      assertEquals(3, samples.size());
      assertClose(view, pixels(samples.get(0)));
      int[] third = pixels(cvs.generate(request.withSeed(2)).image());
      assertClose(third, pixels(samples.get(2)));
      assertFalse(Arrays.equals(view, third));
    }
  }

  @Test
  void diffusionModelsDrawToo() throws IOException {
    try (ViewSynthesizer cvs = ViewSynthesizer.load(folder.resolve("teacher"), CPU)) {
      assertEquals("none", cvs.provenance().data());
      assertEquals(ModelConfig.Kind.DIFFUSION, cvs.config().kind());
      int[] view = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
      assertArrayEquals(view, pixels(cvs.generateRefined(photo(), SOURCE, TARGET, 35)));
    }
  }

  @Test
  void aTemperatureOfTheRequestReplacesTheModels() throws IOException {
    ViewRequest request = ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(TARGET));
    assertTrue(request.temperature().isEmpty());
    ViewRequest all = request.withTemperature(0.5).withSteps(2).withSeed(3).withSamples(4);
    assertEquals(0.5, all.withGuidance(1).withBatchSize(2).temperature().orElseThrow());
    for (double wrong : new double[] {-0.01, 1.01, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> request.withTemperature(wrong));
    }
    try (ViewSynthesizer cvs = student();
        ViewSynthesizer teacher = ViewSynthesizer.load(folder.resolve("teacher"), CPU)) {
      int[] own = pixels(cvs.generate(request).image());
      assertArrayEquals(own, pixels(cvs.generate(request.withTemperature(1)).image()));
      ViewRequest still = request.withTemperature(0).withSamples(2);
      List<Image> equal = cvs.generate(still).images();
      assertClose(pixels(equal.get(0)), pixels(equal.get(1)));
      assertFalse(Arrays.equals(own, pixels(equal.get(0))));
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> teacher.generate(still));
      assertTrue(error.getMessage().contains("this is a diffusion model"), error.getMessage());
    }
  }

  /** 16 threads draw 50 views each, of 10 cameras and 5 seeds, on one synthesizer. */
  @Test
  void manyThreadsDrawWhatOneDoes() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    Photograph photograph = Photograph.of(photo());
    List<CameraPose> cameras = Orbit.ring(10).around(SOURCE);
    try (ViewSynthesizer cvs = student()) {
      List<int[]> expected = new ArrayList<>();
      List<Callable<int[]>> tasks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        ViewRequest request =
            ViewRequest.of(photograph, SOURCE, List.of(cameras.get(i % 10))).withSeed(i / 10);
        expected.add(pixels(cvs.generate(request).image()));
        tasks.add(() -> pixels(cvs.generate(request).image()));
      }
      List<Callable<int[]>> all = new ArrayList<>();
      for (int thread = 0; thread < 16; thread++) {
        all.addAll(tasks);
      }
      int i = 0;
      for (Future<int[]> result : pool.invokeAll(all)) {
        assertArrayEquals(expected.get(i++ % 50), result.get());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aResultNamesTargetAndSeedOfEachImage() throws IOException {
    try (ViewSynthesizer cvs = student()) {
      ViewRequest request =
          ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(SOURCE, TARGET))
              .withSamples(3)
              .withSeed(5);
      List<Long> told = new ArrayList<>();
      ViewResult result = cvs.generate(request.withBatchSize(2), counting(told::add));
      assertEquals(List.of(2L, 4L, 6L), told);
      assertEquals(2, result.request().batchSize());
      assertTrue(result.time().toNanos() > 0);
      List<Long> seeds = result.views().stream().map(ViewResult.View::seed).toList();
      assertEquals(List.of(5L, 6L, 7L, 5L, 6L, 7L), seeds);
      ViewResult.View last = result.views().get(5);
      assertEquals(TARGET, last.target());
      ViewRequest again =
          ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(last.target()))
              .withSeed(last.seed());
      assertClose(pixels(cvs.generate(again).image()), pixels(last.image()));
    }
  }

  private static Progress counting(Consumer<Long> told) {
    return new Progress() {
      @Override
      public void reset(String message, long max, String trailing) {
        assertEquals(6, max);
      }

      @Override
      public void start(long initial) {}

      @Override
      public void end() {}

      @Override
      public void increment(long by) {}

      @Override
      public void update(long done, String message) {
        told.accept(done);
      }
    };
  }

  /** The bundled model is complete, and its unpacked files are deleted. */
  @Test
  void theBundledModelDraws() throws IOException {
    Set<Path> before = unpacked();
    try (ViewSynthesizer cvs = ViewSynthesizer.load(CPU)) {
      assertEquals(before, unpacked());
      assertEquals("small64", cvs.config().name());
      assertEquals(ModelConfig.Kind.CONSISTENCY, cvs.config().kind());
      assertTrue(cvs.provenance().samplesSeen() > 0);
      Image view = cvs.generateNovelView(photo(), SOURCE, TARGET);
      // It ships at temperature 0; the noise comes back where it is asked for.
      assertEquals(0, cvs.config().sampling().temperature());
      ViewRequest request = ViewRequest.of(Photograph.of(photo()), SOURCE, List.of(TARGET));
      assertArrayEquals(Pixels.of(view), Pixels.of(cvs.generate(request.withSeed(7)).image()));
      ViewRequest noisy = request.withTemperature(1);
      int[] first = Pixels.of(cvs.generate(noisy).image());
      assertFalse(Arrays.equals(first, Pixels.of(cvs.generate(noisy.withSeed(7)).image())));
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        byte[] rgb = view.toNDArray(manager, Image.Flag.COLOR).toByteArray();
        assertEquals(3 * 64 * 64, rgb.length);
        // White at the border, another colour in the centre.
        assertTrue((rgb[0] & 255) > 220, "corner");
        assertTrue((rgb[3 * (32 * 64 + 32)] & 255) < 200, "middle");
      }
    }
  }

  /** The bound that the documentation names, with room for other processors. */
  @Test
  void batchesAndThreadsChangeRoundingAlone() throws IOException {
    int before = TorchRuntime.threads();
    try (ViewSynthesizer cvs = ViewSynthesizer.load(CPU)) {
      ViewRequest request =
          ViewRequest.of(Photograph.of(photo()), SOURCE, Orbit.ring(4).around(SOURCE));
      ViewResult expected = cvs.generate(request.withBatchSize(4));
      assertRoundsOtherwise(expected, cvs.generate(request.withBatchSize(1)));
      assertRoundsOtherwise(expected, cvs.generate(request.withBatchSize(3)));
      TorchRuntime.setThreads(before == 1 ? 2 : 1);
      assertRoundsOtherwise(expected, cvs.generate(request.withBatchSize(4)));
    } finally {
      TorchRuntime.setThreads(before);
    }
  }

  private static void assertRoundsOtherwise(ViewResult expected, ViewResult actual) {
    int values = 0;
    int different = 0;
    for (int i = 0; i < expected.views().size(); i++) {
      int[] one = Pixels.of(expected.images().get(i));
      int[] other = Pixels.of(actual.images().get(i));
      for (int k = 0; k < one.length; k++) {
        assertEquals(one[k], other[k], 1, "view " + i + ", value " + k);
        different += one[k] == other[k] ? 0 : 1;
      }
      values += one.length;
    }
    assertTrue(different <= values / 1000, different + " of " + values + " differ");
  }

  private static Set<Path> unpacked() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("cvs-model"))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void optionsChooseThreadsAndPrecision() throws IOException {
    int before = TorchRuntime.threads();
    try (ViewSynthesizer wide = student()) {
      int[] exact = pixels(wide.generateNovelView(photo(), SOURCE, TARGET));
      for (Precision precision : List.of(Precision.BFLOAT16, Precision.FLOAT16)) {
        SynthesizerOptions narrow = CPU.withThreads(1).withPrecision(precision);
        try (ViewSynthesizer cvs = ViewSynthesizer.load(folder.resolve("student"), narrow)) {
          assertEquals(1, TorchRuntime.threads());
          int[] rounded = pixels(cvs.generateNovelView(photo(), SOURCE, TARGET));
          double off = 0;
          for (int i = 0; i < exact.length; i++) {
            off += Math.abs(exact[i] - rounded[i]) / (double) exact.length;
          }
          assertTrue(
              off > 0 && off < (precision == Precision.FLOAT16 ? 1 : 8), precision + ": " + off);
        }
      }
    } finally {
      TorchRuntime.setThreads(before);
    }
    assertThrows(IllegalArgumentException.class, () -> CPU.withThreads(-1));
    assertThrows(IllegalArgumentException.class, () -> CPU.withPrecision(null));
  }

  @Test
  void closingFreesAllAndIsFinal() throws IOException {
    ViewSynthesizer cvs = student();
    cvs.generateMultiview(photo(), SOURCE, Orbit.ring(3));
    cvs.close();
    cvs.close();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> cvs.generateNovelView(photo(), SOURCE, TARGET));
    assertEquals("synthesizer is closed", e.getMessage());
  }

  /** Closing from a progress callback neither waits for its own call nor breaks it. */
  @Test
  void closingFromInsideACallLetsItFinish() throws IOException {
    ViewSynthesizer cvs = student();
    ViewRequest request =
        ViewRequest.of(Photograph.of(photo()), SOURCE, Orbit.ring(6).around(SOURCE))
            .withBatchSize(2);
    List<Long> told = new ArrayList<>();
    List<Image> views =
        cvs.generate(
                request,
                counting(
                    done -> {
                      cvs.close();
                      told.add(done);
                    }))
            .images();
    assertEquals(6, views.size());
    assertEquals(List.of(2L, 4L, 6L), told);
    assertThrows(IllegalStateException.class, () -> cvs.generate(request));
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
