package ai.fresnel.cvs.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.initializer.Initializer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.train.eval.PsnrEvaluator;
import ai.fresnel.cvs.train.viewset.Fixtures;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairDatasetTest {

  @TempDir Path folder;

  private ViewPairDataset pairs(PairOptions options) throws IOException {
    Fixtures.write(folder, 2, 5);
    Files.writeString(
        folder.resolve("split.json"),
        "{\"format\":1,\"objects\":{\""
            + Fixtures.id(0)
            + "\":\"train\",\""
            + Fixtures.id(1)
            + "\":\"train\"}}");
    return ViewPairDataset.load(ViewSet.open(folder), Split.TRAIN, options);
  }

  private static void assertSame(ViewBatch expected, Batch batch) {
    Shape images = new Shape(expected.size(), 3, Fixtures.SIZE, Fixtures.SIZE);
    assertEquals(expected.size(), batch.getSize());
    assertEquals(images, batch.getData().get(DjlBatches.SOURCE).getShape());
    assertArrayEquals(expected.source(), batch.getData().get(DjlBatches.SOURCE).toFloatArray());
    assertEquals(
        new Shape(expected.size(), RelativePose.FEATURES),
        batch.getData().get(DjlBatches.CAMERAS).getShape());
    assertArrayEquals(expected.pose(), batch.getData().get(DjlBatches.CAMERAS).toFloatArray());
    assertEquals(images, batch.getLabels().head().getShape());
    assertArrayEquals(expected.target(), batch.getLabels().get(DjlBatches.TARGET).toFloatArray());
  }

  /** Consecutive epochs, with several targets of a source, with and without an executor. */
  @Test
  void batchesAreThoseOfTheSourceBitForBit() throws IOException {
    ViewPairDataset pairs = pairs(PairOptions.of(4, 7).withTargets(2));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (NDManager manager = NDManager.newBaseManager()) {
      PairDataset dataset = pairs.asDataset(3);
      dataset.prepare(null);
      for (ExecutorService executor : new ExecutorService[] {null, threads}) {
        PairDataset fresh = dataset.startingAt(1);
        for (int epoch = 1; epoch < 4; epoch++) {
          int index = 0;
          for (Batch batch : fresh.getData(manager, executor)) {
            assertSame(pairs.batch(3 * epoch + index), batch);
            assertEquals(++index, batch.getProgress());
            assertEquals(3, batch.getProgressTotal());
            batch.close();
          }
          assertEquals(3, index);
        }
      }
      assertTrue(manager.getManagedArrays().isEmpty());
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aRepeatedDataSetStaysInItsEpoch() throws IOException {
    ViewPairDataset pairs = pairs(PairOptions.of(2, 7));
    try (NDManager manager = NDManager.newBaseManager()) {
      PairDataset repeated = pairs.asDataset(1).startingAt(5).repeated();
      for (int i = 0; i < 3; i++) {
        for (Batch batch : repeated.getData(manager)) {
          assertSame(pairs.batch(5), batch);
          batch.close();
        }
      }
    }
    assertThrows(IllegalArgumentException.class, () -> pairs.asDataset(0));
    PairDataset dataset = pairs.asDataset(1);
    assertThrows(IllegalArgumentException.class, () -> dataset.startingAt(-1));
  }

  /** A split keeps samples together: each device gets whole rows with their names. */
  @Test
  void djlSplitsABatchByItsSamples() throws IOException {
    ViewPairDataset pairs = pairs(PairOptions.of(4, 7).withTargets(2));
    try (NDManager manager = NDManager.newBaseManager()) {
      Batch batch = pairs.asDataset(1).getData(manager).iterator().next();
      Batch[] parts = batch.split(new Device[] {Device.cpu(), Device.cpu()}, true);
      assertEquals(2, parts.length);
      for (Batch part : parts) {
        assertEquals(2, part.getData().get(0).getShape().get(0));
        assertEquals(2, part.getData().get(1).getShape().get(0));
        assertEquals(2, part.getLabels().get(0).getShape().get(0));
      }
      batch.close();
    }
  }

  /** DJL's own loop learns to copy the source: its loss falls, and it is the same each time. */
  @Test
  void djlTrainsWithIt() throws IOException, TranslateException {
    ViewPairDataset pairs = pairs(PairOptions.of(4, 7));
    List<Float> once = train(pairs);
    assertTrue(once.get(2) < once.get(0), once.toString());
    assertNotEquals(once.get(0), once.get(1));
    assertEquals(once, train(pairs));
  }

  private static List<Float> train(ViewPairDataset pairs) throws IOException, TranslateException {
    List<Float> losses = new ArrayList<>();
    try (Model model = Model.newInstance("copy", Device.cpu(), "PyTorch")) {
      // One convolution of the source; it starts at zero.
      Conv2d copies = Conv2d.builder().setFilters(3).setKernelShape(new Shape(1, 1)).build();
      copies.setInitializer(Initializer.ZEROS, Parameter.Type.WEIGHT);
      model.setBlock(
          new SequentialBlock()
              .add(new LambdaBlock(list -> new NDList(list.get(0)), "source"))
              .add(copies));
      DefaultTrainingConfig config =
          new DefaultTrainingConfig(Loss.l2Loss())
              .optDevices(new Device[] {Device.cpu()})
              .addEvaluator(new PsnrEvaluator())
              .addTrainingListeners(TrainingListener.Defaults.basic());
      try (Trainer trainer = model.newTrainer(config)) {
        trainer.initialize(
            new Shape(4, 3, Fixtures.SIZE, Fixtures.SIZE), new Shape(4, RelativePose.FEATURES));
        PairDataset training = pairs.asDataset(5);
        PairDataset validation = pairs.asDataset(1).startingAt(1000).repeated();
        for (int epoch = 0; epoch < 3; epoch++) {
          EasyTrain.fit(trainer, 1, training, validation);
          losses.add(trainer.getTrainingResult().getTrainLoss());
          assertFalse(Float.isNaN(trainer.getTrainingResult().getTrainEvaluation("PSNR")));
          assertFalse(Float.isNaN(trainer.getTrainingResult().getValidateLoss()));
        }
      }
    }
    return losses;
  }
}
