package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training in a process of its own that is ended from outside, then resumed in this one. */
@Tag("slow") // a process takes seconds to start
class KilledRunTest {

  private static final int MAX_IMAGES = 1200;

  @TempDir static Path folder;

  private static Path data;
  private static Path whole;

  /** Trains as {@code cvs train} does: until the end, then {@link System#exit}. */
  public static void main(String[] args) throws IOException {
    Runs.teacher(Path.of(args[0]), Path.of(args[1])).optConfig(config()).build().train();
    System.exit(0);
  }

  private static TrainingConfig config() {
    return TinyViews.shortRun(TrainingConfig.diffusion()).toBuilder()
        .run(r -> r.withMaxSamples(MAX_IMAGES))
        .run(r -> r.withStateEvery(Duration.ofMillis(200)))
        .build();
  }

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    whole = folder.resolve("whole");
    Runs.teacher(data, whole).optConfig(config()).build().train();
  }

  private static Process start(Path run) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-cp",
            System.getProperty("java.class.path"),
            KilledRunTest.class.getName(),
            data.toString(),
            run.toString())
        .redirectErrorStream(true)
        .redirectOutput(run.resolveSibling(run.getFileName() + ".log").toFile())
        .start();
  }

  private static void awaitState(Process process, Path run) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    // The first state is that of no step: the process may not be listening yet.
    while (!Files.exists(run.resolve(Runs.STATE)) || samplesOfState(run) == 0) {
      Path log = run.resolveSibling(run.getFileName() + ".log");
      assertTrue(process.isAlive(), () -> read(log));
      assertTrue(System.nanoTime() < deadline, "no state after two minutes");
      Thread.sleep(5);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static long samplesOfState(Path run) throws IOException {
    try (Safetensors state = Safetensors.open(run.resolve(Runs.STATE))) {
      return Long.parseLong(state.metadata().get("samples"));
    }
  }

  @Test
  void aRunKilledAnywhereGoesOnAsIfNothingHadBeen() throws Exception {
    Path run = folder.resolve("killed");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long reached = 0;
    // Twice: what the first kill leaves must not disturb the second part either.
    for (int kill = 0; kill < 2; kill++) {
      Process process = start(run);
      awaitState(process, run);
      if (kill > 0) {
        // There is a state from the start: give the process time to load it and go on.
        Thread.sleep(3000);
      }
      Thread.sleep(random.nextInt(700));
      process.destroyForcibly();
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      long images = samplesOfState(run);
      assertTrue(images >= reached, "a state is never older than the last");
      reached = images;
    }
    assertEquals(
        MAX_IMAGES, Runs.teacher(data, run).optConfig(config()).build().train(), "seed " + seed);
    Runs.assertSameRun(whole, run);
    try (Stream<Path> files = Files.list(run.resolve("state"))) {
      assertEquals(
          Set.of("previous.safetensors", "state.safetensors"),
          files.map(f -> f.getFileName().toString()).collect(Collectors.toSet()));
    }
    List<String> metrics = Files.readAllLines(run.resolve(MetricsFile.NAME));
    assertTrue(metrics.get(metrics.size() - 1).startsWith("{\"samples\":" + MAX_IMAGES));
  }

  /** SIGTERM, as from Ctrl-C: the step in hand is finished and saved, and the process is gone. */
  @Test
  void aRunAskedToEndSavesAndEndsAtOnce() throws Exception {
    Path run = folder.resolve("ended");
    Process process = start(run);
    awaitState(process, run);
    process.destroy();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "still there after 20 seconds");
    assertEquals(143, process.exitValue());
    long images = samplesOfState(run);
    assertTrue(images < MAX_IMAGES);
    List<String> metrics = Files.readAllLines(run.resolve(MetricsFile.NAME));
    assertTrue(metrics.get(metrics.size() - 1).startsWith("{\"samples\":" + images + ","));
    Runs.teacher(data, run).optConfig(config()).build().train();
    Runs.assertSameRun(whole, run);
  }
}
