package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.codec.TinyVae;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.LatentViews;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.memory.MemoryEstimate;
import ai.fresnel.cvs.train.optim.TensorLists;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyLatents;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trains on the latents of an imported autoencoder, in both stages. */
class LatentTrainingTest {

  @TempDir Path folder;

  private Path data;
  private Path autoencoder;

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    autoencoder = TinyLatents.write(folder.resolve("taesd"), 4, 99);
  }

  private DiffusionTrainer.Builder teacher(Path run) {
    return Runs.teacher(data, run).setModel(TinyLatents.model()).optAutoencoder(autoencoder);
  }

  private Map<String, NDArray> imported(NDManager manager, TinyVae vae) throws IOException {
    Weights.initialize(vae, manager, 0);
    try (PartFolder part = PartFolder.open(autoencoder)) {
      part.load(Weights.arrays(vae));
    }
    return Weights.arrays(vae);
  }

  /** No step moves the autoencoder; nothing of it is in the state that a run resumes from. */
  @Test
  void theAutoencoderStaysAsItWasImported() throws IOException {
    Path run = folder.resolve("run");
    assertEquals(8, teacher(run).optStop(Runs.after(2)).build().train());
    assertEquals(48, teacher(run).build().train());
    Path student = folder.resolve("student");
    assertEquals(48, Runs.student(Runs.latest(run), data, student, 0.9).build().train());
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      TinyVae vae = new TinyVae(TinyLatents.autoencoder(4), Precision.FLOAT32);
      Map<String, NDArray> imported = imported(manager, vae);
      for (Path each : new Path[] {run, student}) {
        try (ModelFolder trained = ModelFolder.open(Runs.latest(each));
            Safetensors state = Safetensors.open(each.resolve(Runs.STATE))) {
          for (Map.Entry<String, NDArray> one : imported.entrySet()) {
            NDArray kept = trained.weights().read(manager, "taesd." + one.getKey());
            assertArrayEquals(one.getValue().toFloatArray(), kept.toFloatArray(), one.getKey());
          }
          assertTrue(state.names().stream().noneMatch(name -> name.contains("taesd")));
          assertTrue(state.names().stream().anyMatch(name -> name.contains("unet")));
        }
      }
    }
  }

  /** LCM's stage, as an adapter and in full, on the latents of a network with EDM's scaling. */
  @ParameterizedTest
  @ValueSource(ints = {2, 0})
  void aStudentOfAnAdapterOrInFullIsDistilled(int rank) throws IOException {
    Path run = folder.resolve("run");
    teacher(run).optStop(Runs.after(2)).build().train();
    Path student = folder.resolve("student");
    TrainingConfig lcm =
        RecipeJson.fromJson(
            "{\"stage\": {\"type\": \"latentConsistency\"}, \"rank\": " + rank + "}",
            "recipe",
            TinyViews.shortRun(Recipes.named("lcm", TrainingConfig.consistency())));
    Runs.student(Runs.latest(run), data, student, 0).optConfig(lcm).build().train();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder taught = ModelFolder.open(Runs.latest(run));
        ModelFolder learned = ModelFolder.open(Runs.latest(student))) {
      assertEquals(ModelConfig.Kind.CONSISTENCY, learned.config().kind());
      assertEquals(List.of(80.0), learned.config().fewStepSigmas().get(1));
      String moved = "unet.down1_block0.conv1.weight";
      assertNotEquals(
          taught.weights().read(manager, moved).sum().getFloat(),
          learned.weights().read(manager, moved).sum().getFloat());
      for (String name : taught.weights().names()) {
        if (name.startsWith("taesd.") || name.startsWith("detail.")) {
          assertEquals(taught.weights().bytes(name), learned.weights().bytes(name), name);
        }
      }
    }
  }

  @Test
  void aRunStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    teacher(whole).build().train();
    teacher(parts).optStop(Runs.after(5)).build().train();
    teacher(parts).build().train();
    Runs.assertSameRun(whole, parts);
  }

  /** SigmaData is the deviation of the latents, not that of the pixels. */
  @Test
  void sigmaDataIsMeasuredOnLatents() throws IOException {
    Path run = folder.resolve("run");
    teacher(run).optStop(Runs.after(1)).build().train();
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(1, 0));
    double sum = 0;
    double squares = 0;
    long count = 0;
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder model = ModelFolder.open(Runs.latest(run))) {
      TinyVae vae = new TinyVae(TinyLatents.autoencoder(4), Precision.FLOAT32);
      imported(manager, vae);
      for (int object = 0; object < pairs.objects(); object++) {
        for (int view = 0; view < pairs.views(object); view++) {
          NDArray image = manager.create(pairs.image(object, view), new Shape(1, 3, 16, 16));
          NDArray latent = vae.encode(image);
          assertEquals(new Shape(1, 4, 8, 8), latent.getShape());
          for (float value : latent.toFloatArray()) {
            sum += value;
            squares += value * value;
            count++;
          }
        }
      }
      double mean = sum / count;
      double deviation = Math.sqrt(squares / count - mean * mean);
      assertEquals(deviation, model.config().sigmaData(), 5.1e-4);
    }
  }

  /** A batch with latents from disk has those that the autoencoder makes of its images. */
  @Test
  void latentsOnDiskAreThoseOfTheImages() throws IOException {
    ViewSet set = ViewSet.open(data);
    List<String> ids = set.ids(Split.TRAIN);
    Path cache = folder.resolve("latents");
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      TinyVae vae = new TinyVae(TinyLatents.autoencoder(4), Precision.FLOAT32);
      imported(manager, vae);
      LatentViews.encode(cache, set, ids, vae, manager).close();
      // An encoding that was cut off goes on: the second object is missing, the first is kept.
      Path first = cache.resolve("0000000.safetensors");
      Path second = cache.resolve("0000001.safetensors");
      FileTime written = Files.getLastModifiedTime(first);
      Files.delete(second);
      ViewPairDataset pairs =
          ViewPairDataset.load(set, Split.TRAIN, PairOptions.of(6, 0).withTargets(2));
      try (LatentViews latents = LatentViews.encode(cache, set, ids, vae, manager)) {
        assertEquals(written, Files.getLastModifiedTime(first));
        assertTrue(Files.exists(second));
        ViewBatch views = pairs.batch(0);
        TrainingBatch batch = latents.addTo(manager, views.on(manager), views.pairs());
        assertClose(vae.encode(batch.targets()), batch.targetStates().orElseThrow());
        NDArray sources = vae.encode(batch.context().source());
        assertEquals(3, sources.getShape().get(0));
        assertClose(sources, batch.context().sourceStates().orElseThrow());
        // Parts and copies keep them.
        TrainingBatch part = batch.part(manager, 2, 4).on(manager);
        assertClose(vae.encode(part.targets()), part.targetStates().orElseThrow());
        ViewModel network = new ViewModel(TinyLatents.model());
        Weights.initialize(network, manager, 1);
        TensorLists.copy(vae, network.codec().blocks().get("taesd"));
        ParameterStore store = new ParameterStore(manager, false);
        ViewContext plain = ViewContext.of(part.context().source(), part.context().cameras());
        assertClose(
            network.condition(store, plain).state(),
            network.condition(store, part.context()).state());
      }
      Weights.arrays(vae).values().iterator().next().addi(1);
      IllegalArgumentException other =
          assertThrows(
              IllegalArgumentException.class,
              () -> LatentViews.encode(cache, set, ids, vae, manager));
      assertEquals(
          first + " has latents of another autoencoder, expected the one the run began with",
          other.getMessage());
    }
  }

  private static void assertClose(NDArray expected, NDArray actual) {
    assertEquals(expected.getShape(), actual.getShape());
    assertArrayEquals(expected.toFloatArray(), actual.toFloatArray(), 1e-5f);
  }

  /** Steps with latents from disk move the weights as steps that encode do. */
  @Test
  void aStepWithLatentsFromDiskIsOneWithout() throws IOException {
    Path cached = folder.resolve("cached");
    Path encoding = folder.resolve("encoding");
    teacher(cached).optStop(Runs.after(1)).build().train();
    assertTrue(Files.exists(cached.resolve("latents/0000001.safetensors")));
    // Views change at random, once in a million million.
    TrainingConfig changing =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .data(d -> d.withAugmentation(a -> a.withBackgroundShare(1e-12)))
            .build();
    teacher(encoding).optConfig(changing).optStop(Runs.after(1)).build().train();
    assertFalse(Files.exists(encoding.resolve("latents")));
    assertTrue(Runs.apart(cached, encoding, "adam.m") < 1e-4);
    // Other latents on disk, another run: what is on disk is what is trained on.
    Path changed = folder.resolve("changed");
    teacher(changed).optStop(Runs.after(0)).build().train();
    Path file = changed.resolve("latents/0000000.safetensors");
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      NDArray latents;
      Map<String, String> metadata;
      try (Safetensors found = Safetensors.open(file)) {
        latents = found.read(manager, "latents").mul(-1);
        metadata = found.metadata();
      }
      Safetensors.write(file, Map.of("latents", latents), metadata);
    }
    teacher(changed).optStop(Runs.after(1)).build().train();
    assertTrue(Runs.apart(cached, changed, "adam.m") > 1e-2);
  }

  /** Its weights are there once; no gradient, no moments and no average are planned for it. */
  @Test
  void thePlanCountsTheAutoencoderOnce() throws IOException {
    MemoryEstimate planned =
        teacher(folder.resolve("run")).optMemory(1L << 30, Set.of()).build().plan().estimate();
    ViewModel network = new ViewModel(TinyLatents.model());
    long trained = Weights.count(network) - Weights.count(network.codec().blocks().get("taesd"));
    assertEquals(4 * Weights.count(network), planned.weights());
    assertEquals(4 * trained, planned.gradients());
    assertEquals(4 * trained, planned.averages());
  }

  @Test
  void whatDoesNotFitIsRefusedInOneLine() throws IOException {
    Path run = folder.resolve("run");
    refused(
        "latent16 diffuses the latents of an autoencoder, expected the folder of an imported one"
            + " (--autoencoder)",
        teacher(run).optAutoencoder(null));
    Path wide = TinyLatents.write(folder.resolve("wide"), 8, 1);
    refused(
        wide + " has latents of 8 channels, expected 4 for latent16",
        teacher(run).optAutoencoder(wide));
    refused(
        TinyViews.model().name()
            + " diffuses images, expected a network of latents for "
            + autoencoder,
        teacher(run).setModel(TinyViews.model()));
    refused(autoencoder + " holds taesd, expected a DINOv2", teacher(run).optEncoder(autoencoder));
    IllegalArgumentException scratch =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ConsistencyTrainer.builder()
                    .setModel(TinyLatents.model())
                    .setData(data)
                    .setRun(run)
                    .optConfig(Recipes.named("ct", TrainingConfig.consistency()))
                    .build()
                    .train());
    assertEquals(
        "latent16 has an autoencoder, expected a model that diffuses images", scratch.getMessage());
    assertFalse(run.toFile().exists() && run.resolve("recipe.json").toFile().exists());
  }

  private static void refused(String message, DiffusionTrainer.Builder trainer) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> trainer.build().train());
    assertEquals(message, e.getMessage());
  }

  /** The configuration of the guide's example: 64×64 images, 8×8×4 latents. */
  @Test
  void theSmallConfigurationHasLatentsOfEightByEight() throws IOException {
    try (InputStream in = LatentTrainingTest.class.getResourceAsStream("latent/latent64.json")) {
      String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      ModelConfig config = ModelConfig.fromJson(json, "latent64.json");
      assertEquals(64, config.imageSize());
      assertEquals(8, config.codec().stateSize());
      assertEquals(4, config.codec().channels());
      assertNotEquals(0, config.levels());
    }
  }
}
