package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {

  @ParameterizedTest
  @ValueSource(strings = {"tiny64", "base256"})
  void presetsSurviveJson(String name) throws Exception {
    ModelConfig config = ModelConfig.preset(name);
    String json = config.toJson();
    assertEquals(name, config.name());
    assertEquals(config, ModelConfig.fromJson(json, "config.json"));
    assertEquals(json, ModelConfig.fromJson(json, "config.json").toJson());
  }

  @Test
  void everySettingSurvivesJson() throws Exception {
    ModelConfig config = unusual();
    ModelConfig base = ModelConfig.tiny64().toBuilder().tokenGrid(8).build();
    for (var setting : ModelConfig.class.getRecordComponents()) {
      assertNotEquals(
          setting.getAccessor().invoke(base),
          setting.getAccessor().invoke(config),
          setting.getName() + " must differ from the preset for this test to see it");
    }
    assertEquals(config, ModelConfig.fromJson(config.toJson(), "config.json"));
    assertEquals(config, config.toBuilder().build());
  }

  private static ModelConfig unusual() {
    return new ModelConfig(
        "odd_1.x",
        ModelConfig.Kind.CONSISTENCY,
        96,
        4,
        1,
        2,
        List.of(48, 96),
        3,
        List.of(2, 5),
        16,
        8,
        130,
        77,
        List.of(8, 16),
        16,
        List.of(16, 32),
        6,
        9,
        12,
        true,
        "dinov2_vitl14",
        true,
        0.3333333333333333,
        0.01,
        40,
        5,
        -0.7,
        1.05,
        0.625,
        new TreeMap<>(Map.of(1, List.of(40.0), 3, List.of(40.0, 2.5, 0.1))));
  }

  /** Folders written before there was a depth head or a volume have none. */
  @Test
  void aConfigurationOlderThanASettingHasNone() throws Exception {
    ModelConfig plain = ModelConfig.tiny64().toBuilder().depthHead(false).volumeChannels().build();
    String older =
        plain
            .toJson()
            .replaceFirst(" *\"depthHead\": false,\n", "")
            .replaceFirst(" *\"volumeChannels\": \\[],\n", "")
            .replaceFirst(" *\"volumeSlices\": 16,\n", "")
            .replaceFirst(" *\"volumeFeatures\": 8,\n", "");
    assertEquals(plain.toJson().lines().count() - 4, older.lines().count());
    assertEquals(plain, ModelConfig.fromJson(older, "config.json"));
  }

  /** Folders written while there was a lift name its settings. */
  @Test
  void aLiftIsReadOnlyWhereThereWasNone() throws Exception {
    ModelConfig config = ModelConfig.small64();
    String lift = "\"liftChannels\": %d, \"liftSamples\": 16, \"volumeSlices\": ";
    String json = config.toJson();
    String older = json.replace("\"volumeSlices\": ", String.format(lift, 0));
    assertNotEquals(json, older);
    assertEquals(config, ModelConfig.fromJson(older, "config.json"));
    assertEquals(json, ModelConfig.fromJson(older, "config.json").toJson());
    refusedJson(
        json.replace("\"volumeSlices\": ", String.format(lift, 32)),
        "liftChannels is 32, expected 0: the lift is no longer supported");
    refusedJson(
        older.replace("\"liftSamples\": 16", "\"liftSamples\": []"),
        "liftSamples is [], expected an integer");
  }

  @Test
  void thePageOnFilesNamesEverySetting() throws Exception {
    // Maven runs tests in the module's folder.
    String page = Files.readString(Path.of("..", "docs", "formats.md"));
    for (var setting : ModelConfig.class.getRecordComponents()) {
      assertTrue(page.contains("| `" + setting.getName() + "` |"), setting.getName());
    }
    for (var field : Provenance.class.getRecordComponents()) {
      assertTrue(page.contains("| `" + field.getName() + "` |"), field.getName());
    }
  }

  @Test
  void presetsHaveTheDesignsLevels() {
    ModelConfig base = ModelConfig.base256();
    assertEquals(4, base.levels());
    assertEquals(64, base.gridSize(0));
    assertEquals(8, base.gridSize(3));
    assertEquals(List.of(0, 0, 3, 2), base.attentionDepth());
    assertThrows(IndexOutOfBoundsException.class, () -> base.gridSize(4));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ModelConfig.preset("huge"));
    assertEquals("preset is \"huge\", expected tiny64, small64 or base256", e.getMessage());
  }

  @Test
  void defaultFewStepLevelsStartAtSigmaMaxAndFollowTheNoiseRange() {
    ModelConfig config = ModelConfig.tiny64();
    assertEquals(List.of(80.0), config.fewStepSigmas().get(1));
    assertEquals(2.515, config.fewStepSigmas().get(2).get(1), 1e-3);
    assertEquals(4, config.fewStepSigmas().lastKey());
    ModelConfig narrower = config.toBuilder().sigmaMax(40).build();
    assertEquals(40.0, narrower.fewStepSigmas().get(4).get(0));
  }

  @Test
  void chosenFewStepLevelsAreKeptAndCheckedAgainstTheRange() {
    ModelConfig config =
        ModelConfig.tiny64().toBuilder()
            .fewStepSigmas(new TreeMap<>(Map.of(2, List.of(80.0, 0.8))))
            .build();
    assertEquals(List.of(80.0, 0.8), config.toBuilder().rho(5).build().fewStepSigmas().get(2));
    refused(config.toBuilder().sigmaMax(40), "fewStepSigmas[2] is [80.0, 0.8], expected levels");
  }

  @Test
  void listsAreCopied() {
    List<Integer> channels = new ArrayList<>(List.of(96, 128, 192));
    ModelConfig config = ModelConfig.tiny64().toBuilder().channels(channels).build();
    channels.set(0, 32);
    assertEquals(96, config.channels().get(0));
    assertThrows(UnsupportedOperationException.class, () -> config.channels().add(1));
    assertThrows(UnsupportedOperationException.class, () -> config.fewStepSigmas().clear());
  }

  @Test
  void settingsOutOfRangeAreRefusedByNameValueAndRange() {
    changed(b -> b.name("a/b"), "name is a/b, expected 1 to 64 letters");
    changed(b -> b.name(null), "name is null, expected");
    changed(b -> b.kind(null), "kind is null, expected DIFFUSION or CONSISTENCY");
    changed(b -> b.pictureSize(4096), "pictureSize is 4096, expected 8 to 2048");
    changed(b -> b.pictureSize(72), "pictureSize is 72, expected a multiple of 16 (fold 4, 3 lev");
    changed(b -> b.pictureChannels(0), "pictureChannels is 0, expected 1 to 64");
    changed(b -> b.chromaGain(0.5), "chromaGain is 0.5, expected 1.0 to 16.0");
    changed(b -> b.chromaGain(Double.NaN), "chromaGain is NaN, expected 1.0 to 16.0");
    changed(b -> b.pictureChannels(4), "chromaGain is 4.0, expected 1 where pictureChannels is 4");
    changed(b -> b.fold(3), "fold is 3, expected a power of two");
    changed(b -> b.channels(), "channels is [], expected 1 to 8 widths");
    changed(b -> b.channels((List<Integer>) null), "channels is null, expected a list");
    changed(b -> b.channels(Arrays.asList(96, null, 32)), "channels is [96, null, 32], expected");
    changed(b -> b.channels(96, 16384, 192), "channels[1] is 16384, expected 1 to 8192");
    changed(b -> b.channels(96, 100, 192), "channels[1] is 100, expected a multiple of groups, wh");
    changed(b -> b.detailChannels(96, 100), "detailChannels[1] is 100, expected a multiple of gro");
    changed(b -> b.layers(65), "layers is 65, expected 1 to 64");
    changed(b -> b.attentionDepth(1, 1), "attentionDepth is [1, 1], expected as many values as ch");
    changed(b -> b.attentionDepth(1, -1, 0), "attentionDepth[1] is -1, expected 0 to 64");
    changed(b -> b.headChannels(36), "channels[1] is 128, expected a multiple of headChannels, wh");
    changed(b -> b.groups(0), "groups is 0, expected 1 to 1024");
    changed(b -> b.embeddingChannels(255), "embeddingChannels is 255, expected an even number");
    changed(b -> b.tokenChannels(9000), "tokenChannels is 9000, expected 1 to 8192");
    changed(
        b -> b.tokenGrid(15), "tokenGrid is 15, expected a divisor of pictureSize, which is 64");
    changed(b -> b.volumeSlices(1), "volumeSlices is 1, expected 2 to 256");
    changed(b -> b.volumeChannels(32, 33), "volumeChannels[1] is 33, expected a multiple of group");
    changed(b -> b.volumeChannels(32).volumeFeatures(2), "volumeFeatures is 2, expected 3 to 256");
    changed(
        b -> b.volumeChannels(32, 32, 32, 32, 32, 32),
        "volumeChannels is [32, 32, 32, 32, 32, 32], expected levels that halve 16 positions");
    changed(b -> b.refineChannels(-1), "refineChannels is -1, expected 0 to 8192");
    changed(
        b -> b.pictureSize(2048).attentionDepth(0, 0, 0).volumeChannels().refineChannels(128),
        "refineChannels · pictureSize² is 536870912, expected 0 to 268435456");
    changed(b -> b.encoder("clip"), "encoder is clip, expected one of none, dinov2_vits14");
    changed(b -> b.encoder("dinov2_vits14").tokenGrid(8), "tokenGrid is 8, expected 16 where");
    changed(b -> b.sigmaData(0), "sigmaData is 0.0, expected 0.001 to 100.0");
    changed(b -> b.sigmaMin(90), "sigmaMin is 90.0, expected below sigmaMax, which is 80.0");
    changed(b -> b.sigmaMax(Double.NaN), "sigmaMax is NaN, expected");
    changed(b -> b.rho(0.5), "rho is 0.5, expected 1.0 to 100.0");
    changed(b -> b.noiseMean(Double.NEGATIVE_INFINITY), "noiseMean is -Infinity, expected");
    changed(b -> b.noiseDeviation(0), "noiseDeviation is 0.0, expected");
    changed(b -> b.temperature(1.1), "temperature is 1.1, expected 0.0 to 1.0");
    changed(b -> b.temperature(Double.NaN), "temperature is NaN, expected 0.0 to 1.0");
    changed(b -> b.fewStepSigmas(new TreeMap<>(Map.of(0, List.of()))), "fewStepSigmas: number of");
    changed(b -> b.fewStepSigmas(new TreeMap<>(Map.of(2, List.of(80.0)))), "fewStepSigmas[2] is");
    changed(
        b -> b.fewStepSigmas(new TreeMap<>(Map.of(2, List.of(80.0, 80.0)))), "fewStepSigmas[2] is");
    changed(
        b -> b.fewStepSigmas(new TreeMap<>(Map.of(2, List.of(80.0, 0.002)))),
        "fewStepSigmas[2] is");
  }

  @Test
  void settingsThatTogetherAskForTooMuchAreRefused() {
    changed(
        b -> b.channels(8192, 8192, 8192).layers(64).attentionDepth(64, 64, 64), "parameters (est");
    changed(
        b -> b.pictureSize(2048).fold(1).tokenGrid(16).attentionDepth(0, 0, 0).channels(96, 96, 96),
        "channels[0] · positions is 402653184, expected 1 to 268435456");
    changed(
        b -> b.pictureSize(1024).attentionDepth(1, 1, 0),
        "attentionDepth[0] is 1, expected 0 where a level has more");
    changed(
        b -> b.pictureChannels(64).chromaGain(1).fold(16).channels(96).attentionDepth(0),
        "pictureChannels · fold² is 16384, expected 1 to 8192");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"formatVersion\": 1|\"formatVersion\": 2|written in format version 2, newer than version 1",
        "\"formatVersion\": 1|\"formatVersion\": 0|formatVersion is 0, expected 1 to 1",
        "\"formatVersion\": 1,|``|formatVersion is missing",
        "\"layers\": 1,|``|layers is missing",
        "\"layers\": 1,|\"layers\": 1, \"depth\": 2,|unknown setting \"depth\"",
        "\"layers\": 1,|\"layers\": 1, \"layers\": 1,|\"layers\" is there twice",
        "\"layers\": 1|\"layers\": 1.0|layers is 1.0, expected an integer",
        "\"layers\": 1|\"layers\": 1e999999999|layers is 1e999999999, expected an integer",
        "\"layers\": 1|\"layers\": 4294967297|layers is 4294967297, expected a 32-bit integer",
        "\"layers\": 1|\"layers\": \"1\"|layers is \"1\", expected an integer",
        "\"layers\": 1|\"layers\": null|layers is null, expected an integer",
        "\"layers\": 1|\"layers\": 65|layers is 65, expected 1 to 64",
        "\"sigmaData\": 0.5|\"sigmaData\": true|sigmaData is true, expected a number",
        "\"sigmaData\": 0.5|\"sigmaData\": NaN|not JSON",
        "\"sigmaData\": 0.5|\"sigmaData\": 1e400|sigmaData is 1e400, expected a number",
        "\"guidanceInput\": false|\"guidanceInput\": 0|guidanceInput is 0, expected true or false",
        "\"encoder\": \"none\"|\"encoder\": 3|encoder is 3, expected a string",
        "\"kind\": \"DIFFUSION\"|\"kind\": \"GAN\"|kind is \"GAN\", expected DIFFUSION or",
        "\"channels\": [|\"channels\": [null, |channels[0] is null, expected an integer",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"x\": [80],|has \"x\", expected a number of",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"5\": 80,|fewStepSigmas[5] is 80, expected a li",
      })
  void damagedJsonIsRefusedByNameOfTheSetting(String find, String replacement, String message) {
    String json = ModelConfig.tiny64().toJson();
    assertTrue(json.contains(find), find);
    refusedJson(json.replace(find, replacement), message);
  }

  @Test
  void textThatIsNoJsonObjectIsRefused() {
    String json = ModelConfig.tiny64().toJson();
    refusedJson("", "not JSON");
    refusedJson("[]", "is [], expected an object");
    refusedJson(json + "{}", "");
    refusedJson(json.substring(0, json.length() - 3), "not JSON");
    refusedJson("// comment\n" + json, "not JSON");
    refusedJson("{\"a\":" + "[".repeat(100_000), "nested more than 64 deep");
  }

  private static void refusedJson(String json, String message) {
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class, () -> ModelConfig.fromJson(json, "models/x/config.json"));
    assertTrue(e.getMessage().startsWith("models/x/config.json"), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  private static void changed(UnaryOperator<ModelConfigBuilder> change, String message) {
    refused(change.apply(ModelConfig.tiny64().toBuilder()), message);
  }

  private static void refused(ModelConfigBuilder builder, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, builder::build, message);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
