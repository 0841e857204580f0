package ai.fresnel.cvs.train.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.MeasuredRun;
import ai.fresnel.cvs.train.testing.LiveMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The student of base256 with its averages and its teacher, planned for cards of 8 and 16 GB; one
 * part of a batch of each plan, on the CPU.
 */
@Tag("slow") // minutes, and as much memory as is planned for
class Base256MemoryTest {

  private static final long GIB = 1L << 30;
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private static long resident(String field) throws IOException {
    for (String line : Files.readAllLines(STATUS, StandardCharsets.ISO_8859_1)) {
      if (line.startsWith(field)) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(STATUS + " has no " + field);
  }

  private static void assertStaysInside(int gib) throws Exception {
    assumeTrue(LiveMemory.isKnown(), "no glibc of 2.33 or later");
    assumeTrue(Files.isWritable(CLEAR), "no resident memory to be watched");
    ModelConfig teacher = ModelConfig.base256();
    MemoryModel model =
        MemoryModel.consistency(
            teacher.toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build(), teacher);
    TrainingConfig wanted = TrainingConfig.consistency();
    MemoryPlan plan = MemoryPlan.of(gib * GIB, model, wanted, Set.of());
    TrainingConfig chosen = plan.config();
    int part =
        (chosen.data().batchSize() + chosen.compute().accumulation() - 1)
            / chosen.compute().accumulation();
    TrainingConfig once =
        chosen.toBuilder()
            .compute(c -> c.withAccumulation(1))
            .data(d -> d.withBatchSize(part))
            .build();
    TorchRuntime.engine();
    long idle = resident("VmRSS:");
    Files.writeString(CLEAR, "5");
    long start = System.nanoTime();
    MeasuredRun measured = MeasuredRun.of(teacher, once, true, 1);
    double seconds = (System.nanoTime() - start) / 1e9;
    long peak = resident("VmHWM:") - idle;
    MemoryEstimate estimate = model.estimate(once);
    String text =
        String.format(
            Locale.ROOT,
            "%sof one part %.3f GiB; measured: live %.3f, resident %.3f, between steps %.3f,"
                + " forward %.3f GiB; two steps of %d took %.0f s",
            plan,
            estimate.total() / (double) GIB,
            measured.peak() / (double) GIB,
            peak / (double) GIB,
            measured.fixed() / (double) GIB,
            measured.forward() / (double) GIB,
            part,
            seconds);
    System.out.println(text);
    assertEquals(1, estimate.total() / (double) measured.peak(), 0.15, text);
    assertEquals(1, estimate.total() / (double) peak, 0.15, text);
    assertTrue(peak < plan.budget(), text);
  }

  @Test
  void eightGibibytesAreEnough() throws Exception {
    assertStaysInside(8);
  }

  @Test
  void sixteenGibibytesAreEnough() throws Exception {
    assertStaysInside(16);
  }
}
