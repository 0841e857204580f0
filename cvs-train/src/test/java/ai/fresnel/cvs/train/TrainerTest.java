package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.monitor.EventReader;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.monitor.SigmaBins;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.schedule.LogNormalSigmas;
import ai.fresnel.cvs.train.stage.NoiseStreams;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewModel;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

/** Both doors on a view set of small images: what a run leaves. */
class TrainerTest extends TeacherRun {

  private static Set<String> tree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      Set<String> names = new TreeSet<>();
      files.filter(Files::isRegularFile).forEach(file -> names.add(root.relativize(file) + ""));
      return names;
    }
  }

  static void assertIsARun(Path run, ModelConfig.Kind kind) throws IOException {
    assertEquals(
        Set.of(
            "curves.png",
            "metrics.jsonl",
            "previews/000000048.png",
            "recipe.json",
            "snapshots/best/config.json",
            "snapshots/best/model.safetensors",
            "snapshots/best/provenance.json",
            "snapshots/latest/config.json",
            "snapshots/latest/model.safetensors",
            "snapshots/latest/provenance.json",
            "state/previous.safetensors",
            "state/state.safetensors",
            "tensorboard/"),
        tree(run).stream()
            .map(name -> name.replaceFirst("events\\.out\\.tfevents\\.\\d{10}\\.cvs$", ""))
            .collect(Collectors.toSet()));
    assertTrue(ImageIO.read(run.resolve("curves.png").toFile()).getWidth() > 500);
    assertTrue(ImageIO.read(run.resolve("previews/000000048.png").toFile()).getWidth() > 500);
    List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
    JsonObject last = JsonParser.parseString(metrics.get(metrics.size() - 1)).getAsJsonObject();
    assertEquals(48, last.get("samples").getAsLong());
    assertTrue(last.get("loss").getAsDouble() > 0 && last.get("gradient_norm").getAsDouble() > 0);
    assertFalse(last.getAsJsonObject("loss_by_sigma").isEmpty());
    assertEventsAreTheMetrics(run);
    assertTheBestIsTheLowest(run);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder model = ModelFolder.open(Runs.latest(run))) {
      assertEquals(kind, model.config().kind());
      assertEquals(48, model.provenance().samplesSeen());
      assertEquals(12, model.provenance().steps());
      ViewModel network = ViewModel.load(model, manager);
      assertFalse(Weights.arrays(network).isEmpty());
    }
  }

  /** Every curve has the metrics' points, and no other. */
  private static void assertEventsAreTheMetrics(Path run) throws IOException {
    EventReader events = EventReader.read(run.resolve("tensorboard"));
    Map<String, Map<Long, Float>> expected = new TreeMap<>();
    for (JsonObject line : new MetricsFile(run).read()) {
      JsonObject flat = line.deepCopy();
      flat.remove("loss_by_sigma");
      flat.remove("seconds");
      JsonObject levels = line.getAsJsonObject("loss_by_sigma");
      levels.keySet().forEach(bin -> flat.add("loss_by_sigma/" + bin, levels.get(bin)));
      long images = flat.remove("samples").getAsLong();
      for (String name : flat.keySet()) {
        expected
            .computeIfAbsent(name, n -> new TreeMap<>())
            .put(images, (float) flat.get(name).getAsDouble());
      }
    }
    assertEquals(expected, new TreeMap<>(events.scalars));
    assertArrayEquals(
        Files.readAllBytes(run.resolve("previews/000000048.png")),
        events.images.get("preview").get(48L));
  }

  private static void assertTheBestIsTheLowest(Path run) throws IOException {
    double lowest = Double.POSITIVE_INFINITY;
    long at = -1;
    for (JsonObject line : new MetricsFile(run).read()) {
      if (line.has("validation") && line.get("validation").getAsDouble() < lowest) {
        lowest = line.get("validation").getAsDouble();
        at = line.get("samples").getAsLong();
      }
    }
    try (ModelFolder best = ModelFolder.open(run.resolve("snapshots/best"))) {
      assertEquals(lowest, best.provenance().metrics().get("validation"));
      assertEquals(at, best.provenance().samplesSeen());
    }
  }

  /** The mean over the bins, weighted with their samples, is the loss: all samples are there. */
  @Test
  void lossesByNoiseLevelAreTheLoss() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig one =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .data(d -> d.withBatchSize(1))
            .run(r -> r.withMaxSamples(1))
            .build();
    Runs.teacher(data, run).optConfig(one).build().train();
    JsonObject line = new MetricsFile(run).read().get(0);
    JsonObject levels = line.getAsJsonObject("loss_by_sigma");
    ModelConfig model = TinyViews.model();
    long seed =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, one.pairs())
            .batch(0)
            .sampleSeeds()[0];
    double sigma =
        new LogNormalSigmas(model.noise().mean(), model.noise().deviation())
            .draw(new long[] {seed}, NoiseStreams.SIGMA)[0];
    SigmaBins bins = new SigmaBins();
    bins.add(new float[] {(float) sigma}, new float[] {1});
    assertEquals(bins.means().keySet(), levels.keySet());
    double loss = levels.get(levels.keySet().iterator().next()).getAsDouble();
    assertEquals(line.get("loss").getAsDouble(), loss);
  }

  /** The last three under their numbers, with what was the latest then. */
  @Test
  void theLastSnapshotsAreKept() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig keeping =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .run(r -> r.withStateEvery(Duration.ZERO))
            .run(r -> r.withKeepSnapshots(3))
            .build();
    Runs.teacher(data, run).optConfig(keeping).optStop(Runs.after(4)).build().train();
    assertEquals(
        Set.of("000000008", "000000012", "000000016", "latest"), names(run.resolve("snapshots")));
    // What is somebody's own is not deleted, nor anything where no numbers are kept.
    Path mine = run.resolve("snapshots/000000008/notes.txt");
    Files.createFile(mine);
    Path sixteen = run.resolve("snapshots/000000016/model.safetensors");
    assertEquals(-1L, Files.mismatch(sixteen, Runs.latest(run).resolve("model.safetensors")));
    TrainingConfig two = keeping.toBuilder().run(r -> r.withKeepSnapshots(2)).build();
    Runs.teacher(data, run).optConfig(two).build().train();
    assertTrue(Files.exists(mine));
    assertEquals(
        Set.of("000000008", "000000044", "000000048", "best", "latest"),
        names(run.resolve("snapshots")));
    assertEquals(48, Runs.teacher(data, run).build().train());
    assertEquals(5, names(run.resolve("snapshots")).size());
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  /** A better model stays the best when the run goes on to worse ones. */
  @Test
  void theBestSurvivesAResumption() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).build().train();
    Path best = run.resolve("snapshots/best");
    Path provenance = best.resolve("provenance.json");
    String text = Files.readString(provenance);
    String better = text.replaceFirst("\"validation\": ?[0-9.E-]+", "\"validation\": 1e-9");
    assertNotEquals(text, better);
    Files.writeString(provenance, better);
    TrainingConfig longer =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .run(r -> r.withMaxSamples(56))
            .build();
    assertEquals(56, Runs.teacher(data, run).optConfig(longer).build().train());
    assertEquals(better, Files.readString(provenance));
  }

  @Test
  void aTeachersRunHasAllItsParts() throws IOException {
    assertIsARun(teacherRun, ModelConfig.Kind.DIFFUSION);
    JsonObject recipe =
        JsonParser.parseString(Files.readString(teacherRun.resolve("recipe.json")))
            .getAsJsonObject();
    double measured =
        recipe.getAsJsonObject("model").getAsJsonObject("scaling").get("sigmaData").getAsDouble();
    assertEquals(slowDeviation(), measured, 5.1e-4);
    assertNotEquals(TinyViews.model().sigmaData(), measured);
  }

  /** √(mean of (value − mean)²) over all values of all training images as states. */
  private static double slowDeviation() throws IOException {
    ViewPairDataset pairs =
        ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, PairOptions.of(1, 0));
    double gain = TinyViews.model().codec().chromaGain();
    List<Double> values = new ArrayList<>();
    for (int object = 0; object < 2; object++) {
      for (int view = 0; view < 4; view++) {
        float[] image = pairs.image(object, view);
        double[] pixels = new double[image.length];
        Arrays.setAll(pixels, i -> image[i]);
        SlowTensor state = new SlowTensor(pixels, 1, 3, 16, 16).fromGrey(gain);
        for (double value : state.values()) {
          values.add(value);
        }
      }
    }
    assertEquals(2 * 4 * 3 * 16 * 16, values.size());
    double mean = values.stream().mapToDouble(v -> v).sum() / values.size();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(squares / values.size());
  }

  /** A procedural object under a name of the view set's. */
  private record Renamed(String id, MeshSource mesh) implements MeshSource {
    @Override
    public LoadedMesh load() throws IOException {
      return mesh.load();
    }
  }

  @Test
  void viewsAreRenderedAnewWhereMeshesAreGiven() throws IOException {
    List<MeshSource> meshes = new ArrayList<>();
    for (String id : List.of("object-a", "object-c", "unknown")) {
      meshes.add(new Renamed(id, ProceduralScenes.sources(1, 3).get(0)));
    }
    Path run = folder.resolve("run");
    assertEquals(48, Runs.teacher(data, run).optMeshes(meshes).build().train());
    assertIsARun(run, ModelConfig.Kind.DIFFUSION);
    Path left = folder.resolve("left");
    assertEquals(
        20, Runs.teacher(data, left).optMeshes(meshes).optStop(Runs.after(5)).build().train());
    assertEquals(48, Runs.teacher(data, left).optMeshes(meshes).build().train());
    Runs.assertSameRun(run, left);
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(Runs.latest(run).resolve("model.safetensors")),
            Files.readAllBytes(Runs.latest(teacherRun).resolve("model.safetensors"))),
        "other images, other weights");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Runs.teacher(data, run).build().train());
    assertTrue(e.getMessage().contains("was started with data " + data + " rendered anew"), e + "");
    // Objects of other splits are not trained on.
    e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Runs.teacher(data, folder.resolve("none"))
                    .optMeshes(meshes.subList(1, 3))
                    .build()
                    .train());
    assertTrue(e.getMessage().startsWith("none of 2 meshes has the name of an object of"), e + "");
  }

  @Test
  void shardsTrainAsFoldersDo() throws IOException {
    Path tars = Files.createDirectories(folder.resolve("tars"));
    try (var out = Files.newOutputStream(tars.resolve("a.tar"));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (String name : tree(data)) {
        if (name.contains("/")) {
          TarArchiveEntry entry = new TarArchiveEntry(name.replace('/', '.'));
          byte[] content = Files.readAllBytes(data.resolve(name));
          entry.setSize(content.length);
          tar.putArchiveEntry(entry);
          tar.write(content);
          tar.closeArchiveEntry();
        }
      }
    }
    Files.copy(data.resolve("split.json"), tars.resolve("split.json"));
    Path run = folder.resolve("run");
    assertEquals(48, Runs.teacher(tars, run).build().train());
    Runs.assertSameRun(teacherRun, run);
  }

  /** A model without levels for 2 and 4 passes: previews draw what there is. */
  @Test
  void previewsDrawThePassesThereAre() throws IOException {
    Path run = folder.resolve("run");
    ModelConfig one =
        TinyViews.model().toBuilder()
            .sampling(s -> s.withFewStepSigmas(Map.of(1, List.of(80.0))))
            .build();
    Runs.teacher(data, run).setModel(one).optStop(Runs.after(1)).build().train();
    Path student = folder.resolve("student");
    TrainingConfig two = Runs.studentConfig(0).toBuilder().run(r -> r.withMaxSamples(8)).build();
    Runs.student(Runs.latest(run), data, student, 0).optConfig(two).build().train();
    assertTrue(Files.exists(student.resolve("previews/000000008.png")));
  }
}
