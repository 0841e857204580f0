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
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Safetensors;
import ai.fresnel.cvs.nn.SlowTensor;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.mesh.LoadedMesh;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.monitor.EventReader;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.monitor.SigmaBins;
import ai.fresnel.cvs.train.procedural.ProceduralScenes;
import ai.fresnel.cvs.train.schedule.LogNormalLevels;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both doors on a view set of small images: what a run leaves, and how it goes on. */
class TrainerTest {

  @TempDir static Path shared;

  private static Path data;
  private static Path teacherRun;

  @TempDir Path folder;

  @BeforeAll
  static void trainTheTeacher() throws IOException {
    data = shared.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    teacherRun = shared.resolve("teacher");
    assertEquals(48, Runs.teacher(data, teacherRun).build().train());
  }

  private static Set<String> tree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      Set<String> names = new TreeSet<>();
      files.filter(Files::isRegularFile).forEach(file -> names.add(root.relativize(file) + ""));
      return names;
    }
  }

  private static void assertIsARun(Path run, ModelConfig.Kind kind) throws IOException {
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
            "state/state.safetensors",
            "tensorboard/"),
        tree(run).stream()
            .map(name -> name.replaceFirst("events\\.out\\.tfevents\\.\\d{10}\\.cvs$", ""))
            .collect(Collectors.toSet()));
    assertTrue(ImageIO.read(run.resolve("curves.png").toFile()).getWidth() > 500);
    assertTrue(ImageIO.read(run.resolve("previews/000000048.png").toFile()).getWidth() > 500);
    List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
    JsonObject last = JsonParser.parseString(metrics.get(metrics.size() - 1)).getAsJsonObject();
    assertEquals(48, last.get("images").getAsLong());
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
      long images = flat.remove("images").getAsLong();
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
        at = line.get("images").getAsLong();
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
            .batchSize(1)
            .maxImages(1)
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
        new LogNormalLevels(model.noise().mean(), model.noise().deviation())
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
            .stateEvery(Duration.ZERO)
            .keepSnapshots(3)
            .build();
    Runs.teacher(data, run).optConfig(keeping).optStop(Runs.after(4)).build().train();
    assertEquals(
        Set.of("000000008", "000000012", "000000016", "latest"), names(run.resolve("snapshots")));
    // What is somebody's own is not deleted, nor anything where no numbers are kept.
    Path mine = run.resolve("snapshots/000000008/notes.txt");
    Files.createFile(mine);
    Path sixteen = run.resolve("snapshots/000000016/model.safetensors");
    assertEquals(-1L, Files.mismatch(sixteen, Runs.latest(run).resolve("model.safetensors")));
    TrainingConfig two = keeping.toBuilder().keepSnapshots(2).build();
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
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder().maxImages(56).build();
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

  @Test
  void aTeacherStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    Path run = folder.resolve("run");
    assertEquals(20, Runs.teacher(data, run).optStop(Runs.after(5)).build().train());
    assertEquals(24, Runs.teacher(data, run).optStop(Runs.after(1)).build().train());
    assertEquals(48, Runs.teacher(data, run).build().train());
    Runs.assertSameRun(teacherRun, run);
  }

  @Test
  void aStudentStoppedAndResumedEqualsOneLeftAlone() throws IOException {
    for (double targetDecay : new double[] {0.9, 0}) {
      Path whole = folder.resolve("whole" + targetDecay);
      Path parts = folder.resolve("parts" + targetDecay);
      Path teacher = Runs.latest(teacherRun);
      assertEquals(48, Runs.student(teacher, data, whole, targetDecay).build().train());
      assertIsARun(whole, ModelConfig.Kind.CONSISTENCY);
      Runs.student(teacher, data, parts, targetDecay).optStop(Runs.after(7)).build().train();
      assertEquals(48, Runs.student(teacher, data, parts, targetDecay).build().train());
      Runs.assertSameRun(whole, parts);
      try (Safetensors state = Safetensors.open(whole.resolve(TrainingState.FILE))) {
        boolean hasTarget = state.names().stream().anyMatch(name -> name.startsWith("target/"));
        assertEquals(targetDecay > 0, hasTarget);
      }
    }
  }

  @Test
  void muonInBfloat16ResumesToo() throws IOException {
    TrainingConfig config =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .optimizer(OptimizerKind.MUON)
            .precision(Precision.BFLOAT16)
            .build();
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    Runs.teacher(data, whole).optConfig(config).build().train();
    assertIsARun(whole, ModelConfig.Kind.DIFFUSION);
    Runs.teacher(data, parts).optConfig(config).optStop(Runs.after(7)).build().train();
    Runs.teacher(data, parts).optConfig(config).build().train();
    Runs.assertSameRun(whole, parts);
    try (Safetensors state = Safetensors.open(whole.resolve(TrainingState.FILE))) {
      Set<String> names = state.names();
      assertTrue(names.contains("muon.m/network.unet.down0_block0.conv1.weight"));
      assertTrue(names.contains("adam.m/network.unet.in.conv.weight"));
      // Each parameter belongs to one of the two.
      long moved = names.stream().filter(n -> n.matches("(muon|adam)\\.m/.*")).count();
      assertEquals(names.stream().filter(n -> n.startsWith("weights/")).count(), moved);
    }
  }

  /** A run without a step leaves what it started from; one with steps goes on from there. */
  @Test
  void aTeacherStartsFromAnEarlierOne() throws IOException {
    Path before = Runs.latest(teacherRun);
    Path run = folder.resolve("run");
    assertEquals(0, Runs.teacherFrom(before, data, run).optStop(() -> true).build().train());
    Path weights = Path.of(ModelFolder.WEIGHTS);
    try (ModelFolder one = ModelFolder.open(before);
        ModelFolder other = ModelFolder.open(Runs.latest(run))) {
      assertEquals(one.config(), other.config());
      assertEquals(before.toString(), other.provenance().parent());
    }
    assertEquals(-1L, Files.mismatch(before.resolve(weights), Runs.latest(run).resolve(weights)));
    assertEquals(48, Runs.teacherFrom(before, data, run).build().train());
    assertTrue(Files.mismatch(before.resolve(weights), Runs.latest(run).resolve(weights)) >= 0);
    String refused =
        assertThrows(IllegalArgumentException.class, () -> Runs.teacher(data, run).build().train())
            .getMessage();
    assertTrue(refused.contains("was started with teacher " + before), refused);
  }

  /** The parts both have are the earlier one's, and the part that is new adds nothing yet. */
  @Test
  void aNetworkGrowsByARefiner() throws IOException {
    ModelConfig grown = TinyViews.model();
    ModelConfig small = grown.toBuilder().name("small").heads(h -> h.withRefineChannels(0)).build();
    Path first = folder.resolve("first");
    Runs.teacher(data, first).setModel(small).optStop(Runs.after(5)).build().train();
    Path before = Runs.latest(first);
    Path run = folder.resolve("run");
    DiffusionTrainer.Builder trainer = Runs.teacherFrom(before, data, run).setModel(grown);
    assertEquals(0, trainer.optStop(() -> true).build().train());
    try (ModelFolder one = ModelFolder.open(before);
        ModelFolder other = ModelFolder.open(Runs.latest(run))) {
      assertEquals(grown.toBuilder().sigmaData(one.config().sigmaData()).build(), other.config());
      Set<String> added = new TreeSet<>(other.weights().names());
      assertTrue(added.containsAll(one.weights().names()));
      added.removeAll(one.weights().names());
      assertTrue(added.stream().allMatch(name -> name.startsWith("refine.")), added.toString());
      assertEquals(8, added.size());
      for (String name : one.weights().names()) {
        assertEquals(one.weights().bytes(name), other.weights().bytes(name), name);
      }
      try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
        assertArrayEquals(drawn(one, manager), drawn(other, manager));
      }
    }
  }

  private static float[] drawn(ModelFolder model, NDManager manager) throws IOException {
    NDArray source = manager.linspace(0, 1, 3 * 16 * 16).reshape(1, 3, 16, 16);
    NDArray pose = manager.zeros(new Shape(1, 16));
    ViewSampler sampler = ViewSampler.of(ViewModel.load(model, manager));
    return sampler.sample(source, pose, new long[] {3}, 0).toFloatArray();
  }

  /**
   * Parts of one, one and two samples: the first step's gradient, a tenth of which is the moment.
   */
  @Test
  void aBatchInPartsHasTheGradientOfTheWhole() throws IOException {
    TrainingConfig whole = TinyViews.shortRun(TrainingConfig.diffusion());
    TrainingConfig parts = whole.toBuilder().accumulation(3).build();
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    assertEquals(
        4, Runs.teacher(data, one).optConfig(whole).optStop(Runs.after(1)).build().train());
    assertEquals(
        4, Runs.teacher(data, other).optConfig(parts).optStop(Runs.after(1)).build().train());
    assertSameMoments(one, other);
    JsonObject first = JsonParser.parseString(lastMetrics(one)).getAsJsonObject();
    JsonObject second = JsonParser.parseString(lastMetrics(other)).getAsJsonObject();
    for (String name : List.of("loss", "gradient_norm")) {
      double expected = first.get(name).getAsDouble();
      assertEquals(expected, second.get(name).getAsDouble(), 1e-5 * expected, name);
    }
    JsonObject levels = first.getAsJsonObject("loss_by_sigma");
    assertTrue(levels.size() > 0);
    for (String bin : levels.keySet()) {
      double expected = levels.get(bin).getAsDouble();
      double found = second.getAsJsonObject("loss_by_sigma").get(bin).getAsDouble();
      assertEquals(expected, found, 1e-5 * expected, bin);
    }
    assertEquals(48, Runs.teacher(data, other).optConfig(parts).build().train());
  }

  private static void assertSameMoments(Path one, Path other) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors a = Safetensors.open(one.resolve(TrainingState.FILE));
        Safetensors b = Safetensors.open(other.resolve(TrainingState.FILE))) {
      double largest = 0;
      double difference = 0;
      for (String name : a.names()) {
        if (name.startsWith("adam.m/")) {
          NDArray moment = a.read(manager, name);
          largest = Math.max(largest, moment.abs().max().getFloat());
          NDArray apart = moment.sub(b.read(manager, name)).abs().max();
          difference = Math.max(difference, apart.getFloat());
        }
      }
      assertTrue(largest > 0 && difference < 1e-5 * largest, difference + " of " + largest);
    }
  }

  private static List<TrainingConfig> withLevels(TrainingConfig config) {
    TrainingConfig once = config.toBuilder().accumulation(2).build();
    return List.of(once, once.toBuilder().checkpointLevels(List.of(0, 1)).build());
  }

  @Test
  void whatIsComputedTwiceHasTheGradientOfWhatIsKept() throws IOException {
    List<Path> runs = new ArrayList<>();
    for (TrainingConfig config : withLevels(TinyViews.shortRun(TrainingConfig.diffusion()))) {
      runs.add(folder.resolve("R" + runs.size()));
      Runs.teacher(data, runs.get(runs.size() - 1))
          .optConfig(config)
          .optStop(Runs.after(1))
          .build()
          .train();
    }
    assertSameMoments(runs.get(0), runs.get(1));
    // A student and its teacher in the same steps.
    TrainingConfig joint =
        Runs.studentConfig(0.9).toBuilder().student(s -> s.trainTeacher(true)).build();
    for (TrainingConfig config : withLevels(joint)) {
      runs.add(folder.resolve("R" + runs.size()));
      Runs.student(Runs.latest(teacherRun), data, runs.get(runs.size() - 1), 0.9)
          .optConfig(config)
          .optStop(Runs.after(1))
          .build()
          .train();
    }
    assertSameMoments(runs.get(2), runs.get(3));
    TrainingConfig three =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .checkpointLevels(List.of(2))
            .build();
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Runs.teacher(data, folder.resolve("none")).optConfig(three).build().train());
    assertEquals("checkpointLevels is [2], expected levels from 0 to 1 of tiny16", e.getMessage());
  }

  private static String lastMetrics(Path run) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    return lines.get(lines.size() - 1);
  }

  /** Averages, weights and moments differ from each other and from the start: all of it trains. */
  @Test
  void everythingInTheStateMoves() throws IOException {
    Path untouched = folder.resolve("run");
    assertEquals(0, Runs.teacher(data, untouched).optStop(() -> true).build().train());
    try (Safetensors start = Safetensors.open(untouched.resolve(TrainingState.FILE));
        Safetensors end = Safetensors.open(teacherRun.resolve(TrainingState.FILE))) {
      for (String name : start.names()) {
        assertNotEquals(start.bytes(name), end.bytes(name), name);
      }
      assertNotEquals(
          end.bytes("weights/detail.in.conv.bias"), end.bytes("ema/detail.in.conv.bias"));
    }
  }

  /** After a state and before its snapshot is where a kill leaves an old snapshot, or none. */
  @Test
  void aFinishedRunWithoutItsSnapshotGetsIt() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).build().train();
    for (String name : new String[] {"config.json", "model.safetensors", "provenance.json"}) {
      Files.delete(Runs.latest(run).resolve(name));
    }
    Files.delete(Runs.latest(run));
    assertEquals(48, Runs.teacher(data, run).build().train());
    assertIsARun(run, ModelConfig.Kind.DIFFUSION);
    Runs.assertSameRun(teacherRun, run);
  }

  /** What a killed process leaves: half-written files and lines after the last state. */
  @Test
  void leftoversOfAKilledRunAreCleared() throws IOException {
    Path run = folder.resolve("run");
    Runs.teacher(data, run).optStop(Runs.after(5)).build().train();
    Path state = run.resolve(TrainingState.FILE);
    Files.write(state.resolveSibling(".state.safetensors.0-1-2"), new byte[1000]);
    Files.createDirectories(run.resolve("snapshots/.latest.new"));
    Files.write(run.resolve("snapshots/.latest.new/config.json"), new byte[10]);
    Files.write(run.resolve("recipe.json.tmp"), new byte[10]);
    Path metrics = run.resolve("metrics.jsonl");
    List<String> before = Files.readAllLines(metrics);
    assertEquals(1, before.size());
    Files.writeString(
        metrics,
        "{\"images\":24,\"loss\":1}\nnot json\n{\"images\":\"x\"}\n{\"images\":[]}\n\0\0\n\n"
            + "{\"images\":28,\"lo",
        StandardOpenOption.APPEND);
    Files.write(metrics, new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    Runs.teacher(data, run).build().train();
    assertIsARun(run, ModelConfig.Kind.DIFFUSION);
    Runs.assertSameRun(teacherRun, run);
    List<String> after = Files.readAllLines(metrics);
    assertEquals(2, after.size(), after.toString());
    assertEquals(before.get(0), after.get(0));
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
    TrainingConfig two = Runs.studentConfig(0).toBuilder().maxImages(8).build();
    Runs.student(Runs.latest(run), data, student, 0).optConfig(two).build().train();
    assertTrue(Files.exists(student.resolve("previews/000000008.png")));
  }

  /** States and previews in between, after every step, change nothing of what is trained. */
  @Test
  void savingAndDrawingChangeNothing() throws IOException {
    Path run = folder.resolve("run");
    TrainingConfig busy =
        TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
            .stateEvery(Duration.ZERO)
            .previewEvery(Duration.ZERO)
            .validateEvery(Duration.ZERO)
            .keepSnapshots(2)
            .build();
    Runs.teacher(data, run).optConfig(busy).optStop(Runs.after(4)).build().train();
    Runs.teacher(data, run).build().train();
    Runs.assertSameRun(teacherRun, run);
    try (Stream<Path> previews = Files.list(run.resolve("previews"))) {
      // After the first three steps and the last; the fourth was asked to be quick.
      assertEquals(4, previews.count());
    }
  }
}
