package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.file.SplatFiles;
import ai.fresnel.cvs.train.monitor.MetricsFile;
import ai.fresnel.cvs.train.run.TrainingDivergedException;
import ai.fresnel.cvs.train.viewset.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplatRunTest {
  private static final SplatSettings SETTINGS =
      SplatSettings.object()
          .withSteps(60)
          .withGaussians(80)
          .withShDegree(1)
          .withDensity(new SplatDensity(SplatDensity.Method.MCMC, 0, 1, 10, 2e-4, 100))
          .withViews(new SplatSettings.ViewSettings(1e-4, 1e-3));

  @TempDir Path folder;

  private final List<View> views = TestViews.views(TestViews.object(), 5, 24);

  /** Hears of a run, and stops it after a step as a crash would. */
  private static final class Recorder implements SplatRun.Listener {
    private final int stopAfter;
    private final List<String> notes = new ArrayList<>();

    Recorder(int stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public void stepped(int steps, SplatOptimiser.Step step) {
      if (steps == stopAfter) {
        throw new IllegalStateException("stopped");
      }
    }

    @Override
    public void noted(String line) {
      notes.add(line);
    }
  }

  private SplatRun run(Path to, SplatSettings settings, Duration stateEvery) {
    SplatData data =
        new SplatData(
            TestViews.weighted(views.subList(1, 5)),
            TestViews.weighted(views.subList(0, 1)),
            chosen -> VisualHull.sample(views, 60, chosen.seed()).gaussians(chosen.shDegree()));
    return new SplatRun(to, "views", data, settings, 2, stateEvery);
  }

  @Test
  void aRunLeavesItsFiles() throws IOException {
    SplatRun.Result result = run(folder, SETTINGS, Duration.ofHours(1)).run(new Recorder(-1));
    assertArrayEquals(
        result.cloud().arrays().means(),
        SplatFiles.read(folder.resolve(SplatRun.RESULT)).arrays().means());
    assertTrue(result.score().psnr() > 15);
    assertTrue(Files.exists(folder.resolve("previews/0000060.png")));
    assertEquals(60, new MetricsFile(folder).read().get(1).get("samples").getAsInt());
    assertEquals(List.of(), leftovers());
  }

  private List<Path> leftovers() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(one -> one.getFileName().toString().startsWith(".")).toList();
    }
  }

  /** Killed twice, with a state each step: the same Gaussians, bit for bit. */
  @Test
  void stoppedRunsEndAsIfTheyHadNot() throws IOException {
    GaussianArrays whole =
        run(folder.resolve("whole"), SETTINGS, Duration.ofHours(1))
            .run(new Recorder(-1))
            .cloud()
            .arrays();
    Path cut = folder.resolve("cut");
    for (int stop : new int[] {7, 33}) {
      assertThrows(
          IllegalStateException.class,
          () -> run(cut, SETTINGS, Duration.ZERO).run(new Recorder(stop)));
    }
    Recorder last = new Recorder(-1);
    GaussianArrays resumed = run(cut, SETTINGS, Duration.ofHours(1)).run(last).cloud().arrays();
    assertEquals(List.of(cut + ": goes on at step 32"), last.notes);
    for (int group = 0; group < 5; group++) {
      assertArrayEquals(whole.groups().get(group), resumed.groups().get(group));
    }
    // A finished run only writes its result again.
    Files.delete(cut.resolve(SplatRun.RESULT));
    GaussianArrays again =
        run(cut, SETTINGS, Duration.ofHours(1)).run(new Recorder(-1)).cloud().arrays();
    assertArrayEquals(whole.means(), again.means());
    assertTrue(Files.exists(cut.resolve(SplatRun.RESULT)));
  }

  @Test
  void otherSettingsAreRefused() throws IOException {
    run(folder, SETTINGS.withSteps(1), Duration.ofHours(1)).run(new Recorder(-1));
    SplatSettings other = SETTINGS.withSteps(1).withLosses(new SplatLosses(0.3, 0, 0, 0));
    assertEquals(
        "run "
            + folder
            + " was started with losses.ssim 0.2, not 0.3; give it again, or use another folder",
        assertThrows(
                IllegalArgumentException.class,
                () -> run(folder, other, Duration.ofHours(1)).run(new Recorder(-1)))
            .getMessage());
  }

  /** Every damaged byte is noticed before anything is made of the state. */
  @Test
  void damagedStatesAreRefused() throws IOException {
    run(folder, SETTINGS.withSteps(2), Duration.ofHours(1)).run(new Recorder(-1));
    Path state = folder.resolve(SplatState.NAME);
    byte[] bytes = Files.readAllBytes(state);
    for (int at = 0; at < bytes.length; at += 997) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      Files.write(state, damaged);
      assertThrows(
          ModelFormatException.class,
          () -> run(folder, SETTINGS.withSteps(2), Duration.ofHours(1)).run(new Recorder(-1)));
    }
  }

  /** Colours that overflow: back to the beginning a few times, and at last an error. */
  @Test
  void runsThatExplodeEndWithOneLine() {
    float[] bright = new float[30];
    Arrays.fill(bright, 3e37f);
    InitialPoints points = new InitialPoints(TestViews.object().means(), bright);
    SplatData data =
        new SplatData(
            TestViews.weighted(views), List.of(), chosen -> points.gaussians(chosen.shDegree()));
    Recorder recorder = new Recorder(-1);
    SplatRun run = new SplatRun(folder, "views", data, SETTINGS, 2, Duration.ofHours(1));
    assertEquals(
        folder + ": step 1: the loss is NaN",
        assertThrows(TrainingDivergedException.class, () -> run.run(recorder)).getMessage());
    assertEquals(3, recorder.notes.size());
    assertEquals("step 1: the loss is NaN; back at step 0, at lower rates", recorder.notes.get(0));
  }
}
