package ai.fresnel.cvs.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.examples.cli.CommandTest;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.run.TrainingBench;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code cvs bench train}. */
class BenchTrainVerbTest extends CommandTest {

  private JsonArray bench(String... more) throws IOException {
    Path json = folder.resolve("r.json");
    String[] args = {
      "bench", "train", "--preset", "tiny64", "--steps", "1", "--device", "cpu", "--json", "" + json
    };
    assertEquals(0, run(with(args, more)), err);
    return JsonParser.parseString(Files.readString(json)).getAsJsonArray();
  }

  @Test
  void aStepIsTimedAndShown() throws IOException {
    Path model = folder.resolve("model");
    JsonArray results =
        bench("--stage", "1", "--batch", "2", "--vary", "precision=float32", "--out", "" + model);
    assertEquals(1, results.size());
    JsonObject one = results.get(0).getAsJsonObject();
    assertEquals("float32", one.get("precision").getAsString());
    assertEquals("muon", one.get("optimizer").getAsString());
    double seconds = one.get("seconds").getAsDouble();
    assertTrue(seconds > 0.001 && seconds < 60, one.toString());
    assertEquals(2 / seconds, one.get("images_per_second").getAsDouble(), 1e-6 / seconds);
    assertTrue(one.get("parameters").getAsLong() > 8_000_000, one.toString());
    assertEquals(0.895, one.get("gflop_pass").getAsDouble(), 0.005);
    assertEquals(2, out.lines().count(), out);
    // The example's output is a denoiser's, of weights none of which is silent.
    assertEquals(0, run("inspect", model.toString()), err);
    try (Safetensors example = Safetensors.open(model.resolve(TrainingBench.EXAMPLE));
        NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      assertEquals(2, example.shape("output").get(0));
      assertTrue(example.read(manager, "output").abs().mean().getFloat() > 0.01);
      assertTrue(Double.parseDouble(example.metadata().get("gradient_norm")) > 0);
    }
  }

  @Test
  void badUsageIsSaidBeforeAnythingRuns() {
    String[][] wrong = {
      {"--stage", "3", "--stage is 3, expected 1 or 2"},
      {"--batch", "0", "--batch is 0, expected 1 to 65536"},
      {"--vary", "precison=float32", "--vary: unknown setting \"precison\""},
      {
        "--vary",
        "accumulation=1,3",
        "--vary: accumulation is 3, expected 1 to batchSize, which is 1"
      },
      // Two lists, of which the second is wrong.
      {
        "--vary",
        "checkpointLevels=[0,1],[1,1]",
        "--vary: checkpointLevels is [1, 1], expected levels from 0 to 7, none twice"
      },
      {"--preset", "tiny", "--preset is \"tiny\", expected tiny64, small64, base256 or latent256"},
    };
    for (String[] one : wrong) {
      assertEquals(2, run("bench", "train", one[0], one[1]), err);
      assertEquals("cvs bench train: " + one[2], err.lines().findFirst().orElseThrow());
      assertEquals("", out);
    }
  }

  /** Stage 2 and two processes. */
  @Test
  @Tag("slow") // starts two more virtual machines
  void combinationsRunInProcessesOfTheirOwn() throws IOException {
    JsonArray results =
        bench(
            "--stage",
            "2",
            "--vary",
            "precision=float32",
            "--batch",
            "2",
            "--vary",
            "accumulation=1,2");
    assertEquals(2, results.size());
    assertEquals(1, results.get(0).getAsJsonObject().get("accumulation").getAsInt());
    assertEquals(2, results.get(1).getAsJsonObject().get("accumulation").getAsInt());
    assertEquals(3, out.lines().count(), out);
  }
}
