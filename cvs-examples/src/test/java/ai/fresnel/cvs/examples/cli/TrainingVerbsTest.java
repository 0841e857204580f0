package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.model.ModelConfig;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code cvs train} and {@code cvs distill}. */
class TrainingVerbsTest extends CommandTest {

  private String data;
  private String runFolder;

  @BeforeEach
  void paths() throws IOException {
    data = Files.createDirectory(folder.resolve("D")).toString();
    runFolder = folder.resolve("R").toString();
  }

  /** {@inheritDoc} Nothing is written. */
  @Override
  protected void assertBadUsage(String expected, String... args) {
    super.assertBadUsage(expected, args);
    assertEquals("Try: cvs " + args[0] + " --help", err.lines().reduce("", (a, b) -> b));
    assertFalse(Files.exists(Path.of(runFolder)));
  }

  /** {@inheritDoc} Nothing is written, but warnings may come before the line. */
  @Override
  protected void assertFails(String expected, String... args) {
    assertEquals(1, run(args), err);
    assertEquals(1, err.lines().filter(line -> line.startsWith("cvs ")).count(), err);
    String last = err.lines().reduce("", (a, b) -> b);
    assertTrue(last.startsWith(expected), err);
    assertFalse(err.contains("\tat "), err);
    assertFalse(Files.exists(Path.of(runFolder)));
  }

  private String[] train(String... more) {
    return with(new String[] {"train", "--data", data, "--out", runFolder}, more);
  }

  private String[] distill(String... more) {
    String[] args = {"distill", "--teacher", data, "--data", data, "--out", runFolder};
    return with(args, more);
  }

  @Test
  void helpNamesWhatCanBeSet() {
    for (String verb : new String[] {"train", "distill"}) {
      assertEquals(0, run(verb, "--help"));
      assertTrue(out.startsWith("Usage: cvs " + verb), out);
      for (String option :
          new String[] {
            "--data",
            "--recipe",
            "--max-images",
            "--precision",
            "--memory",
            "--plan",
            "--heap",
            "--out"
          }) {
        assertTrue(out.contains(option), out);
      }
    }
  }

  @Test
  void badUsageIsStatus2WithAHint() {
    assertBadUsage("cvs train: Missing required option: '--out=RUN'", "train", "--data", data);
    assertBadUsage("cvs distill: Missing required options: '--data=DIR', '--out=RUN'", "distill");
    for (String more : new String[] {"--from-scratch", "--preset=tiny64"}) {
      assertBadUsage(
          more.startsWith("--from")
              ? "cvs distill: expected one of --teacher DIR and --from-scratch"
              : "cvs distill: --preset is for --from-scratch: a teacher has its own",
          distill(more));
    }
    assertBadUsage(
        "cvs distill: expected one of --teacher DIR and --from-scratch",
        "distill",
        "--data",
        data,
        "--out",
        runFolder);
    assertBadUsage(
        "cvs train: --max-samples is 0, expected 1 or more", train("--max-samples", "0"));
    assertBadUsage(
        "cvs distill: --max-samples is -5, expected 1 or more", distill("--max-samples", "-5"));
    assertBadUsage(
        "cvs train: Invalid value for option '--max-samples': 'many' is not a long",
        train("--max-samples", "many"));
    assertBadUsage(
        "cvs train: --precision is half, expected float32, bfloat16 or float16",
        train("--precision", "half"));
    assertBadUsage("cvs train: --plan is for --memory SIZE", train("--plan"));
    assertBadUsage(
        "cvs train: --memory is 16, expected a size as 16g or 900m, at most 99999g",
        train("--memory", "16"));
    assertBadUsage(
        "cvs train: --device is cpu,, expected cpu, gpu or gpu:I", train("--device", "cpu,"));
    assertBadUsage(
        "cvs train: preset is \"tiny\", expected tiny64, small64, base256 or latent256, or a file with a"
            + " configuration",
        train("--preset", "tiny"));
  }

  @Test
  void missingFilesAreStatus1OnOneLine() {
    String missing = folder.resolve("missing").toString();
    assertFails(
        "cvs train: " + missing + ": no such file or folder",
        "train",
        "--data",
        missing,
        "--out",
        runFolder);
    assertFails("cvs train: " + missing + ": no such file or folder", train("--recipe", missing));
    assertFails(
        "cvs distill: " + missing + ": no such file or folder",
        "distill",
        "--teacher",
        missing,
        "--data",
        data,
        "--out",
        runFolder);
    assertFails("cvs train: " + missing + ": no such file or folder", train("--from", missing));
    // A recipe's name is one in stage 2 only.
    assertFails("cvs train: ect: no such file or folder", train("--recipe", "ect"));
    assertFails("cvs distill: etc: no such file or folder", distill("--recipe", "etc"));
    assertFails(
        "cvs distill: method is distillation, expected training, or trainTeacher, where there is no"
            + " teacher",
        "distill",
        "--from-scratch",
        "--data",
        data,
        "--out",
        runFolder);
    // Folders that are no view set and no model.
    assertFails(
        "cvs train: " + data + "/config.json: no such file or folder", train("--from", data));
    assertFails("cvs train: " + data + ": no objects", train());
    assertFails("cvs distill: " + data + "/config.json: no such file or folder", distill());
  }

