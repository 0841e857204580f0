package ai.fresnel.cvs.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.StepNoise;
import ai.fresnel.cvs.importer.ImportKind;
import ai.fresnel.cvs.importer.ImportReport;
import ai.fresnel.cvs.importer.ImportSettings;
import ai.fresnel.cvs.importer.ImportSettings.UNetWeights;
import ai.fresnel.cvs.importer.ModelImporter;
import ai.fresnel.cvs.model.ConditionerConfig.FourthNumber;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models imported from a pipeline and from a checkpoint draw what diffusers draws. */
@SuppressWarnings("try") // the handle of the gradient mode is only closed
class ImportedZero123Test {

  @TempDir Path folder;

  private static ImportSettings checkpoint(ImportKind kind) {
    try {
      Path file = Path.of(ModelImporter.class.getResource("zero123-tiny.ckpt").toURI());
      return ImportSettings.of(kind, file).withDescription(Zero123Fixture.folder());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private ImportReport imported(ImportSettings settings, String name) throws IOException {
    return new ModelImporter(settings, (done, total) -> {}).writeTo(folder.resolve(name));
  }

  private static Provenance provenance(Path model) throws IOException {
    try (ModelFolder opened = ModelFolder.open(model)) {
      return opened.provenance();
    }
  }

  @Test
  void theCheckpointIsThePipeline() throws IOException {
    ImportReport one =
        imported(ImportSettings.of(ImportKind.DIFFUSERS, Zero123Fixture.folder()), "pipeline");
    ImportReport other =
        imported(checkpoint(ImportKind.ZERO123).withUNetWeights(UNetWeights.TRAINED), "checkpoint");
    assertEquals(one.arrays(), other.arrays());
    assertEquals(214_604 + 111_839 + 37_376 + 29 * 24, other.values());
    for (String file : List.of(ModelFolder.WEIGHTS, ModelFolder.CONFIG)) {
      Path whole = folder.resolve("pipeline").resolve(file);
      assertEquals(-1, Files.mismatch(whole, folder.resolve("checkpoint").resolve(file)), file);
    }
    Provenance origin = provenance(folder.resolve("checkpoint"));
    assertEquals("as trained, not the moving averages", origin.notes().get("import.unetWeights"));
    assertEquals("zero123-tiny.ckpt", origin.notes().get("import.file"));
    // The betas are float32 in the checkpoint, but no array of a network.
    assertEquals("float16", origin.notes().get("import.types"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipeline", "checkpoint"})
  void viewsAreThePipelines(String from) throws IOException {
    imported(
        from.equals("pipeline")
            ? ImportSettings.of(ImportKind.DIFFUSERS, Zero123Fixture.folder())
            : checkpoint(ImportKind.ZERO123).withUNetWeights(UNetWeights.TRAINED),
        "model");
    try (Zero123Fixture fixture = new Zero123Fixture();
        TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        ModelFolder opened = ModelFolder.open(folder.resolve("model"))) {
      ViewModel model = ViewModel.load(opened, fixture.manager());
      ModelConfig config = opened.config();
      SolverSampler sampler = SolverSampler.of(config).orElseThrow();
      Denoiser denoiser = model.denoiser(fixture.store(), config.scaling().scaling());
      denoiser =
          Guidance.of(denoiser, sampler.config().guidance(), sampler.config().nullCondition());
      Conditioning condition =
          model.condition(
              fixture.store(),
              model.encode(fixture.store(), fixture.read("photo")),
              fixture.cameras());
      NDArray state =
          sampler.sample(
              denoiser,
              fixture.read("ddim.noise"),
              StepNoise.given(fixture.read("ddim.eta1.noises")),
              condition,
              10);
      fixture.isClose("ddim.eta0.step9", state, 1e-3);
      fixture.isClose("ddim.view", model.codec().decode(state).clip(-1, 1), 1e-3);
    }
  }

  /** The averages of the fixture are half of the weights. */
  @Test
  void averagesAreTakenUnlessSaidOtherwise() throws IOException {
    ImportReport report = imported(checkpoint(ImportKind.STABLE_ZERO123), "averages");
    assertEquals("weights of the U-Net: moving averages (model_ema)", report.notes().get(0));
    assertTrue(report.notes().get(1).contains("non-commercial"), report.notes().toString());
    imported(ImportSettings.of(ImportKind.DIFFUSERS, Zero123Fixture.folder()), "trained");
    try (Zero123Fixture fixture = new Zero123Fixture();
        ModelFolder half = ModelFolder.open(folder.resolve("averages"));
        ModelFolder whole = ModelFolder.open(folder.resolve("trained"))) {
      assertEquals("stable-zero123", half.config().name());
      assertEquals(
          FourthNumber.SOURCE_POLAR,
          half.config().conditioner().zero123().orElseThrow().fourthNumber());
      for (String name : List.of("unet.in.conv.weight", "vae.encoder.in.conv.weight")) {
        NDArray one = half.weights().read(fixture.manager(), name).toType(FLOAT, false);
        NDArray other = whole.weights().read(fixture.manager(), name).toType(FLOAT, false);
        float factor = name.startsWith("unet") ? 0.5f : 1;
        assertEquals(0, one.sub(other.mul(factor)).abs().max().getFloat(), 1e-7, name);
      }
    }
  }

  private static final DataType FLOAT = DataType.FLOAT32;

  /** What is imported opens by the library's door. */
  @Test
  void theSynthesizerOpensIt() throws IOException {
    imported(ImportSettings.of(ImportKind.DIFFUSERS, Zero123Fixture.folder()), "model");
    SynthesizerOptions options = SynthesizerOptions.defaults().withDevice(Device.cpu());
    try (ViewSynthesizer cvs = ViewSynthesizer.load(folder.resolve("model"), options)) {
      assertEquals(64, cvs.config().imageSize());
    }
  }
}
