package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.eval.EvaluationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EvaluateVerbTest extends CommandTest {

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
    Path path = folder.resolve(kind + "-" + size);
    // Layers that start as zeros would hide the condition.
    RandomModel.write(
        path,
        RandomModel.config(kind, size).build(),
        (manager, weights) -> weights.values().forEach(array -> array.addi(0.02f)));
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
        "copy-input, mean-training-image, nearest-training-view, teacher, student-1, student-2,"
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

  /** A first look; and how long it takes is said before it begins, in both cases. */
  @Test
  void quickTakesOneSampleInOnePass() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String data = set();
    assertEquals(0, evaluate(student, data, "--quick", "--no-baselines"), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("copy-input, student-1", report.setup().get("predictors"));
    assertEquals("1", report.setup().get("seeds"));
    assertFalse(report.metrics().containsKey("student-1/mean/psnr"));
    String said = "evaluate: 6 pairs, 12 passes, about a minute or less";
    assertTrue(err.contains(said), err);
    assertTrue(err.indexOf(said) < err.indexOf("passes, 100 %"), err);

    String[] more = {"--quick", "--no-baselines", "--steps=2", "--seeds=3", "--max-pairs=2"};
    assertEquals(0, evaluate(student, data, more), err);
    report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("copy-input, student-2", report.setup().get("predictors"));
    assertEquals(2, report.metrics().get("student-2/mean/psnr").count());
    assertTrue(err.contains("evaluate: 2 pairs, 14 passes"), err);
  }

  /** Half of the objects are in the training split: baselines must not answer with their views. */
  @Test
  void baselinesOfAWholeSetLeaveTheEvaluatedObjectOut() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String data = set();
    assertEquals(0, evaluate(student, data, "--quick", "--all-objects"), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("3", report.setup().get("baselines_left_out"));
    // A leak would be found exactly by the thumbnail of its own source, from a camera of the set.
    assertTrue(report.metrics().get("nearest-training-view/sample/psnr").max() < 60, out);

    assertEquals(0, evaluate(student, data, "--quick"), err);
    report = EvaluationReport.fromJson(Files.readString(report()));
    assertFalse(report.setup().containsKey("baselines_left_out"));
  }

  @Test
  void allObjectsFromOneViewWithAGuidedTeacher() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String teacher = model(ModelConfig.Kind.DIFFUSION, 16);
    String data = set();
    String[] options = {
      "--teacher",
      teacher,
      "--steps=1",
      "--seeds=1",
      "--no-baselines",
      "--all-objects",
      "--source-view=1"
    };
    assertEquals(0, evaluate(student, data, options), err);
    EvaluationReport plain = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("12", plain.setup().get("pairs"));
    assertEquals("6", plain.setup().get("objects"));
    assertEquals("all", plain.setup().get("split"));
    assertEquals("1", plain.setup().get("source_view"));

    String[] guided = Arrays.copyOf(options, options.length + 1);
    guided[options.length] = "--teacher-guidance=3";
    assertEquals(0, evaluate(student, data, guided), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals("3.0", report.setup().get("teacher_guidance"));
    String one = "student-1/sample/psnr";
    assertEquals(plain.metrics().get(one), report.metrics().get(one));
    String other = "teacher/sample/psnr";
    assertNotEquals(plain.metrics().get(other), report.metrics().get(other));

    assertEquals(2, evaluate(student, data, "--source-view=3"));
    assertTrue(err.contains("source view is 3, expected 0 to 2, and another view"), err);
    assertEquals(2, evaluate(student, data, "--teacher-guidance=1"));
    assertTrue(err.contains("--teacher-guidance wants --teacher"), err);
  }

  /** Pyramids of two heights, so that each is an object of its own. */
  private Path meshes() throws IOException {
    Path meshes = Files.createDirectories(folder.resolve("meshes"));
    for (int i = 0; i < 4; i++) {
      Files.writeString(
          meshes.resolve("pyramid-" + i + ".obj"),
          "v -1 -1 -1\nv 1 -1 -1\nv 1 -1 1\nv -1 -1 1\nv 0 "
              + (0.8 + 0.2 * i)
              + " 0\nf 1 2 3 4\nf 1 5 2\nf 2 5 3\nf 3 5 4\nf 4 5 1\n");
    }
    return meshes;
  }

  @Test
  void orbitsAreMeasuredBesideTheTruth() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    Path meshes = meshes();
    Path set = folder.resolve("pyramids");
    String[] render = {"render", "--meshes", "" + meshes, "--views", "3", "--size", "16"};
    List<String> args = new ArrayList<>(List.of(render));
    args.addAll(List.of("--out", "" + set));
    assertEquals(0, run(args.toArray(String[]::new)), err);
    List<String> entries = new ArrayList<>();
    try (var files = Files.list(set)) {
      files
          .filter(Files::isDirectory)
          .forEach(object -> entries.add("\"" + object.getFileName() + "\":\"test\""));
    }
    Files.writeString(
        set.resolve("split.json"),
        "{\"format\":1,\"objects\":{" + String.join(",", entries) + "}}");
    String[] few = {"--seeds", "1", "--max-pairs", "2", "--no-baselines", "--steps", "1"};
    List<String> more = new ArrayList<>(List.of(few));
    more.addAll(List.of("--orbits", "2", "--meshes", "" + meshes));
    assertEquals(0, evaluate(student, "" + set, more.toArray(String[]::new)), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals(2, report.metrics().get("student-1/orbit/flicker").count());
    double truth = report.metrics().get("truth/orbit/flicker").mean();
    assertTrue(truth < 0.2, truth + "");
    // Random weights draw noise.
    assertTrue(report.metrics().get("student-1/orbit/flicker").mean() > 0, out);
    assertTrue(out.contains("| orbits of | flicker | × the truth's |"), out);
    assertEquals(2, evaluate(student, "" + set, "--orbits", "2"));
    assertEquals(1, evaluate(student, set(), "--orbits", "2", "--meshes", "" + meshes));
    assertTrue(err.contains("has no mesh of the name of an object of"), err);
  }

  /** SqueezeNet 1.1 and its heads, of one value everywhere. */
  private String[] lpips() throws IOException {
    Map<String, NDArray> backbone = new TreeMap<>();
    Map<String, NDArray> heads = new TreeMap<>();
    int[][] fires = {
      {3, 16, 64},
      {4, 16, 64},
      {6, 32, 128},
      {7, 32, 128},
      {9, 48, 192},
      {10, 48, 192},
      {11, 64, 256},
      {12, 64, 256}
    };
    int[] widths = {64, 128, 256, 384, 384, 512, 512};
    Path[] files = {folder.resolve("squeeze.safetensors"), folder.resolve("heads.safetensors")};
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      convolution(backbone, manager, "features.0", 3, 64, 3);
      int in = 64;
      for (int[] fire : fires) {
        String name = "features." + fire[0] + ".";
        convolution(backbone, manager, name + "squeeze", in, fire[1], 1);
        convolution(backbone, manager, name + "expand1x1", fire[1], fire[2], 1);
        convolution(backbone, manager, name + "expand3x3", fire[1], fire[2], 3);
        in = 2 * fire[2];
      }
      for (int i = 0; i < widths.length; i++) {
        heads.put("lin" + i + ".model.1.weight", manager.ones(new Shape(1, widths[i], 1, 1)));
      }
      Safetensors.write(files[0], backbone, Map.of());
      Safetensors.write(files[1], heads, Map.of());
    }
    return new String[] {
      "--lpips", "squeeze", "--lpips-backbone", "" + files[0], "--lpips-heads", "" + files[1]
    };
  }

  private static void convolution(
      Map<String, NDArray> weights, NDManager manager, String name, int in, int out, int kernel) {
    Shape shape = new Shape(out, in, kernel, kernel);
    // The sine spreads the weights: of equal ones every image would have the same unit features.
    NDArray values = manager.arange((float) shape.size()).mul(0.7f).sin().reshape(shape);
    weights.put(name + ".weight", values);
    weights.put(name + ".bias", manager.zeros(new Shape(out)));
  }

  @Test
  void lpipsWhereItsWeightsAreGiven() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String data = set();
    List<String> args =
        new ArrayList<>(List.of("--steps", "1", "--seeds", "1", "--lpips-size", "32"));
    args.addAll(List.of(lpips()));
    assertEquals(0, evaluate(student, data, args.toArray(String[]::new)), err);
    EvaluationReport report = EvaluationReport.fromJson(Files.readString(report()));
    assertEquals(6, report.metrics().get("student-1/sample/lpips").count());
    assertTrue(report.metrics().get("copy-input/sample/lpips").mean() > 0);
    assertEquals("squeeze", report.setup().get("lpips"));
    assertEquals("32", report.setup().get("lpips_size"));
    assertTrue(report.setup().get("lpips_heads").endsWith("heads.safetensors"));
    assertTrue(out.contains(" LPIPS |"), out);

    assertEquals(1, evaluate(student, data, lpips()));
    assertTrue(err.contains("LPIPS of squeeze needs images of 17 pixels or more, got 16"), err);
    String[] swapped = lpips();
    swapped[3] = swapped[5];
    assertEquals(1, evaluate(student, data, swapped));
    assertTrue(err.contains("heads.safetensors: tensor features.0.weight is missing"), err);
    swapped[3] = "none.pth";
    assertEquals(1, evaluate(student, data, swapped));
    assertTrue(err.contains("none.pth"), err);
    assertEquals(2, evaluate(student, data, "--lpips", "alex"));
    assertTrue(err.contains("--lpips-backbone"), err);
    assertEquals(2, evaluate(student, data, "--lpips-size", "64"));
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    String student = model(ModelConfig.Kind.CONSISTENCY, 16);
    String teacher = model(ModelConfig.Kind.DIFFUSION, 16);
    String data = set();
    assertEquals(2, run("evaluate", "--model", student, "--data", data, "--out", "a.txt"));
    assertTrue(err.startsWith("cvs evaluate: --out is a.txt, expected a name"), err);
    assertEquals(2, evaluate(student, data, "--sheet", "0"));
    assertEquals(2, evaluate(student, data, "--seeds", "0"));
    assertEquals(2, evaluate(teacher, data, "--steps", "4"));
    assertTrue(err.startsWith("cvs evaluate: --steps has 4, expected odd numbers"), err);
    assertEquals(1, evaluate(student, data, "--steps", "9"));
    assertTrue(err.contains("steps is 9, expected one of [1, 2, 3, 4]"), err);
    String larger = model(ModelConfig.Kind.CONSISTENCY, 32);
    assertEquals(1, evaluate(larger, data));
    assertTrue(err.contains("draws 32 pixels, but the images of " + data + " have 16"), err);
    assertEquals(1, evaluate(student, data, "--split", "validation"));
    assertTrue(err.contains("no objects in split VALIDATION"), err);
    assertFalse(Files.exists(report()));
  }
}
