package ai.fresnel.cvs.train.eval;

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
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.view.TinyNetwork;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampledModelTest {

  private static final int LENGTH = 3 * EvalFixtures.PIXELS;

  @TempDir Path folder;

  private NDManager manager;
  private ViewPairDataset data;
  private ViewSampler student;
  private ViewSampler teacher;

  @BeforeEach
  void make() throws IOException {
    ModelConfig config = TinyNetwork.config(ModelConfig.Kind.CONSISTENCY).build();
    manager = TorchRuntime.newManager(Device.cpu());
    ViewModel network = TinyNetwork.of(manager, config);
    Weights.freeze(network, true);
    student = ViewSampler.of(network);
    ModelConfig diffusion = config.toBuilder().kind(ModelConfig.Kind.DIFFUSION).build();
    teacher = ViewSampler.of(network, diffusion);
    data =
        new EvalFixtures(folder)
            .add("a", Split.TEST, 50, 4, 60)
            .add("b", Split.TEST, 150, 4, 60)
            .load(Split.TEST);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void theFirstSampleIsThatOfThePairsSeed() {
    SampledModel model = new SampledModel("student-2", student, manager, 2);
    ViewBatch batch = data.batch(0);
    float[] images = model.predict(batch, 0);
    try (NDManager sub = manager.newSubManager()) {
      ViewContext context = batch.on(sub).context();
      long[] seeds = {batch.pairs().get(0).sampleSeed()};
      float[] expected =
          student.sample(context.source(), context.cameras(), seeds, 2).toFloatArray();
      assertArrayEquals(expected, images);
    }
    assertArrayEquals(images, model.predict(batch, 0));
    assertFalse(Arrays.equals(images, model.predict(batch, 1)), "samples are the same");
    assertEquals(2, model.passes());
    assertTrue(model.isRandom());
  }

  @Test
  void samplesDependOnTheirPairOnly() {
    SampledModel model = new SampledModel("student-1", student, manager, 0);
    List<ViewPair> pairs = EvaluationPairs.draw(data, 2, 9).pairs();
    float[] together = model.predict(data.gather(pairs), 3);
    for (int i = 0; i < pairs.size(); i++) {
      float[] alone = model.predict(data.gather(pairs.subList(i, i + 1)), 3);
      float[] row = Arrays.copyOfRange(together, i * LENGTH, (i + 1) * LENGTH);
      assertArrayEquals(alone, row, 1e-4f);
    }
    assertNotEquals(SampledModel.seed(pairs.get(0), 1), SampledModel.seed(pairs.get(0), 2));
    assertNotEquals(SampledModel.seed(pairs.get(0), 1), SampledModel.seed(pairs.get(1), 1));
    assertEquals(pairs.get(0).sampleSeed(), SampledModel.seed(pairs.get(0), 0));
  }

  @Test
  void stepsThatTheModelDoesNotHaveAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new SampledModel("s", student, manager, 9));
    assertThrows(IllegalArgumentException.class, () -> new SampledModel("t", teacher, manager, 1));
    assertEquals(35, new SampledModel("t", teacher, manager, 0).passes());
  }

  @Test
  void anEvaluationRepeatsItself() throws IOException {
    EvaluationPairs pairs = EvaluationPairs.draw(data, 2, 9);
    assertEquals(evaluate(pairs), evaluate(pairs));
    assertNotEquals(evaluate(pairs), evaluate(EvaluationPairs.draw(data, 2, 10)));
  }

  /** All numbers but those of the clock. */
  private Map<String, MetricSummary> evaluate(EvaluationPairs pairs) throws IOException {
    EvaluationReport report =
        Evaluation.builder(data, pairs)
            .optSeeds(2)
            .optSubset(2)
            .addReference(new SampledModel("teacher", teacher, manager, 5))
            .add(new SampledModel("student-1", student, manager, 1))
            .add(new SampledModel("student-4", student, manager, 4))
            .build()
            .run((done, total, name) -> {})
            .report();
    Map<String, MetricSummary> metrics = new TreeMap<>(report.metrics());
    metrics.keySet().removeIf(key -> key.contains("milliseconds"));
    assertTrue(metrics.containsKey("student-4/sample/reference_psnr"));
    return metrics;
  }
}
