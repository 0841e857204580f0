package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Help, bad usage and failures. */
class CvsTest extends CommandTest {

  @Test
  void everyVerbHasHelp() {
    for (String verb :
        new String[] {
          "demo",
          "view",
          "orbit",
          "render",
          "capture",
          "inspect",
          "curves",
          "evaluate",
          "export",
          "bench",
          "doctor",
          "rocm-pack"
        }) {
      assertEquals(0, run(verb, "--help"));
      assertTrue(out.startsWith("Usage: cvs " + verb), out);
      assertTrue(out.contains("--seed"), out);
      assertEquals("", err);
    }
    assertEquals(0, run("--help"));
  }

  @Test
  void badUsageIsStatus2WithAHint() {
    assertBadUsage("cvs: no verb given");
    assertBadUsage("cvs: Unmatched argument at index 0: 'vew'", "vew");
    assertTrue(err.contains("Did you mean: cvs view"), err);
    assertBadUsage(
        "cvs view: Missing required option: '--out=FILE.png'",
        "view",
        "--image",
        "a",
        "--model",
        "b");
    String[] view = {"view", "--image", "a", "--model", "b", "--out", "c.png"};
    assertBadUsage(
        "cvs view: Invalid value for option '--azimuth': 'x' is not a double",
        with(view, "--azimuth", "x"));
    assertBadUsage(
        "cvs view: camera's elevation is 120.0 degrees, expected -90 to 90",
        with(view, "--elevation", "100"));
    assertBadUsage("cvs view: --samples is 0, expected 1 to 256", with(view, "--samples", "0"));
    String[] render = {"render", "--out", folder.toString(), "--procedural", "2"};
    assertBadUsage(
        "cvs render: --shard is 1, expected I/N such as 0/4", with(render, "--shard", "1"));
    assertBadUsage("cvs render: shard 2 of 2, expected 0..1", with(render, "--shard", "2/2"));
    assertBadUsage("cvs render: size 4, expected 8..1024", with(render, "--size", "4"));
    assertEquals(2, run("render", "--out", "x"));
    assertEquals(2, run(with(render, "--meshes", "y")));
    assertBadUsage(
        "cvs bench view: --device is tpu, expected cpu, gpu or gpu:I",
        "bench",
        "view",
        "--model-preset",
        "tiny64",
        "--device",
        "tpu");
  }

  /** A name on the command line, or in a file, may hold what a terminal would obey. */
  @Test
  void errorsShowControlCharactersOfNames() {
    assertFails(
        "cvs inspect: " + folder + "/a\\u001b]0;b\\u0007c: no such file or folder",
        "inspect",
        folder + "/a\033]0;b\007c");
  }

  @Test
  void failuresAreStatus1OnOneLine() throws IOException {
    String missing = folder.resolve("missing").toString();
    String output = folder.resolve("v.png").toString();
    assertFails("cvs inspect: " + missing + ": no such file or folder", "inspect", missing);
    assertFails(
        "cvs render: " + missing + ": no such file or folder",
        "render",
        "--meshes",
        missing,
        "--out",
        folder.resolve("set").toString());
    assertFails(
        "cvs view: " + missing + ": no such file or folder",
        "view",
        "--image",
        missing,
        "--model",
        missing,
        "--out",
        output);
    String photo = photo().toString();
    assertFails(
        "cvs view: " + missing + ": expected a model folder",
        "view",
        "--image",
        photo,
        "--model",
        missing,
        "--out",
        output);
    String text = Files.writeString(folder.resolve("text.png"), "no image").toString();
    assertFails(
        "cvs view: " + text + ": no image that can be read",
        "view",
        "--image",
        text,
        "--model",
        missing,
        "--out",
        output);
    String model = model().toString();
    assertFails(
        "cvs view: steps is 9, expected one of [1, 2, 3, 4]",
        "view",
        "--image",
        photo,
        "--model",
        model,
        "--out",
        output,
        "--steps",
        "9");
    assertFalse(Files.exists(Path.of(output)));
    assertEquals(1, run("inspect", missing, "--debug"));
    assertTrue(err.contains("\tat ai.fresnel.cvs"), err);
  }
}
