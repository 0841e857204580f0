package ai.fresnel.cvs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.codec.KlVae;
import ai.fresnel.cvs.codec.LatentCodec;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.importer.ImportKind;
import ai.fresnel.cvs.importer.ImportSettings;
import ai.fresnel.cvs.importer.ModelImporter;
import ai.fresnel.cvs.model.AutoencoderConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.model.SolverConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of Zero123's shape behind the door. */
class Zero123SynthesizerTest {

  private static final CameraPose SOURCE = CameraPose.orbit(0, 0.3, 1.7);
  private static final CameraPose TARGET = CameraPose.orbit(1, 0.1, 1.7);

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    ModelConfig config = Zero123Fixture.config(SolverConfig.zero123());
    try (Zero123Fixture fixture = new Zero123Fixture()) {
      ViewModel model = new ViewModel(config);
      fixture.load(model);
      ModelFolder.write(
          folder.resolve("model"),
          config,
          Weights.arrays(model),
          Provenance.builder().data("none").created(Instant.EPOCH).build());
    }
  }

  /** A dark square with transparency, 16 pixels of 24. */
  private static Image square() {
    return square(24);
  }

  private static Image square(int side) {
    int unit = side / 24;
    int[] argb = new int[side * side];
    for (int y = 2 * unit; y < 18 * unit; y++) {
      Arrays.fill(argb, side * y + 5 * unit, side * y + 21 * unit, 0xFF102030);
    }
    return ImageFactory.getInstance().fromPixels(argb, side, side);
  }

  private static ViewSynthesizer load() throws IOException {
    return ViewSynthesizer.load(folder.resolve("model"));
  }

  @Test
  void drawsViewsAndOrbits() throws IOException {
    try (ViewSynthesizer cvs = load()) {
      Image photo = square();
      Image view = cvs.generateNovelView(photo, SOURCE, TARGET);
      assertEquals(64, view.getWidth());
      List<Image> orbit = cvs.generateMultiview(photo, SOURCE, Orbit.ring(3));
      assertEquals(3, orbit.size());
      Image refined = cvs.generateRefined(photo, SOURCE, TARGET, 4);
      assertFalse(Arrays.equals(Pixels.of(view), Pixels.of(refined)));
      assertThrows(
          IllegalArgumentException.class, () -> cvs.generateRefined(photo, SOURCE, TARGET, 2000));
    }
  }

  /** Ten steps and a guidance of 2 are the model's own. */
  @Test
  void aRequestMaySayWhatTheModelSays() throws IOException {
    try (ViewSynthesizer cvs = load()) {
      ViewRequest own = ViewRequest.of(Photograph.of(square()), SOURCE, List.of(TARGET));
      int[] pixels = Pixels.of(cvs.generate(own).image());
      ViewRequest same = own.withSteps(10).withGuidance(2);
      assertArrayEquals(pixels, Pixels.of(cvs.generate(same).image()));
      ViewRequest unguided = own.withGuidance(0);
      assertFalse(Arrays.equals(pixels, Pixels.of(cvs.generate(unguided).image())));
    }
  }

  /** A TAESD decodes the same latents: the photograph's, as the reference reads it. */
  @Test
  void anotherAutoencoderDecodes() throws IOException {
    Path taesd = importedTaesd();
    SynthesizerOptions options = SynthesizerOptions.defaults().withDecoder(taesd);
    ViewRequest request = ViewRequest.of(Photograph.of(square()), SOURCE, List.of(TARGET));
    int[] own;
    try (ViewSynthesizer cvs = load()) {
      own = Pixels.of(cvs.generate(request).image());
    }
    try (ViewSynthesizer cvs = ViewSynthesizer.load(folder.resolve("model"), options)) {
      assertFalse(Arrays.equals(own, Pixels.of(cvs.generate(request).image())));
    }
    try (Zero123Fixture fixture = new Zero123Fixture();
        PartFolder part = PartFolder.open(taesd)) {
      LatentCodec decoder = LatentCodec.load(part, fixture.manager(), Precision.FLOAT32);
      LatentCodec vae = new KlVae(Zero123Fixture.VAE, Precision.FLOAT32);
      vae.decodeBy(decoder);
      fixture.isClose("taesd.decoded", vae.decode(fixture.read("vae.z")), 1e-4);
      LatentCodec coarse =
          new KlVae(
              new AutoencoderConfig.KlVae(List.of(8, 16), 2, Zero123Fixture.VAE.norm(), 4, 1),
              Precision.FLOAT32);
      String message =
          assertThrows(IllegalArgumentException.class, () -> coarse.decodeBy(decoder)).getMessage();
      assertEquals(
          "decodes latents of 4 channels and 1/8 of an image's side, expected 4 channels and 1/2 of"
              + " an image's side",
          message);
    }
    IOException images =
        assertThrows(
            IOException.class,
            () -> {
              try (BundledModel bundled = BundledModel.unpack()) {
                ViewSynthesizer.load(bundled.folder(), options).close();
              }
            });
    assertTrue(images.getMessage().contains("diffuses images, expected a model of latents"));
  }

  private static Path importedTaesd() throws IOException {
    Path imported = folder.resolve("taesd");
    ImportSettings settings =
        ImportSettings.of(ImportKind.TAESD, Zero123Fixture.folder().resolve("taesd"));
    new ModelImporter(settings, (done, total) -> {}).writeTo(imported);
    return imported;
  }

  /** As the reference prepares photographs: 200 of 256 pixels, in the middle, on white. */
  @Test
  void theObjectFillsTheSameShareAtEveryDistance() {
    ModelConfig config = Zero123Fixture.config(SolverConfig.zero123());
    for (double radius : new double[] {1.5, 2.2}) {
      CameraPose source = CameraPose.orbit(0, 0.3, radius);
      ViewRequest request = ViewRequest.of(Photograph.of(square(240)), source, List.of(TARGET));
      float[] image = request.framedPhotograph(config);
      double dark = 0;
      for (int i = 0; i < 64; i++) {
        // Red along the middle row and the middle column.
        dark += (1 - image[64 * 32 + i]) + (1 - image[64 * i + 32]);
      }
      double side = 64 * 200 / 256.0;
      assertEquals(side, dark / 2 / (2 - 2 * 0x10 / 255.0), 0.5);
      assertEquals(1, image[0]);
      assertEquals(1, image[64 * 32 + 4], 1e-6);
      assertEquals(1, image[64 * 32 + 59], 1e-6);
    }
  }
}