  @Test
  void recipesAreRefusedByTheSettingThatIsWrong() throws IOException {
    Path recipe = folder.resolve("r.json");
    Files.writeString(recipe, "{\"learningRat\": 1e-3}");
    String[] options = {"--recipe", recipe.toString()};
    assertFails("cvs train: " + recipe + ": unknown setting \"learningRat\"", train(options));
    assertFails("cvs distill: " + recipe + ": unknown setting \"learningRat\"", distill(options));
    Files.writeString(recipe, "{\"emaDecay\": 1}");
    assertFails(
        "cvs train: " + recipe + ": emaDecay is 1.0, expected 0 or more, below 1", train(options));
    Files.writeString(recipe, "{\"emaDecay\": ");
    assertFails("cvs train: " + recipe + ": not JSON", train(options));
  }

  @Test
  void networkOfOnesOwn() throws IOException {
    ModelConfig own =
        ModelConfig.tiny64().toBuilder()
            .name("own")
            .codec(c -> c.withImageSize(16))
            .conditioner(c -> c.withTokenGrid(4))
            .unet(u -> u.channels(48, 32).attentionDepth(0, 0).groups(16))
            .noise(n -> n.withMean(2))
            .build();
    Path file = Files.writeString(folder.resolve("own.json"), own.toJson());
    Files.delete(Path.of(data));
    String[] render = {"render", "--procedural", "6", "--views", "2", "--size", "16"};
    assertEquals(0, run(with(render, "--out", data)), err);
    String[] options = {"--preset", file.toString(), "--max-images", "32", "--device", "cpu"};
    assertEquals(0, run(train(options)), err);
    Path trained = Path.of(runFolder).resolve("snapshots/latest/config.json");
    ModelConfig made = ModelConfig.fromJson(Files.readString(trained), "trained");
    assertEquals(own, made.toBuilder().sigmaData(own.sigmaData()).build());

    Files.writeString(file, own.toJson().substring(0, 200));
    runFolder = folder.resolve("other").toString();
    assertFails("cvs train: " + file + ": not JSON", train(options));
  }

  @Test
  void aPlanIsShownWithoutTraining() throws IOException {
    String[] plan = train("--preset", "small64", "--memory=600m", "--plan", "--device", "cpu");
    assertEquals(0, run(with(plan, "--precision", "float32")), err);
    List<String> lines = out.lines().toList();
    assertTrue(lines.get(0).startsWith("plan for 0.586 GiB: "), out);
    assertTrue(lines.get(0).contains("precision float32"), out);
    for (String part :
        new String[] {
          "weights",
          "gradients",
          "optimizer",
          "averages",
          "teacher",
          "activations",
          "working space",
          "reserve",
          "in all"
        }) {
      assertEquals(1, lines.stream().filter(line -> line.startsWith("  " + part)).count(), out);
    }
    assertFalse(Files.exists(Path.of(runFolder)));
    // What the recipe gives stays, and one that cannot fit says what is needed.
    Path recipe = folder.resolve("r.json");
    Files.writeString(recipe, "{\"accumulation\": 1, \"checkpointLevels\": []}");
    String[] fixed = with(plan, "--precision", "float32", "--recipe", recipe.toString());
    assertFails("cvs train: memory is 0.586 GiB, expected ", fixed);
    assertTrue(err.contains("accumulation 1, checkpointLevels [], precision float32"), err);
  }

  /** The README's commands, shortened: from nothing to a view. */
  @Test
  @Tag("slow") // tiny64 draws two previews of 35 passes
  void fromNothingToAView() throws IOException {
    Files.delete(Path.of(data));
    String[] render = {"render", "--procedural", "6", "--views", "3", "--size", "64"};
    assertEquals(0, run(with(render, "--out", data)), err);
    assertEquals(0, run("inspect", data), err + out);
    String teacher = folder.resolve("R1/snapshots/latest").toString();
    String student = folder.resolve("R2/snapshots/latest").toString();
    Path recipe = Files.writeString(folder.resolve("r.json"), "{\"batchSize\": 8}");
    String[] length = {"--max-images", "32", "--recipe", recipe.toString(), "--device", "cpu"};

    String[] train = {"train", "--data", data, "--out", folder.resolve("R1").toString()};
    assertEquals(0, run(with(train, length)), err);
    assertTrue(out.contains("32 samples seen, 32 in all"), out);
    assertTrue(out.contains("model folder: " + teacher), out);
    // The same command again has nothing left to do; another seed is another run.
    assertEquals(0, run(with(train, length)), err);
    assertTrue(out.contains("32 samples seen, 32 in all"), out);
    assertEquals(1, run(with(with(train, length), "--seed", "4")));
    assertTrue(err.contains("was started with seed 0, not 4"), err);

    String[] distill = {
      "distill", "--teacher", teacher, "--data", data, "--out", folder.resolve("R2").toString()
    };
    assertEquals(0, run(with(distill, length)), err);
    assertTrue(out.contains("model folder: " + student), out);
    assertEquals(0, run("inspect", student), err + out);

    Path view = folder.resolve("v.png");
    String photo = folder.resolve("D/chair-000000/000.png").toString();
    String[] draw = {"view", "--model", student, "--image", photo, "--azimuth", "60"};
    assertEquals(0, run(with(draw, "--elevation", "0", "--out", view.toString())), err);
    BufferedImage drawn = ImageIO.read(view.toFile());
    assertEquals(64, drawn.getWidth());
  }
}
