package ai.fresnel.cvs.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ExportVerbTest extends CommandTest {

  private Path model(String recipe) throws IOException {
    Path model = folder.resolve("taught");
    ModelConfig config = RandomModel.config(ModelConfig.Kind.DIFFUSION, 16).build();
    RandomModel.write(model, config, recipe, (manager, weights) -> {});
    return model;
  }

  @Test
  void aNetworkTrainedInOnePassDrawsInOne() throws IOException {
    Path model = model("{\"training\": {\"stage\": {\"type\": \"denoising\", \"onePass\": 0.5}}}");
    Path out = folder.resolve("out");
    assertEquals(0, run("export", "--model", model + "", "--one-pass", "--out", out + ""), err);
    try (ModelFolder exported = ModelFolder.open(out)) {
      assertEquals(ModelConfig.Kind.CONSISTENCY, exported.config().kind());
      assertEquals(0, exported.config().sampling().temperature());
    }
  }

  @Test
  void aNetworkThatWasNotIsRefused() throws IOException {
    for (String recipe :
        new String[] {"{}", "{\"training\": {\"stage\": {\"type\": \"denoising\"}}}"}) {
      Path model = model(recipe);
      Path out = folder.resolve("out");
      assertEquals(1, run("export", "--model", model + "", "--one-pass", "--out", out + ""));
      assertTrue(err.contains("taught was not trained to draw in one pass, expected"), err);
      assertFalse(Files.exists(out));
    }
  }
}
