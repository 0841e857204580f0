package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code cvs import}. */
class ImportVerbTest extends CommandTest {

  private String written;

  @BeforeEach
  void path() {
    written = folder.resolve("imported").toString();
  }

  /** A fixture of the core module's tests, whose jar this module does without. */
  private static String resource(String name) {
    return Path.of("../cvs-core/src/test/resources/ai/fresnel/cvs", name).toString();
  }

  private String[] args(String from, String kind, String... more) {
    return with(new String[] {"import", "--from", from, "--as", kind, "--out", written}, more);
  }

  @Test
  void helpNamesTheKinds() {
    assertEquals(0, run("import", "--help"));
    String words = out.replaceAll("\\s+", " ");
    for (String kind :
        List.of("zero123", "stable-zero123", "diffusers", "dinov2", "vae", "taesd")) {
      assertTrue(words.contains(kind), out);
    }
  }

  @Test
  void aCheckpointBecomesAModelThatDraws() throws IOException {
    String pipeline = resource("zero123-tiny");
    String checkpoint = resource("importer/zero123-tiny.ckpt");
    assertEquals(0, run(args(checkpoint, "stable-zero123", "--config", pipeline)), err);
    assertTrue(err.contains("import 906/906 arrays, 100 %"), err);
    assertEquals(
        "stable-zero123: 906 arrays, 364,515 values\n"
            + "weights of the U-Net: moving averages (model_ema)\n"
            + "the weights of Stable Zero123 are for non-commercial use: see the licence they came"
            + " with\n"
            + written
            + "\n",
        out);
    assertEquals(0, run(args(checkpoint, "zero123", "--config", pipeline, "--trained")), err);
    assertTrue(out.contains("as trained, not the moving averages"), out);
    assertEquals(0, run("inspect", written), err);
    assertTrue(out.contains("verdict     sound"), out);
    String view = folder.resolve("view.png").toString();
    String[] draw = {
      "view",
      "--image",
      photo().toString(),
      "--azimuth",
      "30",
      "--elevation",
      "0",
      "--steps",
      "2",
      "--model",
      written,
      "--device",
      "cpu",
      "--out",
      view
    };
    assertEquals(0, run(draw), err);
    assertTrue(Files.size(Path.of(view)) > 0);
    String views = folder.resolve("views").toString();
    String[] render = {
      "render", "--procedural", "4", "--views", "3", "--size", "64", "--out", views
    };
    assertEquals(0, run(render), err);
    String report = folder.resolve("report.json").toString();
    String[] evaluate = {
      "evaluate",
      "--model",
      written,
      "--data",
      views,
      "--all-objects",
      "--max-pairs",
      "2",
      "--seeds",
      "1",
      "--steps",
      "2",
      "--device",
      "cpu",
      "--out",
      report
    };
    assertEquals(0, run(evaluate), err);
    assertTrue(out.contains("diffusion-2"), out);
  }

  @Test
  void anEncoderIsImportedForTraining() {
    assertEquals(0, run(args(resource("importer/dinov2-tiny/hf"), "dinov2")), err);
    assertTrue(out.startsWith("dinov2_vit14_48x2x3_grid37: 35 arrays, 150,960 values"), out);
    assertTrue(Files.exists(Path.of(written, "part.json")));
    assertBadUsage(
        "cvs train: --encoder is for a new network: --from has its own",
        "train",
        "--data",
        written,
        "--from",
        written,
        "--encoder",
        written,
        "--out",
        written);
  }

  @Test
  void wrongFilesAreOneLine() {
    assertFails("cvs import: " + written + ": no such file or folder", args(written, "zero123"));
    assertEquals(2, run(args(written, "sd")), err);
    assertTrue(err.contains("stable-zero123"), err);
    String dino = resource("importer/dinov2-tiny/dinov2_tiny14_pretrain.pth");
    assertFails("cvs import: " + dino + " does not fit the network: ", args(dino, "vae"));
    assertFails("cvs import: " + dino + ": tokens of 48 channels", args(dino, "dinov2"));
    assertFalse(Files.exists(Path.of(written)));
  }
}
