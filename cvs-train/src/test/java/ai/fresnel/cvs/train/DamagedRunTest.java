package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.run.Runs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs whose files were damaged, cut off or lost: none starts anew or goes on wrong in silence. */
class DamagedRunTest extends TeacherRun {

  private interface Damage {
    void to(Path state) throws IOException;
  }

  /** Flipped bits anywhere, cuts, zeros and a lost file: the state before is taken. */
  @Test
  void aDamagedStateFallsBackToTheOneBefore() throws IOException {
    Path before = folder.resolve("before");
    Runs.teacher(data, before).optStop(Runs.after(2)).build().train();
    Runs.teacher(data, before).optStop(Runs.after(3)).build().train();
    assertEquals(20, samples(before.resolve(Runs.STATE)));
    assertEquals(8, samples(before.resolve(Runs.PREVIOUS)));
    long size = Files.size(before.resolve(Runs.STATE));
    List<Damage> damages =
        List.of(
            state -> flip(state, size - 1),
            state -> flip(state, size / 2),
            // In the header: the number of the samples.
            state -> flip(state, text(state).indexOf("\"samples\":\"20\"") + 11),
            state -> Files.write(state, new byte[(int) size]),
            state -> Files.write(state, Arrays.copyOf(Files.readAllBytes(state), 5000)),
            DamagedRunTest::poison,
            Files::delete);
    for (int i = 0; i < damages.size(); i++) {
      Path run = copy(before, folder.resolve("run" + i));
      damages.get(i).to(run.resolve(Runs.STATE));
      assertEquals(12, Runs.teacher(data, run).optStop(Runs.after(1)).build().train(), "case " + i);
      assertEquals(12, samples(run.resolve(Runs.STATE)));
      assertEquals(8, samples(run.resolve(Runs.PREVIOUS)), "the sound one stays");
      if (i == 0) {
        assertEquals(48, Runs.teacher(data, run).build().train());
        Runs.assertSameRun(teacherRun, run);
      }
    }
  }

  @Test
  void twoDamagedStatesAreOneLineThatNamesTheFile() throws IOException {
    Path run = copy(teacherRun, folder.resolve("run"));
    for (Path state : List.of(Runs.STATE, Runs.PREVIOUS)) {
      flip(run.resolve(state), Files.size(run.resolve(state)) - 100);
    }
    String message =
        assertThrows(IOException.class, () -> Runs.teacher(data, run).build().train()).getMessage();
    assertTrue(message.startsWith(run.resolve(Runs.STATE) + ": damaged: its checksum"), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void aLostStateDoesNotStartAnewOverSnapshots() throws IOException {
    Path run = copy(teacherRun, folder.resolve("run"));
    Files.delete(run.resolve(Runs.STATE));
    Files.delete(run.resolve(Runs.PREVIOUS));
    String message =
        assertThrows(IOException.class, () -> Runs.teacher(data, run).build().train()).getMessage();
    assertEquals(
        run.resolve(Runs.STATE)
            + ": the state is missing, and a start from 0 would replace "
            + run.resolve("snapshots")
            + " (best, latest); put the state back, or use another folder, or delete the snapshots"
            + " to start anew",
        message);
    Path metrics = Path.of("metrics.jsonl");
    assertEquals(-1L, Files.mismatch(teacherRun.resolve(metrics), run.resolve(metrics)));
  }

  @Test
  void aDamagedBestDoesNotBlockTheRun() throws IOException {
    Path run = copy(teacherRun, folder.resolve("run"));
    Path best = run.resolve("snapshots").resolve("best");
    Files.writeString(best.resolve(ModelFolder.PROVENANCE), "{");
    assertEquals(48, Runs.teacher(data, run).build().train());
    assertFalse(Files.exists(best));
    assertEquals("{", Files.readString(run.resolve("snapshots/best-damaged/provenance.json")));
    Runs.assertSameRun(teacherRun, run);
  }

  /** An average with NaN, as states without a checksum could hold, makes no model. */
  @Test
  void aFinishedRunWhoseAverageIsNotFiniteMakesNoSnapshot() throws IOException {
    Path run = copy(teacherRun, folder.resolve("run"));
    poison(run.resolve(Runs.STATE));
    Files.delete(run.resolve(Runs.PREVIOUS));
    String message =
        assertThrows(IOException.class, () -> Runs.teacher(data, run).build().train()).getMessage();
    assertTrue(message.endsWith("damaged: a number in it is not finite"), message);
    Path weights = Runs.latest(Path.of("")).resolve(ModelFolder.WEIGHTS);
    assertEquals(-1L, Files.mismatch(teacherRun.resolve(weights), run.resolve(weights)));
  }

  /** Writes the state with one number that is not finite, in the old format without a checksum. */
  private static void poison(Path state) throws IOException {
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors saved = Safetensors.open(state)) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      for (String name : saved.names()) {
        arrays.put(name, saved.read(manager, name));
      }
      String poisoned =
          arrays.keySet().stream().filter(name -> name.startsWith("ema/")).findFirst().get();
      arrays.put(poisoned, arrays.get(poisoned).mul(Float.NaN));
      Map<String, String> metadata = new LinkedHashMap<>(saved.metadata());
      metadata.remove("crc32c");
      Safetensors.write(state, arrays, metadata);
    }
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 1;
    Files.write(file, bytes);
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  private static long samples(Path state) throws IOException {
    try (Safetensors saved = Safetensors.open(state)) {
      return Long.parseLong(saved.metadata().get("samples"));
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    return to;
  }
}
