package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

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
          "splat",
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
    String[] varied = with(render, "--variants", "2");
    assertBadUsage(
        "cvs render: --variants is 0, expected 1 to 1000", with(render, "--variants", "0"));
    assertBadUsage(
        "cvs render: --stretch is 0.6, expected 0 to 0.5", with(varied, "--stretch", "0.6"));
    assertBadUsage(
        "cvs render: --hue is -1.0, expected 0 to 180 degrees", with(varied, "--hue", "-1"));
    assertBadUsage(
        "cvs render: --texture-swap is NaN, expected 0 to 1",
        with(varied, "--texture-swap", "NaN"));
    assertBadUsage(
        "cvs render: Error: Missing required argument(s): --variants=K",
        with(render, "--stretch", "0.1"));
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
        "--source-elevation",
        "20",
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

  /** A verb that throws what it is given, as a verb or a thread of a verb may. */
  @CommandLine.Command(name = "cvs")
  private static final class Throwing implements Callable<Integer> {

    private final Throwable thrown;

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    @Override
    public Integer call() throws Exception {
      if (thrown instanceof Error e) {
        throw e;
      }
      throw (Exception) thrown;
    }
  }

  private String failure(Throwable thrown) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    assertEquals(1, Cvs.run(new CommandLine(new Throwing(thrown)), out, out));
    assertEquals(1, text.toString().lines().count(), text.toString());
    return text.toString().strip();
  }

  @Test
  void everyErrorIsOneLine() {
    String memory = failure(new OutOfMemoryError("Java heap space"));
    assertTrue(
        memory.matches(
            "cvs: not enough memory \\(Java heap space\\): Java has at most \\d+ GB, try --heap"
                + " \\d+g"),
        memory);
    assertEquals(
        memory,
        failure(
            new IllegalStateException(
                "rows failed", new ExecutionException(new OutOfMemoryError("Java heap space")))));
    assertEquals(
        "cvs: not enough memory (Cannot reserve direct buffer memory)",
        failure(new OutOfMemoryError("Cannot reserve direct buffer memory")));
    assertEquals("cvs: StackOverflowError", failure(new StackOverflowError()));
    assertEquals("cvs: NoClassDefFoundError: a/B", failure(new NoClassDefFoundError("a/B")));
    assertEquals(
        "cvs: set.json: broken",
        failure(new ExecutionException(new IOException("set.json: broken"))));
  }

  /** Also on a thread that nobody waits for, while others go on. */
  @Test
  void anErrorOnAnotherThreadEndsTheCommand() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LostThread.class.getName())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(1, process.exitValue(), text);
    assertEquals(1, text.lines().count(), text);
    assertTrue(text.startsWith("cvs: not enough memory (Java heap space)"), text);
  }

  /** The command, with a thread beside it that runs out of memory. */
  static final class LostThread {

    private LostThread() {}

    public static void main(String[] args) throws Exception {
      Cvs.reportUncaught(new PrintWriter(System.err, true, StandardCharsets.UTF_8), false);
      Thread lost =
          new Thread(
              () -> {
                throw new OutOfMemoryError("Java heap space");
              });
      lost.start();
      lost.join();
      Thread.sleep(30_000);
    }
  }
}
