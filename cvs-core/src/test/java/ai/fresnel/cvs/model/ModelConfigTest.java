package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    ModelConfig config = unusual();
    Map<String, Object> base =
        settings(ModelConfig.tiny64().toBuilder().conditioner(c -> c.withTokenGrid(8)).build(), "");
    Map<String, Object> odd = settings(config, "");
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

  /** Settings by their paths; heads are the same kind in both. */
  private static Map<String, Object> settings(Record group, String path) throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    for (RecordComponent setting : group.getClass().getRecordComponents()) {
      Object value = setting.getAccessor().invoke(group);
      value = value instanceof Optional<?> optional ? optional.orElseThrow() : value;
      if (value instanceof Record inner) {
        all.putAll(settings(inner, path + setting.getName() + "."));
      } else {
        all.put(path + setting.getName(), value);
      }
    }
    return all;
  }

  private static ModelConfig unusual() {
    return new ModelConfig(
        "odd_1.x",
        ModelConfig.Kind.CONSISTENCY,
        new CodecConfig(96, 4, 1, 2),
        new ConditionerConfig(
            new DetailConfig(List.of(8, 16), 3),
            new TokensConfig(16, 77),
            Optional.of(new VolumeConfig(List.of(16, 32), 6, 9)),
            "dinov2_vitl14",
            true),
        new UNetConfig(
            List.of(new UNetConfig.Level(48, 3, 2), new UNetConfig.Level(96, 3, 5)),
            4,
            new UNetConfig.Attention(
                new UNetConfig.HeadChannels(16), 77, false, new UNetConfig.Norm(16, 1e-6)),
            new UNetConfig.Norm(8, 1e-4),
            UNetConfig.Modulation.SHIFT,
            130,
            false,
            false),
        new HeadsConfig(12, true),
        new ScalingConfig.Edm(0.3333333333333333, new NoiseConfig(0.01, 40, 5, -0.7, 1.05)),
        new SamplingConfig(
            0.625, new TreeMap<>(Map.of(1, List.of(40.0), 3, List.of(40.0, 2.5, 0.1)))));
  }

  private static String text(String resource) throws Exception {
    try (InputStream in = ModelConfigTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** In format version 1 settings stood side by side. */
  @Test
  void versionOneIsReadIntoTheTree() throws Exception {
    UNetConfig.Norm norm = new UNetConfig.Norm(8, 1e-5);
    ModelConfig expected =
        unusual().toBuilder()
            .unet(
                u ->
                    u.groups(8)
                        .middleAttentionDepth(5)
                        .linearProjection(true)
                        .modulation(UNetConfig.Modulation.SCALE_AND_SHIFT)
                        .poseJoin(true)
                        .skipHead(true))
            .build();
    assertEquals(norm, expected.unet().norm());
    assertEquals(norm, expected.unet().attention().norm());
    assertEquals(expected, ModelConfig.fromJson(text("config-version1.json"), "config.json"));
  }

  /** The bundled model's file is of version 1. */
  @Test
  void theBundledConfigurationIsSmall64() throws Exception {
    String json = text("/ai/fresnel/cvs/bundled/config.json");
    assertTrue(json.contains("\"formatVersion\": 1,"));
    assertEquals(
        ModelConfig.small64().toBuilder()
            .kind(ModelConfig.Kind.CONSISTENCY)
            .sigmaData(0.485)
            .sampling(s -> s.withTemperature(0.85))
            .build(),
        ModelConfig.fromJson(json, "config.json"));
  }

  /** Folders written before there was a depth head or a volume have none. */
  @Test
  void aConfigurationOlderThanASettingHasNone() throws Exception {
    String json = text("config-version1.json");
    String older =
        json.replaceFirst(" *\"depthHead\": true,\n", "")
            .replaceFirst(" *\"volumeChannels\": \\[[^\\]]*],\n", "")
            .replaceFirst(" *\"volumeSlices\": 6,\n", "")
            .replaceFirst(" *\"volumeFeatures\": 9,\n", "");
    assertEquals(json.lines().count() - 7, older.lines().count());
    ModelConfig plain =
        ModelConfig.fromJson(json, "config.json").toBuilder()
            .conditioner(c -> c.withoutVolume())
            .heads(h -> h.withDepth(false))
            .build();
    assertEquals(plain, ModelConfig.fromJson(older, "config.json"));
    String none = json.replaceFirst("\"volumeChannels\": \\[[^\\]]*]", "\"volumeChannels\": []");
    assertFalse(ModelConfig.fromJson(none, "config.json").hasVolume());
  }

  /** Folders written while there was a lift name its settings. */
  @Test
  void aLiftIsReadOnlyWhereThereWasNone() throws Exception {
    String json = text("config-version1.json");
    ModelConfig config = ModelConfig.fromJson(json, "config.json");
    String lift = "\"liftChannels\": %d, \"liftSamples\": 16, \"volumeSlices\": ";
    String older = json.replace("\"volumeSlices\": ", String.format(lift, 0));
    assertNotEquals(json, older);
    assertEquals(config, ModelConfig.fromJson(older, "config.json"));
    refusedJson(
        json.replace("\"volumeSlices\": ", String.format(lift, 32)),
        "liftChannels is 32, expected 0: the lift is no longer supported");
    refusedJson(
        older.replace("\"liftSamples\": 16", "\"liftSamples\": []"),
        "liftSamples is [], expected an integer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"layers\": 3,|``|layers is missing",
        "\"layers\": 3,|\"layers\": 3, \"depth\": 2,|unknown setting \"depth\"",
        "\"layers\": 3,|\"layers\": 3, \"layers\": 3,|\"layers\" is there twice",
        "\"layers\": 3|\"layers\": 3.0|layers is 3.0, expected an integer",
        "\"layers\": 3|\"layers\": 65|blocks is 65, expected 1 to 64 (read from version 1)",
        "\"kind\": \"CONSISTENCY\"|\"kind\": \"GAN\"|kind is \"GAN\", expected DIFFUSION or",
        "\"pictureSize\": 96|\"pictureSize\": 4|codec.imageSize is 4, expected 8 to 2048",
        "\"fold\": 2|\"fold\": \"2\"|fold is \"2\", expected an integer",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"x\": [80],|expected numbers of passes",
        "\"guidanceInput\": true|\"guidanceInput\": 1|guidanceInput is 1, expected true or false",
      })
  void damagedVersionOneIsRefusedByNameOfTheSetting(String find, String replacement, String message)
      throws Exception {
    String json = text("config-version1.json");
    assertTrue(json.contains(find), find);
    refusedJson(json.replace(find, replacement), message);
  }

  @Test
  void thePageOnFilesNamesEverySetting() throws Exception {
    // Maven runs tests in the module's folder.
    String page = Files.readString(Path.of("..", "docs", "formats.md"));
    for (String setting : settings(unusual(), "").keySet()) {
      String name = setting.startsWith("unet.attention.heads.") ? "unet.attention.heads" : setting;
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
  void presetsHaveTheDesignsLevels() {
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
    assertEquals("preset is \"huge\", expected tiny64, small64 or base256", e.getMessage());
  }

  @Test
  void defaultFewStepLevelsStartAtSigmaMaxAndFollowTheNoiseRange() {
    ModelConfig config = ModelConfig.tiny64();
    assertEquals(List.of(80.0), config.fewStepSigmas().get(1));
    assertEquals(2.515, config.fewStepSigmas().get(2).get(1), 1e-3);
    assertEquals(4, config.fewStepSigmas().lastKey());
    ModelConfig narrower = config.toBuilder().noise(n -> n.withRange(0.002, 40)).build();
    assertEquals(40.0, narrower.fewStepSigmas().get(4).get(0));
  }

  @Test
  void chosenFewStepLevelsAreKeptAndCheckedAgainstTheRange() {
    ModelConfig config =
        ModelConfig.tiny64().toBuilder()
            .sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 0.8))))
            .build();
    assertEquals(
        List.of(80.0, 0.8),
        config.toBuilder().noise(n -> n.withRho(5)).build().fewStepSigmas().get(2));
    refused(
        () -> config.toBuilder().noise(n -> n.withRange(0.002, 40)).build(),
        "sampling.fewStepSigmas[2] is [80.0, 0.8], expected sigmas");
  }

  @Test
  void listsAreCopied() {
    List<Integer> channels = new ArrayList<>(List.of(96, 128, 192));
    VolumeConfig volume = new VolumeConfig(channels, 16, 8);
    ModelConfig config =
        ModelConfig.tiny64().toBuilder().conditioner(c -> c.withVolume(volume)).build();
    channels.set(0, 32);
    assertEquals(96, config.volume().channels().get(0));
    assertThrows(UnsupportedOperationException.class, () -> config.volume().channels().add(1));
    assertThrows(UnsupportedOperationException.class, () -> config.unet().levels().clear());
    assertThrows(UnsupportedOperationException.class, () -> config.fewStepSigmas().clear());
  }

  @Test
  void settingsOutOfRangeAreRefusedByNameValueAndRange() {
    changed(b -> b.name("a/b"), "name is a/b, expected 1 to 64 letters");
    changed(b -> b.name(null), "name is null, expected");
    changed(b -> b.kind(null), "kind is null, expected DIFFUSION or CONSISTENCY");
    changed(b -> b.heads(h -> h.withRefineChannels(-1)), "heads.refineChannels is -1, expected 0");
    codec(c -> c.withImageSize(4096), "imageSize is 4096, expected 8 to 2048");
    codec(c -> c.withImageSize(72), "imageSize is 72, expected a multiple of 16 (fold 4, 3 lev");
    codec(c -> c.withChannels(0), "channels is 0, expected 1 to 64");
    codec(c -> c.withChromaGain(0.5), "chromaGain is 0.5, expected 1.0 to 16.0");
    codec(c -> c.withChromaGain(Double.NaN), "chromaGain is NaN, expected 1.0 to 16.0");
    codec(c -> c.withChannels(4), "chromaGain is 4.0, expected 1 where channels is 4");
    codec(c -> c.withFold(3), "fold is 3, expected a power of two");
    unet(u -> u.channels(), "levels is [], expected 1 to 8 levels");
    unet(u -> u.channels(96, 16384, 192), "levels[1].channels is 16384, expected 1 to 8192");
    unet(u -> u.channels(96, 100, 192), "levels[1].channels is 100, expected a multiple of 32 gr");
    unet(u -> u.blocks(65), "levels[0].blocks is 65, expected 1 to 64");
    unet(u -> u.blocks(1, 1), "levels[0].blocks is [1, 1], expected one value, or as many as chan");
    unet(u -> u.attentionDepth(1, 1), "levels[0].attentionDepth is [1, 1], expected one value, or");
    unet(u -> u.attentionDepth(1, -1, 0), "levels[1].attentionDepth is -1, expected 0 to 64");
    unet(u -> u.headChannels(36), "levels[1].channels is 128, expected a width for HeadChannels");
    unet(u -> u.groups(0), "groups is 0, expected 1 to 1024");
    unet(u -> u.embeddingChannels(255), "embeddingChannels is 255, expected an even number");
    conditioner(c -> c.withDetailChannels(), "detail.channels is [], expected 1 to 8 widths");
    conditioner(c -> c.withDetailChannels(96, 100), "detail.channels[1] is 100, expected a multip");
    conditioner(c -> c.withTokenChannels(9000), "tokens.channels is 9000, expected 1 to 8192");
    conditioner(
        c -> c.withTokenGrid(15),
        "tokens.grid is 15, expected a divisor of codec.imageSize, which");
    conditioner(c -> c.withEncoder("clip"), "encoder is clip, expected one of none, dinov2_vits14");
    conditioner(
        c -> c.withTokenGrid(8).withEncoder("dinov2_vits14"),
        "tokens.grid is 8, expected 16 where");
    volume(v -> v.withSlices(1), "slices is 1, expected 2 to 256");
    volume(
        v -> VolumeConfig.of(32, 33), "volume.channels[1] is 33, expected a multiple of unet.no");
    volume(v -> v.withFeatures(2), "volume.features is 2, expected 3 to 256");
    volume(
        v -> VolumeConfig.of(32, 32, 32, 32, 32, 32),
        "volume.channels is [32, 32, 32, 32, 32, 32], expected levels that halve 16 positions");
    changed(
        b ->
            b.codec(c -> c.withImageSize(2048))
                .unet(u -> u.attentionDepth(0))
                .conditioner(c -> c.withoutVolume())
                .heads(h -> h.withRefineChannels(128)),
        "heads.refineChannels · codec.imageSize² is 536870912, expected 0 to 268435456");
    changed(b -> b.sigmaData(0), "scaling.sigmaData is 0.0, expected 0.001 to 100.0");
    noise(n -> n.withRange(90, 80), "sigmaMin is 90.0, expected below sigmaMax, which is 80.0");
    noise(n -> n.withRange(0.002, Double.NaN), "sigmaMax is NaN, expected");
    noise(n -> n.withRho(0.5), "rho is 0.5, expected 1.0 to 100.0");
    noise(n -> n.withMean(Double.NEGATIVE_INFINITY), "mean is -Infinity, expected");
    noise(n -> n.withDeviation(0), "deviation is 0.0, expected");
    sampling(s -> s.withTemperature(1.1), "temperature is 1.1, expected 0.0 to 1.0");
    sampling(s -> s.withTemperature(Double.NaN), "temperature is NaN, expected 0.0 to 1.0");
    sampling(s -> s.withFewStepSigmas(Map.of(0, List.of())), "fewStepSigmas: number of");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0))), "fewStepSigmas[2] is");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 80.0))), "fewStepSigmas[2] is");
    sampling(s -> s.withFewStepSigmas(Map.of(2, List.of(80.0, 0.002))), "fewStepSigmas[2] is");
  }

  @Test
  void listsHoldNoNull() {
    refused(
        () -> new DetailConfig(Arrays.asList(96, null, 32), 1),
        "channels is [96, null, 32], expected");
    refused(() -> new DetailConfig(null, 1), "channels is null, expected a list");
  }

  @Test
  void settingsThatTogetherAskForTooMuchAreRefused() {
    changed(
        b -> b.unet(u -> u.channels(8192, 8192, 8192).blocks(64).attentionDepth(64)),
        "parameters (estimated");
    changed(
        b ->
            b.codec(c -> c.withImageSize(2048).withFold(1))
                .unet(u -> u.attentionDepth(0).channels(96, 96, 96)),
        "unet.levels[0].channels · positions is 402653184, expected 1 to 268435456");
    changed(
        b -> b.codec(c -> c.withImageSize(1024)).unet(u -> u.attentionDepth(1, 1, 0)),
        "unet.levels[0].attentionDepth is 1, expected 0 where a level has more");
    codec(
        c -> c.withChromaGain(1).withChannels(64).withFold(16),
        "channels · fold² is 16384, expected 1 to 8192");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"formatVersion\": 2|\"formatVersion\": 3|written in format version 3, newer than version 2",
        "\"formatVersion\": 2|\"formatVersion\": 0|formatVersion is 0, expected 1 to 2",
        "\"formatVersion\": 2,|``|formatVersion is missing",
        "\"fold\": 4|\"fol\": 4|codec: unknown setting \"fol\", expected one of imageSize",
        "\"slices\": 16,|``|conditioner.volume.slices is missing",
        "\"slices\": 16,|\"slices\": 16, \"depth\": 2,|unknown setting \"depth\"",
        "\"slices\": 16,|\"slices\": 16, \"slices\": 1,|conditioner.volume: \"slices\" is there twice",
        "\"slices\": 16|\"slices\": 16.0|conditioner.volume.slices is 16.0, expected an integer",
        "\"slices\": 16|\"slices\": 1e999999999|conditioner.volume.slices is 1e999999999, expected an integer",
        "\"slices\": 16|\"slices\": 4294967297|conditioner.volume.slices is 4294967297, expected a 32-bit integer",
        "\"slices\": 16|\"slices\": \"1\"|conditioner.volume.slices is \"1\", expected an integer",
        "\"slices\": 16|\"slices\": null|conditioner.volume.slices is null, expected an integer",
        "\"slices\": 16|\"slices\": 1|conditioner.volume.slices is 1, expected 2 to 256",
        "\"sigmaData\": 0.5|\"sigmaData\": true|sigmaData is true, expected a number",
        "\"sigmaData\": 0.5|\"sigmaData\": NaN|not JSON",
        "\"sigmaData\": 0.5|\"sigmaData\": 1e400|sigmaData is 1e400, expected a number",
        "\"guidanceInput\": false|\"guidanceInput\": 0|guidanceInput is 0, expected true or false",
        "\"encoder\": \"none\"|\"encoder\": 3|encoder is 3, expected a string",
        "\"kind\": \"DIFFUSION\"|\"kind\": \"GAN\"|kind is \"GAN\", expected DIFFUSION or",
        "\"channels\": [|\"channels\": [null, |detail.channels[0] is null, expected an integer",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"x\": [80]|has \"x\", expected an integer",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"5\": 80|fewStepSigmas[5] is 80, expected a li",
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

  private static void codec(UnaryOperator<CodecConfig> change, String message) {
    changed(b -> b.codec(change), "codec." + message);
  }

  private static void conditioner(UnaryOperator<ConditionerConfig> change, String message) {
    changed(b -> b.conditioner(change), "conditioner." + message);
  }

  private static void volume(UnaryOperator<VolumeConfig> change, String message) {
    conditioner(c -> c.withVolume(change.apply(c.volume().orElseThrow())), message);
  }

  private static void unet(UnaryOperator<UNetConfigBuilder> change, String message) {
    changed(b -> b.unet(change), "unet." + message);
  }

  private static void noise(UnaryOperator<NoiseConfig> change, String message) {
    changed(b -> b.noise(change), "scaling.noise." + message);
  }

  private static void sampling(UnaryOperator<SamplingConfig> change, String message) {
    changed(b -> b.sampling(change), "sampling." + message);
  }

  private static void changed(UnaryOperator<ModelConfigBuilder> change, String message) {
    refused(() -> change.apply(ModelConfig.tiny64().toBuilder()).build(), message);
  }

  private static void refused(Executable made, String message) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, made, message);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }
}
