package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.diffusion.NullCondition;
import ai.fresnel.cvs.diffusion.TimestepSpacing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the presets and the format of a configuration. */
class ModelConfigTest {

  @ParameterizedTest
  @ValueSource(strings = {"tiny64", "small64", "base256"})
  void presetsSurviveJson(String name) throws Exception {
    ModelConfig config = ModelConfig.preset(name);
    String json = config.toJson();
    assertEquals(name, config.name());
    assertEquals(config, ModelConfig.fromJson(json, "config.json"));
    assertEquals(json, ModelConfig.fromJson(json, "config.json").toJson());
  }

  @Test
  void everySettingSurvivesJson() throws Exception {
    ModelConfig config = ModelConfigs.unusual();
    Map<String, Object> base =
        ModelConfigs.settings(
            ModelConfig.tiny64().toBuilder().conditioner(c -> c.withTokenGrid(8)).build(), "");
    Map<String, Object> odd = ModelConfigs.settings(config, "");
    assertTrue(base.keySet().containsAll(odd.keySet()));
    odd.forEach(
        (name, value) ->
            assertNotEquals(
                base.get(name),
                value,
                name + " must differ from the preset for this test to see it"));
    assertEquals(config, ModelConfig.fromJson(config.toJson(), "config.json"));
    assertEquals(config, config.toBuilder().build());
  }

  /** Those of the Zero123 family, with either autoencoder and either prediction. */
  static List<ModelConfig> published() {
    ModelConfig zero123 = ModelConfig.zero123();
    ConditionerConfig.Zero123 stable =
        new ConditionerConfig.Zero123(
            new ClipConfig(56, 14, 32, 2, 4, 64, 24), ConditionerConfig.FourthNumber.SOURCE_POLAR);
    SolverConfig solver =
        new SolverConfig(
            SolverConfig.Method.EULER,
            new TimestepSpacing.Trailing(),
            7,
            true,
            0,
            -0.5,
            NullCondition.AS_TRAINED);
    return List.of(
        zero123,
        zero123.toBuilder()
            .codec(c -> c.withAutoencoder(AutoencoderConfig.Taesd.stableDiffusion()))
            .conditioner(c -> ConditionerConfig.zero123(768, stable))
            .scaling(ScalingConfig.Discrete.of(ScalingConfig.Prediction.V, 0.001, 0.02, 500))
            .sampling(s -> s.withSolver(solver))
            .build(),
        ModelConfig.builder("latent", 64)
            .codec(c -> c.withAutoencoder(AutoencoderConfig.KlVae.stableDiffusion()))
            .unet(u -> u.channels(32, 32))
            .build());
  }

  @ParameterizedTest
  @MethodSource("published")
  void publishedShapesSurviveJson(ModelConfig config) throws Exception {
    assertEquals(config, ModelConfig.fromJson(config.toJson(), "config.json"));
    assertEquals(config, config.toBuilder().build());
  }

  @Test
  void theFormatsPageNamesEverySetting() throws Exception {
    // Maven runs tests in the module's folder.
    String page = Files.readString(Path.of("..", "docs", "formats.md"));
    Set<String> settings =
        new TreeSet<>(ModelConfigs.settings(ModelConfigs.unusual(), "").keySet());
    for (ModelConfig config : published()) {
      settings.addAll(ModelConfigs.settings(config, "").keySet());
    }
    for (String setting : settings) {
      String name = setting.startsWith("unet.attention.heads.") ? "unet.attention.heads" : setting;
      name = setting.startsWith("sampling.solver.spacing.") ? "sampling.solver.spacing" : name;
      assertTrue(page.contains("| `" + name + "` |"), name);
    }
    for (var level : UNetConfig.Level.class.getRecordComponents()) {
      assertTrue(page.contains("`" + level.getName() + "`"), level.getName());
    }
    for (var field : Provenance.class.getRecordComponents()) {
      assertTrue(page.contains("| `" + field.getName() + "` |"), field.getName());
    }
  }

  @Test
  void presetsHaveTheLevelsOfTheDesign() {
    ModelConfig base = ModelConfig.base256();
    assertEquals(4, base.levels());
    assertEquals(64, base.gridSize(0));
    assertEquals(8, base.gridSize(3));
    assertEquals(
        List.of(0, 0, 3, 2),
        base.unet().levels().stream().map(UNetConfig.Level::attentionDepth).toList());
    assertThrows(IndexOutOfBoundsException.class, () -> base.gridSize(4));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ModelConfig.preset("huge"));
    assertEquals(
        "preset is \"huge\", expected tiny64, small64, base256 or latent256", e.getMessage());
  }

  @Test
  void defaultFewStepSigmasStartAtSigmaMaxAndFollowTheNoiseRange() {
    ModelConfig config = ModelConfig.tiny64();
    assertEquals(List.of(80.0), config.fewStepSigmas().get(1));
    assertEquals(2.515, config.fewStepSigmas().get(2).get(1), 1e-3);
    assertEquals(4, config.fewStepSigmas().lastKey());
    ModelConfig narrower = config.toBuilder().noise(n -> n.withRange(0.002, 40)).build();
    assertEquals(40.0, narrower.fewStepSigmas().get(4).get(0));
  }

  @Test
  void listsAreCopied() {
    List<Integer> channels = new ArrayList<>(List.of(96, 128, 192));
    VolumeConfig volume = new VolumeConfig(channels, 1, 1, 16, 8, false);
    ModelConfig config =
        ModelConfig.tiny64().toBuilder().conditioner(c -> c.withVolume(volume)).build();
    channels.set(0, 32);
    assertEquals(96, config.volume().channels().get(0));
    assertThrows(UnsupportedOperationException.class, () -> config.volume().channels().add(1));
    assertThrows(UnsupportedOperationException.class, () -> config.unet().levels().clear());
    assertThrows(UnsupportedOperationException.class, () -> config.fewStepSigmas().clear());
  }
}
