package ai.fresnel.cvs.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.encoder.DinoV2;
import ai.fresnel.cvs.model.DinoConfig;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.PartConfig;
import ai.fresnel.cvs.model.PartFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.run.Runs;
import ai.fresnel.cvs.train.testing.TinyViews;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains beside an encoder that comes from a folder of its own. */
class ImportedEncoderTest {

  private static final DinoConfig SIZES = new DinoConfig(16, 1, 2, 5, 1);

  @TempDir Path folder;

  private Path data;
  private Path encoder;

  @BeforeEach
  void write() throws IOException {
    data = folder.resolve("views");
    TinyViews.write(data, 4, "train", "validation");
    encoder = folder.resolve("encoder");
    try (NDManager manager = TorchRuntime.newManager(Device.cpu())) {
      DinoV2 dino = DinoV2.of(SIZES);
      // No seed of a run.
      Weights.initialize(dino, manager, 99);
      PartFolder.write(
          encoder,
          new PartConfig.Dino(SIZES),
          Safetensors.content(Weights.arrays(dino), ModelFolder.METADATA),
          Provenance.builder().data("none").created(Instant.EPOCH).build());
    }
  }

  private DiffusionTrainer.Builder trainer(Path run) {
    ModelConfig model =
        TinyViews.model().toBuilder()
            .codec(c -> c.withFold(1))
            .conditioner(c -> c.withTokenGrid(16))
            .build();
    return Runs.teacher(data, run).setModel(model).optEncoder(encoder);
  }

  @Test
  void itsWeightsStayAsTheyWereImported() throws IOException {
    Path run = folder.resolve("run");
    assertEquals(8, trainer(run).optStop(Runs.after(2)).build().train());
    assertEquals(16, trainer(run).optStop(Runs.after(2)).build().train());
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        ModelFolder trained = ModelFolder.open(Runs.latest(run))) {
      assertEquals("dinov2_vit14_16x1x2_grid5_reg1", trained.config().conditioner().encoder());
      DinoV2 imported = DinoV2.of(SIZES);
      Weights.initialize(imported, manager, 0);
      try (PartFolder part = PartFolder.open(encoder)) {
        part.load(Weights.arrays(imported));
      }
      for (Map.Entry<String, NDArray> one : Weights.arrays(imported).entrySet()) {
        NDArray kept = trained.weights().read(manager, "dinov2." + one.getKey());
        assertArrayEquals(one.getValue().toFloatArray(), kept.toFloatArray(), one.getKey());
      }
    }
  }

  @Test
  void anotherFolderIsRefused() throws IOException {
    Path run = folder.resolve("run");
    IOException missing =
        assertThrows(IOException.class, () -> trainer(run).optEncoder(data).build().train());
    assertTrue(missing.getMessage().contains("part.json"), missing.getMessage());
    ModelConfig model = TinyViews.model();
    IllegalArgumentException grid =
        assertThrows(
            IllegalArgumentException.class, () -> trainer(run).setModel(model).build().train());
    assertEquals(
        "conditioner.tokens.grid is 4, expected 16 where encoder is"
            + " dinov2_vit14_16x1x2_grid5_reg1",
        grid.getMessage());
    assertThrows(IllegalStateException.class, () -> trainer(run).setFrom(data).build());
  }
}
