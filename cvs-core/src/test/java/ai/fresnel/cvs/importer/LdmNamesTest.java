package ai.fresnel.cvs.importer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.Zero123Fixture;
import ai.fresnel.cvs.checkpoint.DiffusersNames;
import ai.fresnel.cvs.checkpoint.WeightFile;
import ai.fresnel.cvs.model.UNetConfig;
import ai.fresnel.cvs.model.UNetConfig.Level;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The checkpoint of latent diffusion holds the tensors of diffusers' folders, bit for bit. */
class LdmNamesTest {

  private static final List<String> FOLDERS =
      List.of(
          DiffusersNames.UNET,
          DiffusersNames.VAE,
          DiffusersNames.IMAGE_ENCODER,
          DiffusersNames.CC_PROJECTION);

  private static Path checkpoint() {
    return DinoImportTest.resource("zero123-tiny.ckpt");
  }

  @Test
  void theCheckpointHasTheFoldersTensors() throws IOException {
    LdmNames names = new LdmNames(Zero123Fixture.UNET, 4, false);
    LdmNames averaged = new LdmNames(Zero123Fixture.UNET, 4, true);
    Set<String> used = new HashSet<>();
    try (NDManager manager = TorchRuntime.newManager(Device.cpu());
        WeightFile file = WeightFile.openTraining(checkpoint());
        JoinedWeights folders = JoinedWeights.ofPipeline(Zero123Fixture.folder(), FOLDERS)) {
      for (String path : folders.names()) {
        String folder = path.substring(0, path.indexOf('/'));
        Origin origin = names.origin(folder, path.substring(folder.length() + 1));
        NDArray expected = folders.read(manager, path);
        assertEquals(expected.getShape(), origin.shape(file).orElseThrow(), path);
        assertArrayEquals(expected.toFloatArray(), origin.read(file, manager).toFloatArray(), path);
        assertEquals(folders.dataType(path), origin.dataType(file), path);
        used.addAll(origin.names());
        if (folder.equals(DiffusersNames.UNET)) {
          // The fixture's averages are half of the weights, rounded to float16's smallest number.
          NDArray half =
              averaged.origin(folder, path.substring(folder.length() + 1)).read(file, manager);
          assertArrayEquals(expected.mul(0.5f).toFloatArray(), half.toFloatArray(), 0x1p-24f, path);
        }
      }
      // Nothing of the four networks is left over.
      Set<String> left = new HashSet<>(file.names());
      left.removeAll(used);
      left.removeIf(name -> name.startsWith("model_ema."));
      assertEquals(
          Set.of(
              "betas",
              "alphas_cumprod",
              "cond_stage_model.model.logit_scale",
              "cond_stage_model.model.token_embedding.weight"),
          left);
    }
  }

  /** Numbers of blocks run on through levels of any depth, as OpenAIUNetModel makes them. */
  @Test
  void blocksAreNumberedThroughAllLevels() {
    UNetConfig base = Zero123Fixture.UNET;
    UNetConfig unet =
        new UNetConfig(
            List.of(new Level(8, 1, 0), new Level(16, 3, 1), new Level(16, 2, 1)),
            1,
            base.attention(),
            base.norm(),
            base.modulation(),
            32,
            false,
            false);
    LdmNames names = new LdmNames(unet, 3, false);
    String[][] cases = {
      {"down_blocks.0.resnets.0.conv1.weight", "input_blocks.1.0.in_layers.2.weight"},
      {"down_blocks.0.downsamplers.0.conv.bias", "input_blocks.2.0.op.bias"},
      {"down_blocks.1.attentions.2.norm.bias", "input_blocks.5.1.norm.bias"},
      {"down_blocks.1.downsamplers.0.conv.bias", "input_blocks.6.0.op.bias"},
      {"down_blocks.2.resnets.1.norm2.weight", "input_blocks.8.0.out_layers.0.weight"},
      {"up_blocks.0.resnets.2.conv_shortcut.bias", "output_blocks.2.0.skip_connection.bias"},
      {"up_blocks.0.upsamplers.0.conv.bias", "output_blocks.2.2.conv.bias"},
      {"up_blocks.1.resnets.3.conv2.bias", "output_blocks.6.0.out_layers.3.bias"},
      {"up_blocks.2.resnets.1.time_emb_proj.bias", "output_blocks.8.0.emb_layers.1.bias"},
      {"mid_block.resnets.1.conv1.bias", "middle_block.2.in_layers.2.bias"},
    };
    for (String[] one : cases) {
      assertEquals(
          new Origin.Whole("model.diffusion_model." + one[1]),
          names.origin(DiffusersNames.UNET, one[0]),
          one[0]);
    }
    assertEquals(
        new Origin.Whole("first_stage_model.decoder.up.2.block.0.nin_shortcut.bias"),
        names.origin(DiffusersNames.VAE, "decoder.up_blocks.0.resnets.0.conv_shortcut.bias"));
  }

  /** The configurations of the folders say the networks that the fixture was made with. */
  @Test
  void configurationsAreTheNetworks() throws IOException {
    Path root = Zero123Fixture.folder();
    assertEquals(Zero123Fixture.UNET, DiffusersConfigs.unet(read(root.resolve("unet"))));
    assertEquals(Zero123Fixture.VAE, DiffusersConfigs.vae(read(root.resolve("vae"))));
    assertEquals(Zero123Fixture.TAESD, DiffusersConfigs.taesd(read(root.resolve("taesd"))));
    assertEquals(Zero123Fixture.CLIP, DiffusersConfigs.clip(read(root.resolve("image_encoder"))));
    DiffusersConfigs.requireSchedule(
        ForeignConfig.read(root.resolve("scheduler").resolve("scheduler_config.json")));
  }

  private static ForeignConfig read(Path folder) throws IOException {
    return ForeignConfig.read(folder.resolve("config.json"));
  }
}
