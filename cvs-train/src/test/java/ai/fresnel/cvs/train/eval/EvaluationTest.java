package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.lpips.Lpips;
import ai.fresnel.cvs.train.lpips.LpipsFixture;
import ai.fresnel.cvs.train.lpips.LpipsNet;
import ai.fresnel.cvs.train.viewset.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {

  private static final int OBJECTS = 5;

  @TempDir Path folder;

  private ViewPairDataset data;
  private EvaluationPairs pairs;

  @BeforeEach
  void write() throws IOException {
    EvalFixtures set = new EvalFixtures(folder.resolve("set"));
    for (int i = 0; i < OBJECTS; i++) {
      set.add("object" + i, Split.TEST, 40 * i, 6, 40);
    }
    data = set.load(Split.TEST);
    pairs = EvaluationPairs.draw(data, 2, 3);
  }

  /** What a fake predictor makes of a true value. */
  private interface Answer {
    double of(double truth, int sample);
  }

  private static ViewPredictor fake(String name, int passes, boolean random, Answer answer) {
    return new ViewPredictor() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public int passes() {
        return passes;
      }

      @Override
      public boolean isRandom() {
        return random;
      }

      @Override
      public float[] predict(ViewBatch batch, int sampleIndex) {
        float[] images = batch.target().clone();
        for (int i = 0; i < images.length; i++) {
          images[i] = (float) answer.of(images[i], sampleIndex);
        }
        return images;
      }
    };
  }

  /** Networks are asked for the photograph itself, baselines are not. */
  @Test
  void thePhotographsOwnCamera() throws IOException {
    EvaluationReport report =
        report(
            Evaluation.builder(data, pairs)
                .add(fake("baseline", 0, false, (truth, sample) -> truth))
                .add(fake("model", 1, false, (truth, sample) -> 0.5 * truth)));
    assertFalse(report.metrics().containsKey("baseline/sample/own_psnr"));
    double sum = 0;
    for (ViewPair pair : pairs.pairs()) {
      double square = 0;
      float[] photograph = data.image(pair.object(), pair.source());
      for (float value : photograph) {
        square += 0.25 * value * value / photograph.length;
      }
      sum += 10 * Math.log10(4 / square) / pairs.size();
    }
    assertEquals(sum, mean(report, "model/sample/own_psnr"), 1e-4);
  }

  private EvaluationReport report(EvaluationBuilder builder) throws IOException {
    return builder.build().run((done, total, doing) -> {}).report();
  }

  private static double mean(EvaluationReport report, String key) {
    return report.metrics().get(key).mean();
  }

  @Test
  void oneSampleAgainstTheTruth() throws IOException {
    EvaluationReport report =
        report(
            Evaluation.builder(data, pairs)
                .add(fake("oracle", 0, false, (truth, sample) -> truth))
                .add(fake("flat", 0, false, (truth, sample) -> 0.5 * truth))
                .add(fake("far", 0, false, (truth, sample) -> truth > 0.99 ? 7 : truth)));
    double best = 10 * Math.log10(4 / 1e-10);
    assertEquals(best, mean(report, "oracle/sample/psnr"), 1e-9);
    assertEquals(1, mean(report, "oracle/sample/ssim"), 1e-9);
    assertEquals(1, mean(report, "oracle/sample/sharpness_share"), 1e-9);
    assertEquals(10, report.metrics().get("oracle/sample/psnr").count());
    assertEquals(best, mean(report, "far/sample/psnr"), 1e-9, "values beyond 1 are shown as 1");
    // Half the contrast has a quarter of the gradients' energy.
    assertEquals(0.25, mean(report, "flat/sample/sharpness_share"), 1e-6);
    // White, 1, becomes 0.5; the foreground is smaller in value, so closer to the truth.
    double sum = 0;
    double foreground = 0;
    for (ViewPair pair : pairs.pairs()) {
      double grey = EvalFixtures.signed(40 * pair.object() + pair.target());
      double error = grey * grey / 4;
      // The object is a quarter of the frame.
      sum += 10 * Math.log10(4 / (0.25 * error + 0.75 * 0.25));
      foreground += 10 * Math.log10(4 / error);
    }
    assertEquals(sum / 10, mean(report, "flat/sample/psnr"), 1e-5);
    assertEquals(foreground / 10, mean(report, "flat/sample/psnr_foreground"), 1e-4);
    assertTrue(report.metrics().keySet().stream().noneMatch(key -> key.contains("/mean/")));
    assertTrue(report.metrics().keySet().stream().noneMatch(key -> key.contains("millisec")));
  }

  /** Samples of constant 0.1, 0.2, 0.3 and 0.4: their mean is 0.25, their deviation 0.1291. */
  @Test
  void meansOfSeeds() throws IOException {
    EvaluationReport report =
        report(
            Evaluation.builder(data, pairs)
                .optSeeds(4)
                .add(fake("noise", 1, true, (truth, sample) -> 0.1 + 0.1 * sample))
                .add(fake("tenth", 0, false, (truth, sample) -> 0.1))
                .add(fake("quarter", 0, false, (truth, sample) -> 0.25)));
    for (String metric : new String[] {"psnr", "ssim", "psnr_foreground", "ssim_foreground"}) {
      double one = mean(report, "tenth/sample/" + metric);
      assertEquals(one, mean(report, "noise/sample/" + metric), 1e-4);
      double quarter = mean(report, "quarter/sample/" + metric);
      assertEquals(quarter, mean(report, "noise/mean/" + metric), 1e-4);
    }
    double deviation = Math.sqrt((0.0225 + 0.0025 + 0.0025 + 0.0225) / 3);
    assertEquals(deviation, mean(report, "noise/mean/diversity"), 1e-6);
    assertNull(report.metrics().get("tenth/mean/psnr"));
    assertTrue(mean(report, "noise/sample/milliseconds_per_image") >= 0);
  }

  @Test
  void modelsAreComparedWithTheReferenceOfTheSameSample() throws IOException {
    EvaluationReport report =
        report(
            Evaluation.builder(data, pairs)
                .optSeeds(1)
                .optBatch(3)
                .add(fake("student", 1, true, (truth, sample) -> 0.3))
                .add(fake("baseline", 0, false, (truth, sample) -> 0.3))
                .addReference(fake("teacher", 35, true, (truth, sample) -> 0.1)));
    assertEquals(20, mean(report, "student/sample/reference_psnr"), 1e-4);
    assertNull(report.metrics().get("teacher/sample/reference_psnr"));
    assertNull(report.metrics().get("baseline/sample/reference_psnr"));
    assertEquals("teacher", report.setup().get("reference"));
    assertEquals("student, baseline, teacher", report.setup().get("predictors"));
  }

  @Test
  void perceptualDistancesWhereWeightsAreGiven() throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Lpips lpips = LpipsFixture.lpips(LpipsNet.SQUEEZE, 32, manager)) {
      EvaluationReport report =
          report(
              Evaluation.builder(data, pairs)
                  .optSeeds(2)
                  .optSubset(3)
                  .optBatch(4)
                  .optLpips(lpips)
                  .add(fake("oracle", 0, false, (truth, sample) -> truth))
                  .add(new CopyInput())
                  .addSlow(fake("model", 1, true, (truth, sample) -> sample)));
      assertEquals(0, mean(report, "oracle/sample/lpips"));
      assertEquals(10, report.metrics().get("copy-input/sample/lpips").count());
      assertEquals(3, report.metrics().get("model/mean/lpips/subset").count());
      assertNull(report.metrics().get("model/mean/lpips"));
      double copied = 0;
      double grey = 0;
      for (ViewPair pair : pairs.pairs()) {
        float[] truth = data.image(pair.object(), pair.target());
        float[] source = data.image(pair.object(), pair.source());
        copied += lpips.distances(source, truth, EvalFixtures.SIZE)[0];
        grey += lpips.distances(new float[truth.length], truth, EvalFixtures.SIZE)[0];
      }
      assertEquals(copied / 10, mean(report, "copy-input/sample/lpips"), 1e-6);
      assertEquals(grey / 10, mean(report, "model/sample/lpips"), 1e-6);
      assertTrue(copied > 0 && grey > copied);
      assertEquals("squeeze", report.setup().get("lpips"));
      assertEquals("32", report.setup().get("lpips_size"));
      List<String> lines = report.toMarkdown().lines().toList();
      assertTrue(
          lines.get(0).contains("| SSIM, object | LPIPS | silhouette IoU | inner sharpness |"),
          lines.get(0));
      assertTrue(lines.get(2).contains(" | 1.000 | 0.000 | 1.000 | – | "), lines.get(2));
      for (String line : lines.subList(0, 5)) {
        assertEquals(14, line.chars().filter(c -> c == '|').count(), line);
      }
    }
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Lpips lpips = LpipsFixture.lpips(LpipsNet.SQUEEZE, 0, manager)) {
      EvaluationBuilder builder = Evaluation.builder(data, pairs);
      assertThrows(IllegalArgumentException.class, () -> builder.optLpips(lpips));
    }
  }

  @Test
  void pairsAreGroupedByAngle() throws IOException {
    Answer byTruth = (truth, sample) -> 0.5 * truth;
    EvaluationReport report =
        report(Evaluation.builder(data, pairs).add(fake("flat", 0, false, byTruth)));
    MetricAccumulator expected = new MetricAccumulator();
    ImageMetrics metrics = new ImageMetrics(3, EvalFixtures.SIZE, EvalFixtures.SIZE);
    for (ViewPair pair : pairs.pairs()) {
      int steps = Math.floorMod(pair.target() - pair.source(), 9);
      // 40 degrees of azimuth at this elevation are 38.2, 80 are 75.8, 120 are 111.6, 160 140.4.
      String bin =
          List.of("", "30-60", "60-120", "60-120", "120-180").get(Math.min(steps, 9 - steps));
      float[] truth = data.image(pair.object(), pair.target());
      float[] half = truth.clone();
      for (int i = 0; i < half.length; i++) {
        half[i] *= 0.5f;
      }
      expected.add(bin, metrics.psnr(half, truth));
    }
    assertTrue(expected.summaries().size() > 1, "the pairs have one angle only");
    for (String bin : RelativeAngle.BINS) {
      assertEquals(
          expected.summaries().get(bin), report.metrics().get("flat/sample/psnr/" + bin), bin);
    }
  }

  @Test
  void slowPredictorsDrawMeansOnASubset() throws IOException {
    Evaluation evaluation =
        Evaluation.builder(data, pairs)
            .optSeeds(3)
            .optSubset(4)
            .optBatch(3)
            .add(fake("fast", 2, true, (truth, sample) -> 0.1 * sample))
            .addSlow(fake("slow", 5, true, (truth, sample) -> 0.1 * sample))
            .build();
    long[] last = new long[2];
    EvaluationReport report =
        evaluation
            .run(
                (done, total, name) -> {
                  assertTrue(done > last[0]);
                  last[0] = done;
                  last[1] = total;
                })
            .report();
    assertEquals(2 * 3 * 10 + 5 * (10 + 2 * 4), last[1]);
    assertEquals(last[1], last[0]);
    assertEquals(last[1], evaluation.work());
    Map<String, MetricSummary> metrics = report.metrics();
    assertEquals(10, metrics.get("slow/sample/psnr").count());
    assertEquals(4, metrics.get("slow/sample/psnr/subset").count());
    assertNull(metrics.get("slow/mean/psnr"), "not to be compared with means of all pairs");
    assertEquals(4, metrics.get("slow/mean/psnr/subset").count());
    assertEquals(10, metrics.get("fast/mean/psnr").count());
    // The same images, on the same pairs, are worth the same.
    for (String metric : List.of("psnr", "ssim", "sharpness_share", "diversity")) {
      String key = "/mean/" + metric + "/subset";
      assertEquals(metrics.get("fast" + key), metrics.get("slow" + key), metric);
    }
    assertEquals("4", report.setup().get("subset_pairs"));
    assertEquals("5", report.setup().get("objects"));
    EvaluationBuilder fewer = Evaluation.builder(data, pairs.spread(2)).add(new CopyInput());
    assertEquals("2", report(fewer).setup().get("objects"));
  }

  /** Ten pairs of three samples, two milliseconds a row: 60 milliseconds at least. */
  @Test
  void timeIsEstimatedByAFewRows() throws IOException {
    int[] drawn = {0};
    ViewPredictor slow =
        new ViewPredictor() {
          @Override
          public String name() {
            return "slow";
          }

          @Override
          public int passes() {
            return 1;
          }

          @Override
          public boolean isRandom() {
            return true;
          }

          @Override
          public float[] predict(ViewBatch batch, int sampleIndex) {
            drawn[0] += batch.size();
            LockSupport.parkNanos(2_000_000L * batch.size());
            return batch.target().clone();
          }
        };
    Evaluation evaluation =
        Evaluation.builder(data, pairs).optSeeds(3).optBatch(4).add(slow).build();
    assertEquals(10, evaluation.pairs());
    long millis = evaluation.estimate().toMillis();
    assertTrue(millis >= 50, millis + " ms");
    assertEquals(3, drawn[0], "one row to warm up, two to time");
  }

  @Test
  void whatIsWrittenCanBeReadAndSeen() throws IOException {
    EvaluationResult result =
        Evaluation.builder(data, pairs)
            .optSeeds(2)
            .optSubset(3)
            .optSetup(Map.of("data", "squares"))
            .add(new CopyInput())
            .addReference(fake("teacher", 35, true, (truth, sample) -> 0.1))
            .add(fake("student-1", 1, true, (truth, sample) -> truth))
            .build()
            .run((done, total, name) -> {});
    Path json = folder.resolve("new/report.json");
    result.write(json);
    EvaluationReport read = EvaluationReport.fromJson(Files.readString(json));
    assertEquals(result.report(), read);
    String table = Files.readString(folder.resolve("new/report.md"));
    assertEquals(read.toMarkdown(), table);
    List<String> lines = table.lines().toList();
    assertTrue(lines.get(2).startsWith("| copy-input | – | 10 | "), table);
    assertTrue(lines.get(3).startsWith("| teacher | one sample | 10 | "), table);
    assertTrue(
        lines.contains(
            "| student-1 | mean of 2 | 10 | 106.02 ± 0.00 | 1.000 | 106.02 | 1.000 | 1.000 | – | – |"
                + " – | 0.000 |"),
        table);
    assertTrue(table.contains("\nOn the subset of 3 pairs:\n"), table);
    assertTrue(table.contains("\n- data: squares\n"), table);
    for (String line : lines) {
      boolean quality = line.startsWith("| ") && line.contains("±");
      assertTrue(!quality || line.chars().filter(c -> c == '|').count() == 13, line);
    }
    BufferedImage sheet = ImageIO.read(folder.resolve("new/report.png").toFile());
    // Source, truth and two models; 128 pixels each and 4 between.
    assertEquals(4 + 4 * 132, sheet.getWidth());
    int row = sheet.getHeight() / OBJECTS;
    assertTrue(row > 128 && row < 170, "one row an object");
    int truth = sheet.getRGB(4 + 132 + 64, 4 + 64);
    assertEquals(truth, sheet.getRGB(4 + 3 * 132 + 64, 4 + 64), "the student draws the truth");
    int teacher = sheet.getRGB(4 + 2 * 132 + 64, 4 + 64) & 0xff;
    assertEquals(Math.round(0.1 * 127.5 + 127.5), teacher);
    assertThrows(IllegalArgumentException.class, () -> result.write(folder.resolve("a.txt")));
  }

  @Test
  void wrongPredictorsAreRefused() {
    EvaluationBuilder builder = Evaluation.builder(data, pairs);
    assertThrows(IllegalArgumentException.class, builder::build);
    builder.add(fake("a", 0, false, (truth, sample) -> Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> builder.add(fake("a", 0, false, null)));
    assertThrows(IllegalArgumentException.class, () -> report(builder));
    assertThrows(IllegalArgumentException.class, () -> builder.optSeeds(0));
  }
}
