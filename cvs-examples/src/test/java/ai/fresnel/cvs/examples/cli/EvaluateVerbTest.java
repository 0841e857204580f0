package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.eval.EvaluationReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateVerbTest {

  @TempDir Path folder;

  private String out;
  private String err;

  private int run(String... args) {
    StringWriter outText = new StringWriter();
    StringWriter errText = new StringWriter();
    int status = Cvs.run(new PrintWriter(outText), new PrintWriter(errText), args);
    out = outText.toString();
    err = errText.toString();
    return status;
  }

  private int evaluate(String model, String data, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("evaluate", "--model", model, "--data", data, "--out", report().toString()));
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private Path report() {
    return folder.resolve("out/report.json");
  }

  /** A model folder with random weights. */
  private String model(ModelConfig.Kind kind, int size) throws IOException {
    ModelConfig config =
        ModelConfig.builder()
            .name("tiny")
            .kind(kind)
            .pictureSize(size)
            .fold(2)
            .channels(8, 16)
            .attentionDepth(0, 1)
            .headChannels(8)
            .groups(4)
            .embeddingChannels(16)
            .tokenChannels(16)
            .detailChannels(8)
            .tokenGrid(size / 4)
            .build();
    Path path = folder.resolve(kind + "-" + size);
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      ViewNetwork network = new ViewNetwork(config);
      Weights.initialize(network, manager, 1);
      Provenance provenance =
          Provenance.builder()
              .data("none")
              .samplesSeen(77)
              .created(Instant.parse("2026-01-01T00:00:00Z"))
              .build();
      ModelFolder.write(path, config, Weights.arrays(network), provenance);
    }
    return path.toString();
  }

  /** Six pieces of furniture of three views, the even ones to train on. */
  private String set() throws IOException {
    Path set = folder.resolve("set");
    assertEquals(
        0,
        run("render", "--procedural", "6", "--views", "3", "--size", "16", "--out", "" + set),
        err);
    List<String> entries = new ArrayList<>();
    try (var files = Files.list(set)) {
      files
          .filter(Files::isDirectory)
          .map(object -> object.getFileName().toString())
          .sorted()
          .forEach(
              id ->
                  entries.add(
                      "\"" + id + "\":\"" + (entries.size() % 2 == 0 ? "train" : "test") + "\""));
    }
    Files.writeString(
        set.resolve("split.json"),
        "{\"format\":1,\"objects\":{" + String.join(",", entries) + "}}");
    return set.toString();
  }

  @Test
  void aStudentBesideItsTeacherAndBaselines() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String teacher = model(ModelConfig.Kind.DIFFUSION, 16);
    String data = set();
    assertEquals(
        0, evaluate(student, data, "--teacher", teacher, "--seeds", "2", "--subset", "2"), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals(
        "copy-input, mean-training-picture, nearest-training-view, teacher, student-1, student-2,"
            + " student-4",
        report.setup().get("predictors"));
    assertEquals("6", report.setup().get("pairs"));
    assertEquals("3", report.setup().get("objects"));
    assertEquals("77", report.setup().get("teacher_samples_seen"));
    assertEquals("test", report.setup().get("split"));
    assertEquals(6, report.metrics().get("student-4/mean/psnr").count());
    assertEquals(2, report.metrics().get("teacher/mean/psnr/subset").count());
    assertTrue(report.metrics().containsKey("student-1/sample/reference_psnr"));
    assertTrue(out.startsWith(report.toMarkdown()), out);
    assertTrue(out.contains("report: " + report()), out);
    assertTrue(Files.exists(folder.resolve("out/report.md")));
    assertTrue(Files.exists(folder.resolve("out/report.png")));
    assertTrue(err.contains("passes, 100 %"), err);

    assertEquals(
        0,
        evaluate(
            teacher, data, "--steps", "5,3", "--seeds", "2", "--max-pairs", "2", "--no-baselines"),
        err);
    report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("copy-input, diffusion-5, diffusion-3", report.setup().get("predictors"));
    assertEquals(2, report.metrics().get("diffusion-3/mean/psnr").count());
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String teacher = model(ModelConfig.Kind.DIFFUSION, 16);
    String data = set();
    assertEquals(2, run("evaluate", "--model", student, "--data", data, "--out", "a.txt"));
    assertTrue(err.startsWith("cvs evaluate: --out is a.txt, expected a name"), err);
    assertEquals(2, evaluate(student, data, "--seeds", "0"));
    assertEquals(2, evaluate(teacher, data, "--steps", "4"));
    assertTrue(err.startsWith("cvs evaluate: --steps has 4, expected odd numbers"), err);
    assertEquals(1, evaluate(student, data, "--steps", "9"));
    assertTrue(err.contains("steps is 9, expected one of [1, 2, 3, 4]"), err);
    String larger = model(ModelConfig.Kind.CONSISTENCY, 32);
    assertEquals(1, evaluate(larger, data));
    assertTrue(err.contains("draws 32 pixels, but the pictures of " + data + " have 16"), err);
    assertEquals(1, evaluate(student, data, "--split", "validation"));
    assertTrue(err.contains("no objects in split VALIDATION"), err);
    assertFalse(Files.exists(report()));
  }
}
