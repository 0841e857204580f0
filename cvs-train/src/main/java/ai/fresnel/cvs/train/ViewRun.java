package ai.fresnel.cvs.train;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.nn.Weights;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.Split;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.data.ViewSet;
import ai.fresnel.cvs.train.listener.EmaListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** What the two doors have in common: opening the data, resuming, running, stopping cleanly. */
final class ViewRun {

  private static final int PREVIEW_PAIRS = 8;
  private static final int MEASURED_VIEWS = 2000;

  private final Path run;
  private final Path data;
  private final Device device;
  private final Consumer<TrainingProgress> progress;

  ViewRun(Path run, Path data, Device device, Consumer<TrainingProgress> progress) {
    this.run = run;
    this.data = data;
    this.device = device;
    this.progress = progress;
  }

  /** What differs between the stages. */
  interface Plan {

    /** The form the network is trained in. */
    DenoiserBlock block(ViewNetwork network, ModelConfig model);

    /** Gives the network its first weights. */
    void initialize(ViewNetwork network, NDManager manager, long seed) throws IOException;

    /**
     * Makes the stage.
     *
     * @param network the network in training
     * @param state where a stage registers arrays of its own that resuming needs
     * @param listeners where it registers what must happen after each update
     */
    Stage stage(
        ViewNetwork network,
        ModelConfig model,
        NDManager manager,
        TrainingState state,
        Listeners listeners);

    /** Draws the teacher's pictures in previews; null in stage 1. */
    ViewSampler teacherSampler();
  }

  /** Collects listeners before the trainer exists. */
  @FunctionalInterface
  interface Listeners {
    void add(ai.djl.training.listener.TrainingListener listener);
  }

  /** Runs a stage to its end, or until the process is asked to stop. */
  long train(String stageName, String teacher, ModelConfig wanted, TrainingConfig config, Plan plan)
      throws IOException {
    ViewSet set = ViewSet.open(data);
    ViewPairDataset pairs =
        ViewPairDataset.load(set, Split.TRAIN, PairOptions.of(config.batchSize(), config.seed()));
    if (pairs.pictureSize() != wanted.pictureSize()) {
      throw new IllegalArgumentException(
          "view set "
              + data
              + " has pictures of "
              + pairs.pictureSize()
              + " pixels, expected "
              + wanted.pictureSize());
    }
    Recipe recipe = recipe(stageName, teacher, wanted, config, pairs);
    ViewBatch previewPairs = previewPairs(set, config);

    try (NDManager manager = TorchRuntime.newManager(device);
        Model model = Model.newInstance(wanted.name(), device, "PyTorch");
        ViewPairs batches = new ViewPairs(pairs)) {
      ViewNetwork network = new ViewNetwork(recipe.model());
      plan.initialize(network, manager, config.seed());
      ViewNetwork average = new ViewNetwork(recipe.model());
      Weights.initialize(average, manager, config.seed());
      EmaWeights ema = new EmaWeights(network, average);
      Map<String, NDArray> weights = Weights.trainable(network);
      TrainingState state =
          new TrainingState().with("weights", weights).with("ema", Weights.trainable(average));

      model.setBlock(plan.block(network, recipe.model()));
      DefaultTrainingConfig[] djl = new DefaultTrainingConfig[1];
      StageTrainer[] holder = new StageTrainer[1];
      EmaListener inference =
          new EmaListener(ema, config.emaDecay(), () -> holder[0] == null ? 0 : holder[0].steps());
      java.util.List<ai.djl.training.listener.TrainingListener> listeners =
          new java.util.ArrayList<>();
      listeners.add(inference);
      Stage stage = plan.stage(network, recipe.model(), manager, state, listeners::add);
      djl[0] =
          new DefaultTrainingConfig(stage.loss())
              .optDevices(new Device[] {device})
              .addTrainingListeners(
                  listeners.toArray(new ai.djl.training.listener.TrainingListener[0]));
      try (StageTrainer trainer = new StageTrainer(model, djl[0], config)) {
        holder[0] = trainer;
        state
            .with("adam.m", trainer.optimizer().means())
            .with("adam.v", trainer.optimizer().squares());
        double seconds = resume(state, trainer, manager);
        RunKeeper keeper =
            new RunKeeper(run, recipe, state, average, previewPairs, plan.teacherSampler());
        TrainingLoop loop =
            new TrainingLoop(trainer, stage, batches, config, keeper, run, progress);
        return runAndStopCleanly(loop, seconds);
      }
    }
  }

  private double resume(TrainingState state, StageTrainer trainer, NDManager manager)
      throws IOException {
    if (!TrainingState.exists(run)) {
      new MetricsFile(run).truncateAfter(0);
      return 0;
    }
    TrainingState.Counters counters = state.restore(run, manager);
    trainer.restore(counters.steps(), counters.images());
    new MetricsFile(run).truncateAfter(counters.images());
    return counters.seconds();
  }

  private Recipe recipe(
      String stage,
      String teacher,
      ModelConfig wanted,
      TrainingConfig config,
      ViewPairDataset pairs)
      throws IOException {
    if (Recipe.exists(run)) {
      Recipe before = Recipe.read(run, config);
      Recipe now = new Recipe(stage, data.toString(), teacher, wanted, config);
      before.requireResumable(run, now);
      Recipe goesOn = new Recipe(stage, data.toString(), teacher, before.model(), config);
      goesOn.write(run);
      return goesOn;
    }
    if (Files.exists(run) && !isEmptyFolder(run)) {
      throw new IllegalArgumentException(
          run + " exists and is not a run (it has no " + Recipe.NAME + ")");
    }
    // A student sees its teacher's data: the noise scales stay the teacher's.
    ModelConfig model =
        teacher.isEmpty() ? wanted.toBuilder().sigmaData(measureSigmaData(pairs)).build() : wanted;
    Recipe fresh = new Recipe(stage, data.toString(), teacher, model, config);
    fresh.write(run);
    return fresh;
  }

  private static boolean isEmptyFolder(Path folder) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /** The standard deviation of the training pictures' values around their mean, to 3 digits. */
  static double measureSigmaData(ViewPairDataset pairs) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    int step = Math.max(1, pairs.objects() * pairs.views(0) / MEASURED_VIEWS);
    int at = 0;
    for (int object = 0; object < pairs.objects(); object++) {
      for (int view = 0; view < pairs.views(object); view++) {
        if (at++ % step == 0) {
          for (float value : pairs.picture(object, view)) {
            sum += value;
            squares += (double) value * value;
            count++;
          }
        }
      }
    }
    double mean = sum / count;
    return Math.round(Math.sqrt(squares / count - mean * mean) * 1000) / 1000.0;
  }

  /** Pairs of objects never trained on; of the training set where there are no others. */
  private static ViewBatch previewPairs(ViewSet set, TrainingConfig config) throws IOException {
    Split split = set.ids(Split.VALIDATION).isEmpty() ? Split.TRAIN : Split.VALIDATION;
    return ViewPairDataset.load(set, split, PairOptions.of(PREVIEW_PAIRS, config.seed())).batch(0);
  }

  private static long runAndStopCleanly(TrainingLoop loop, double seconds) throws IOException {
    Thread worker = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              loop.stop();
              try {
                worker.join(60_000);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "save-and-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return loop.run(seconds);
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is stopping: the hook is what called us off.
      }
    }
  }
}
