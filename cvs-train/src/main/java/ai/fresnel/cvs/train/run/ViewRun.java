package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.FolderLock;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.LatentViews;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.PairSource;
import ai.fresnel.cvs.train.data.StreamedPairs;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.memory.MemoryModel;
import ai.fresnel.cvs.train.mesh.MeshSource;
import ai.fresnel.cvs.train.render.RenderedPairs;
import ai.fresnel.cvs.train.stage.StagePlan;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A run of either door: opens the data, resumes, runs, stops cleanly. */
public final class ViewRun {

  private static final int SECONDS_TO_SAVE = 60;

  private final Path run;
  private final Path data;
  private final List<? extends MeshSource> meshes;
  private final List<Device> devices;
  private final Consumer<TrainingProgress> progress;
  private final BooleanSupplier stop;
  private final Observers observers;

  /**
   * Makes a run.
   *
   * @param run its folder
   * @param data the view set's folder
   * @param meshes objects that are rendered anew for each sample; null for the set's own images
   * @param devices where it runs, at least one
   * @param progress hears of progress, about every ten seconds
   * @param stop asked after each step; true ends the run early
   * @param observers the caller's listeners and evaluators
   */
  public ViewRun(
      Path run,
      Path data,
      List<? extends MeshSource> meshes,
      List<Device> devices,
      Consumer<TrainingProgress> progress,
      BooleanSupplier stop,
      Observers observers) {
    this.observers = observers;
    this.run = run;
    this.data = data;
    this.meshes = meshes;
    this.devices = devices;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Reads the settings that a run was last started with.
   *
   * @param run the run's folder
   * @param defaults what holds for settings that its recipe does not have
   * @return the settings; empty where there is no run
   * @throws IOException if its recipe cannot be read
   */
  public static Optional<TrainingConfig> settings(Path run, TrainingConfig defaults)
      throws IOException {
    return Recipe.exists(run)
        ? Optional.of(Recipe.read(run, defaults).training())
        : Optional.empty();
  }

  /**
   * Runs a stage to its end, or until the process is asked to stop.
   *
   * @param stageName what the recipe calls the stage
   * @param teacher where the first weights come from; empty for random ones
   * @param wanted the network
   * @param config the settings
   * @param plan makes the stage
   * @return the samples seen
   * @throws IOException if data cannot be read, or the run cannot be written or is by another
   *     process
   * @throws IllegalArgumentException if the run was started with other settings, or the data does
   *     not fit the model
   */
  public long train(
      String stageName, String teacher, ModelConfig wanted, TrainingConfig config, StagePlan plan)
      throws IOException {
    if (!Recipe.exists(run) && Files.exists(run) && !Recipe.isFresh(run)) {
      throw new IllegalArgumentException(
          run + " exists and is not a run (it has no " + Recipe.NAME + ")");
    }
    try (FolderLock lock = FolderLock.of(run)) {
      requireStateOfSnapshots();
      return train(lock, stageName, teacher, wanted, config, plan);
    }
  }

  private long train(
      FolderLock lock,
      String stageName,
      String teacher,
      ModelConfig wanted,
      TrainingConfig config,
      StagePlan plan)
      throws IOException {
    ViewSet set = ViewSet.open(data);
    List<String> trained = set.ids(Split.TRAIN);
    if (trained.isEmpty()) {
      throw new IOException(data + ": no objects in split TRAIN, expected at least 1");
    }
    int imageSize = set.object(trained.get(0)).read(0).intrinsics().width();
    if (imageSize != wanted.imageSize()) {
      throw new IllegalArgumentException(
          "view set "
              + data
              + " has images of "
              + imageSize
              + " pixels, expected "
              + wanted.imageSize());
    }
    requireLevels(wanted, config);
    PairSource pairs = pairs(set, imageSize, config);
    RunCodec codec = new RunCodec(plan, wanted, devices.get(0));
    Recipe recipe;
    Optional<LatentViews> latents;
    try (codec) {
      recipe = recipe(stageName, teacher, wanted, config, set, plan.parts(), codec);
      latents = meshes == null ? codec.latents(run, set, pairs, config) : Optional.empty();
    }
    List<ViewBatch> unseen = unseen(set, config, Validation.PAIRS, MemoryModel.PREVIEW_PAIRS);

    ObservedSteps observed = observed(set, trained);
    try (TrainingSetup setup = new TrainingSetup(recipe.model(), config, plan, devices, observed);
        BatchSource batches = ViewPairs.of(pairs, setup.manager(), latents)) {
      TrainingState state = setup.state();
      Position position = setup.position();
      double seconds = resume(state, position, setup.manager());
      RunLog log = new RunLog(run, position.samples());
      Validation validation =
          new Validation(
              setup.stage(),
              plan.block(setup.average(), recipe.model()),
              unseen.get(0),
              // What fits into memory with its gradient fits without.
              Math.max(
                  1,
                  config.data().batchSize() / (config.compute().accumulation() * devices.size())));
      Previews previews =
          new Previews(
              run,
              recipe.model(),
              setup.average(),
              unseen.get(1),
              plan.teacherSampler(),
              config.volumeAlone());
      Snapshots snapshots = new Snapshots(run, recipe, setup.average());
      RunKeeper keeper =
          new RunKeeper(run, state, snapshots, validation, previews, log, setup.manager());
      return untilAskedToStop(
          lock,
          asked ->
              new TrainingLoop(
                      setup.trainer(), setup.stage(), batches, config, keeper, log, progress, asked)
                  .run(seconds));
    }
  }

  /** Refuses to start anew over what an earlier run made. */
  private void requireStateOfSnapshots() throws IOException {
    List<Path> snapshots = Snapshots.of(run);
    if (!snapshots.isEmpty() && !TrainingState.exists(run)) {
      throw new NoSuchFileException(
          run.resolve(TrainingState.FILE).toString(),
          null,
          "the state is missing, and a start from 0 would replace "
              + snapshots.get(0).getParent()
              + " ("
              + snapshots.stream()
                  .map(path -> path.getFileName().toString())
                  .collect(Collectors.joining(", "))
              + "); put the state back, or use another folder, or delete the snapshots to start"
              + " anew");
    }
  }

  /** In an epoch each view of the training split is a target once on average. */
  private ObservedSteps observed(ViewSet set, List<String> trained) throws IOException {
    if (observers.isEmpty()) {
      return ObservedSteps.none();
    }
    long views = 0;
    for (String id : trained) {
      views += set.object(id).size();
    }
    return new ObservedSteps(observers, views);
  }

  private static void requireLevels(ModelConfig model, TrainingConfig config) {
    for (int level : config.compute().checkpointLevels()) {
      if (level >= model.levels()) {
        throw new IllegalArgumentException(
            "checkpointLevels is "
                + config.compute().checkpointLevels()
                + ", expected levels from 0 to "
                + (model.levels() - 1)
                + " of "
                + model.name());
      }
    }
  }

  private double resume(TrainingState state, Position position, NDManager manager)
      throws IOException {
    if (!TrainingState.exists(run)) {
      // A run that diverges before its first save goes back to its start.
      state.save(run, position.counters(0));
      return 0;
    }
    TrainingState.Counters counters = state.restore(run, manager);
    position.restore(counters);
    return counters.seconds();
  }

  private Recipe recipe(
      String stage,
      String teacher,
      ModelConfig wanted,
      TrainingConfig config,
      ViewSet set,
      Map<String, String> parts,
      RunCodec codec)
      throws IOException {
    if (Recipe.exists(run)) {
      Recipe before = Recipe.read(run, config);
      Recipe now = new Recipe(stage, dataName(), teacher, parts, wanted, config);
      before.requireResumable(run, now);
      Recipe goesOn = new Recipe(stage, dataName(), teacher, parts, before.model(), config);
      goesOn.write(run);
      return goesOn;
    }
    // A student sees its teacher's data, and weights fit the scales they were trained with. What
    // is left after a volume's view is not known before there is one.
    ModelConfig model = wanted;
    if (teacher.isEmpty() && !(wanted.hasVolume() && wanted.volume().residual())) {
      double sigmaData = StateDeviation.of(set, codec);
      model = wanted.toBuilder().sigmaData(sigmaData).build();
    }
    Recipe fresh = new Recipe(stage, dataName(), teacher, parts, model, config);
    fresh.write(run);
    return fresh;
  }

  /** Pairs rendered anew, or of the view set, all of it in memory or a part at a time. */
  private PairSource pairs(ViewSet set, int imageSize, TrainingConfig config) throws IOException {
    PairOptions options = config.pairs();
    if (meshes == null) {
      return ViewPairDataset.fits(set, Split.TRAIN, options)
          ? ViewPairDataset.load(set, Split.TRAIN, options)
          : StreamedPairs.open(set, Split.TRAIN, options);
    }
    Set<String> wanted = Set.copyOf(set.ids(Split.TRAIN));
    List<? extends MeshSource> found =
        meshes.stream().filter(mesh -> wanted.contains(mesh.id())).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "none of "
              + meshes.size()
              + " meshes has the name of an object of "
              + data
              + "'s train split");
    }
    return new RenderedPairs(found, imageSize, options, config.variation(), drawingThreads());
  }

  /** A CPU that trains has one thread to spare, one beside a GPU all but what the steps need. */
  private int drawingThreads() {
    return devices.get(0).isGpu() ? Math.max(1, Runtime.getRuntime().availableProcessors() - 2) : 1;
  }

  /** The recipe's name of the data: a run does not resume on other data. */
  private String dataName() {
    return meshes == null ? data.toString() : data + " rendered anew";
  }

  /**
   * The first pairs of a series that is always the same, of objects never trained on; of the
   * training set where there are no others.
   */
  private static List<ViewBatch> unseen(ViewSet set, TrainingConfig config, long... counts)
      throws IOException {
    Split split = set.ids(Split.VALIDATION).isEmpty() ? Split.TRAIN : Split.VALIDATION;
    PairOptions drawn = config.pairs();
    PairOptions options =
        PairOptions.of(drawn.batchSize(), drawn.seed())
            .withDepth(drawn.depth())
            .withTargets(drawn.targets());
    ViewPairDataset pairs = ViewPairDataset.load(set, split, options);
    return Arrays.stream(counts)
        .map(n -> wholeSources(n, drawn.targets()))
        .mapToObj(n -> pairs.gather(LongStream.range(0, n).mapToObj(pairs::pair).toList()))
        .toList();
  }

  /** So many pairs or a few more: all targets of each source. */
  private static long wholeSources(long pairs, int targets) {
    return (pairs + targets - 1) / targets * targets;
  }

  private interface Part {
    long run(BooleanSupplier asked) throws IOException;
  }

  /**
   * Runs until the caller or the end of the process asks to stop; the process waits for the state
   * to be saved. It waits for that alone and not for this thread, which may itself be waiting in
   * {@link System#exit} for the process to end. The lock is released before the process may end.
   */
  private long untilAskedToStop(FolderLock lock, Part part) throws IOException {
    AtomicBoolean ending = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              ending.set(true);
              try {
                done.await(SECONDS_TO_SAVE, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "save-and-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return part.run(() -> ending.get() || stop.getAsBoolean());
    } finally {
      lock.close();
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending: the hook is what called us off.
      }
    }
  }
}
