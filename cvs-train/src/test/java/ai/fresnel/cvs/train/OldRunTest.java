package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that was started before recipes were trees and counters said samples goes on. The stored
 * files are the recipe and the state of such a run after 6 of 12 steps, and the averaged weights
 * that the same code reached at the end.
 */
class OldRunTest {

  @TempDir Path folder;

  private static byte[] stored(String name) throws IOException {
    try (InputStream in = OldRunTest.class.getResourceAsStream("old-run/" + name)) {
      return (name.endsWith(".gz") ? new GZIPInputStream(in) : in).readAllBytes();
    }
  }

  @Test
  void anOldRunGoesOn() throws IOException {
    Path data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "train", "validation");
    Path run = folder.resolve("run");
    Files.createDirectories(run.resolve(Runs.STATE).getParent());
    String recipe = new String(stored("recipe.json"), StandardCharsets.UTF_8);
    Files.writeString(run.resolve("recipe.json"), recipe.replace("DATA", data.toString()));
    Files.write(run.resolve(Runs.STATE), stored("state.safetensors.gz"));
    JsonObject old = JsonParser.parseString(recipe).getAsJsonObject();
    assertEquals(1, old.get("format").getAsInt());

    long seen =
        DiffusionTrainer.builder()
            .setModel(ModelConfig.fromJson(old.get("model").toString(), "model"))
            .setData(data)
            .setRun(run)
            .optConfig(TinyViews.shortRun(TrainingConfig.diffusion()))
            .build()
            .train();
    assertEquals(48, seen);

    JsonObject now =
        JsonParser.parseString(Files.readString(run.resolve("recipe.json"))).getAsJsonObject();
    assertEquals(2, now.get("format").getAsInt());
    assertEquals(
        48, now.getAsJsonObject("training").getAsJsonObject("run").get("maxSamples").getAsInt());
    Path expected = folder.resolve("expected.safetensors");
    Files.write(expected, stored("model.safetensors.gz"));
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        Safetensors one = Safetensors.open(expected);
        Safetensors other = Safetensors.open(Runs.latest(run).resolve(ModelFolder.WEIGHTS))) {
      assertEquals(one.names(), other.names());
      for (String name : one.names()) {
        NDArray apart = one.read(manager, name).sub(other.read(manager, name)).abs().max();
        assertTrue(apart.getFloat() < 1e-4, () -> name + " is off by " + apart.getFloat());
      }
    }
  }
}
