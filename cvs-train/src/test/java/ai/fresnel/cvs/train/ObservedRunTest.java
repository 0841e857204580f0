package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.EvaluatorTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListenerAdapter;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.DjlBatches;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.eval.PsnrEvaluator;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DJL's listeners and evaluators in the training loop. */
class ObservedRunTest {

  private static final int BATCH = 4;
  private static final int VIEWS = 4;
  private static final int IMAGE = 3 * TinyViews.SIZE * TinyViews.SIZE;

  @TempDir Path folder;

  private Path data;

  @BeforeEach
  void writeViews() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, VIEWS, "train", "train", "validation");
  }

  private static TrainingConfig config(int accumulation) {
    return TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
        .compute(c -> c.withAccumulation(accumulation))
        .build();
  }

  /** What one update told. */
  private static final class Step {

    private final float[] labels;
    private final float[] predictions;
    private final float loss;
    private final float psnr;

    Step(float[] labels, float[] predictions, float loss, float psnr) {
      this.labels = labels;
      this.predictions = predictions;
      this.loss = loss;
      this.psnr = psnr;
    }

    /** The mean PSNR of the images, computed the slow way. */
    double psnrByHand(int side) {
      int size = 3 * side * side;
      int n = labels.length / size;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        float[] truth = Arrays.copyOfRange(labels, i * size, (i + 1) * size);
        float[] made = Arrays.copyOfRange(predictions, i * size, (i + 1) * size);
        sum += psnr(truth, made);
      }
      return sum / n;
    }

    private static double psnr(float[] a, float[] b) {
      double squares = 0;
      for (int i = 0; i < a.length; i++) {
        squares += (double) (a[i] - b[i]) * (a[i] - b[i]);
      }
      return 10 * Math.log10(4 * a.length / squares);
    }

    double meanSquares() {
      double squares = 0;
      for (int i = 0; i < labels.length; i++) {
        squares += (double) (labels[i] - predictions[i]) * (labels[i] - predictions[i]);
      }
      return squares / labels.length;
    }
  }

  /** Notes all it hears. */
  private static final class Notes implements TrainingListener {

    private final PsnrEvaluator evaluator = new PsnrEvaluator();
    private final List<String> calls = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Integer> held = new ArrayList<>();
    private final List<Double> psnrOfEpochs = new ArrayList<>();
    private Metrics metrics;

    @Override
    public void onTrainingBegin(Trainer trainer) {
      calls.add("begin");
      metrics = new Metrics();
      trainer.setMetrics(metrics);
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
      calls.add("end");
    }

    @Override
    public void onEpoch(Trainer trainer) {
      calls.add("epoch");
      psnrOfEpochs.add((double) trainer.getTrainingResult().getTrainEvaluation("PSNR"));
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batchData) {
      calls.add("batch");
      Batch batch = batchData.getBatch();
      assertEquals(BATCH, batch.getSize());
      assertEquals(BATCH * (steps.size() + 1L), batch.getProgress());
      Shape images = new Shape(BATCH, 3, TinyViews.SIZE, TinyViews.SIZE);
      assertEquals(images, batch.getData().get(DjlBatches.SOURCE).getShape());
      assertEquals(new Shape(BATCH, 16), batch.getData().get(DjlBatches.CAMERAS).getShape());
      assertEquals(images, batch.getLabels().get(DjlBatches.TARGET).getShape());
      assertEquals(List.of(Device.cpu()), List.copyOf(batchData.getLabels().keySet()));
      assertEquals(List.of(Device.cpu()), List.copyOf(batchData.getPredictions().keySet()));
      steps.add(
          new Step(
              batchData.getLabels().get(Device.cpu()).head().toFloatArray(),
              batchData.getPredictions().get(Device.cpu()).head().toFloatArray(),
              trainer.getLoss().getAccumulator(EvaluatorTrainingListener.TRAIN_ALL),
              evaluator.getAccumulator(EvaluatorTrainingListener.TRAIN_ALL)));
      held.add(trainer.getManager().getManagedArrays().size());
    }

    @Override
    public void onValidationBatch(Trainer trainer, BatchData batchData) {
      calls.add("validation");
    }
  }

  private Path run(String name, Notes notes, TrainingConfig config, Device... devices)
      throws IOException {
    Path run = folder.resolve(name);
    DiffusionTrainer.Builder builder =
        Runs.teacher(data, run).optConfig(config).optDevices(devices);
    if (notes != null) {
      builder.optListeners(new EvaluatorTrainingListener(), notes).optEvaluators(notes.evaluator);
    }
    builder.build().train();
    return run;
  }

  /** Accumulated, shared and whole: what listeners see is the step, and it changes nothing. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "1, 2"})
  void listenersSeeEachStepAndChangeNothing(int accumulation, int devices) throws IOException {
    Device[] cpus = new Device[devices];
    Arrays.fill(cpus, Device.cpu());
    TrainingConfig config = config(accumulation);
    Path alone = run("alone", null, config, cpus);
    Notes notes = new Notes();
    Path observed = run("observed", notes, config, cpus);
    Runs.assertSameRun(alone, observed);

    assertEquals(12, notes.steps.size());
    ViewPairDataset pairs = ViewPairDataset.load(ViewSet.open(data), Split.TRAIN, config.pairs());
    for (int i = 0; i < notes.steps.size(); i++) {
      Step step = notes.steps.get(i);
      ViewBatch batch = pairs.batch(i);
      assertArrayEquals(batch.target(), step.labels);
      assertEquals(BATCH * IMAGE, step.predictions.length);
      assertEquals(step.psnrByHand(TinyViews.SIZE), step.psnr, 1e-3);
      assertTrue(Float.isFinite(step.loss));
    }
    // Two objects of four views: an epoch is two steps of four samples.
    List<String> calls = new ArrayList<>(List.of("begin"));
    for (int epoch = 0; epoch < 6; epoch++) {
      calls.addAll(List.of("batch", "batch", "epoch"));
      double mean =
          (notes.steps.get(2 * epoch).psnrByHand(TinyViews.SIZE)
                  + notes.steps.get(2 * epoch + 1).psnrByHand(TinyViews.SIZE))
              / 2;
      assertEquals(mean, notes.psnrOfEpochs.get(epoch), 1e-3);
    }
    calls.add("end");
    assertEquals(calls, notes.calls);
    assertEquals(notes.held.get(2), notes.held.get(11), "arrays that a step leaves behind");
    assertTrue(notes.metrics.hasMetric("train_epoch_PSNR"));
    assertTrue(notes.metrics.hasMetric("train_all_objective"));
  }

  /**
   * A volume alone is trained by the squares of its own predictions: DJL's loss is their mean. So
   * predictions and labels are of the same samples, at the rendered view's size.
   */
  @Test
  void djlsLossIsTheObjectiveOfThePredictions() throws IOException {
    TrainingConfig config = config(2).toBuilder().stage(StageConfig.SceneAlone.of(2)).build();
    Notes notes = new Notes();
    run("volume", notes, config, Device.cpu());
    int side = 0;
    for (Step step : notes.steps) {
      side = (int) Math.round(Math.sqrt(step.predictions.length / (3.0 * BATCH)));
      assertTrue(side < TinyViews.SIZE);
      assertEquals(step.meanSquares(), step.loss, 1e-5 * step.loss);
      assertEquals(step.psnrByHand(side), step.psnr, 1e-3);
    }
    assertTrue(side > 0);
  }

  /** An evaluator needs no listener of its own; a run that stops ends its epoch. */
  @Test
  void anEvaluatorAloneIsAsked() throws IOException {
    PsnrEvaluator evaluator = new PsnrEvaluator();
    List<Map<String, Float>> results = new ArrayList<>();
    TrainingListener last =
        new TrainingListenerAdapter() {
          @Override
          public void onEpoch(Trainer trainer) {
            results.add(Map.copyOf(trainer.getTrainingResult().getEvaluations()));
          }
        };
    Runs.teacher(data, folder.resolve("run"))
        .optListeners(last)
        .optEvaluators(evaluator)
        .optStop(Runs.after(3))
        .build()
        .train();
    assertEquals(2, results.size(), "a whole epoch and half of one");
    for (Map<String, Float> result : results) {
      assertTrue(result.get("train_PSNR") > 0, result.toString());
      assertTrue(result.get("train_loss") > 0, result.toString());
    }
  }

  /** A student beside a teacher that is trained: the predictions are the student's. */
  @Test
  void studentsAreObservedToo() throws IOException {
    Path teacher = Runs.latest(run("teacher", null, config(1), Device.cpu()));
    Notes notes = new Notes();
    TrainingConfig config =
        Runs.studentConfig(0.9).toBuilder().student(s -> s.trainTeacher(true)).build();
    Runs.student(teacher, data, folder.resolve("student"), 0.9)
        .optConfig(config)
        .optListeners(TrainingListener.Defaults.basic())
        .optEvaluators(notes.evaluator)
        .build()
        .train();
    Runs.student(teacher, data, folder.resolve("observed"), 0.9)
        .optConfig(config)
        .optListeners(new EvaluatorTrainingListener(), notes)
        .optEvaluators(notes.evaluator)
        .build()
        .train();
    Runs.assertSameRun(folder.resolve("student"), folder.resolve("observed"));
    for (Step step : notes.steps) {
      assertEquals(step.psnrByHand(TinyViews.SIZE), step.psnr, 1e-3);
    }
  }
}
