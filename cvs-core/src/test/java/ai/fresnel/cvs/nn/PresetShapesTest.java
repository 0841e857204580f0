package ai.fresnel.cvs.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;

import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The presets' U-Nets as they always were: model folders hold these names and shapes. The lists
 * were written before the U-Net had a configuration of its own.
 */
class PresetShapesTest {

  @ParameterizedTest
  @CsvSource({
    "tiny64, 130, 438723072, 14761984, 28049408",
    "small64, 34, 1108926976, 14761984, 41549824",
    "base256, 162, 49428513792, 235962368, 3187671040"
  })
  void namesShapesAndCostStay(String preset, int in, long unetCost, long refine, long detail)
      throws IOException {
    ModelConfig config = ModelConfig.preset(preset);
    int out = config.codec().foldedChannels();
    int tokens = config.tokens().count();
    UNet unet = new UNet(config.unet(), in, out, config.gridSize(0), tokens);
    List<String> actual =
        Weights.parameters(unet).entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue().getShape())
            .toList();
    assertIterableEquals(list("unet-" + preset + ".txt"), actual);
    assertEquals(unetCost, unet.multiplyAdds());
    ViewModel network = new ViewModel(config);
    assertEquals(refine, network.multiplyAdds().get("refine"));
    assertEquals(detail, network.multiplyAdds().get("detail"));
  }

  private static List<String> list(String name) throws IOException {
    try (InputStream in = PresetShapesTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
