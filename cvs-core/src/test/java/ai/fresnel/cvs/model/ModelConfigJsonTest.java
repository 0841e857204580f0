package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests reading of a configuration in both format versions, and errors of damaged files. */
class ModelConfigJsonTest {

  /** Format version 1 is flat. */
  @Test
  void versionOneIsReadIntoTheTree() throws Exception {
    UNetConfig.Norm norm = new UNetConfig.Norm(8, 1e-5);
    ModelConfig expected =
        ModelConfigs.unusual().toBuilder()
            .conditioner(
                c -> c.withVolume(c.volume().orElseThrow().withDepth(1, 1).withResidual(false)))
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
    assertEquals(
        expected, ModelConfig.fromJson(ModelConfigs.text("config-version1.json"), "config.json"));
  }

  @Test
  void olderFoldersHaveNoResidual() throws Exception {
    JsonObject json = JsonParser.parseString(ModelConfigs.unusual().toJson()).getAsJsonObject();
    json.getAsJsonObject("conditioner").getAsJsonObject("volume").remove("residual");
    assertFalse(ModelConfig.fromJson(json.toString(), "config.json").volume().residual());
  }

  /** An error about a number leads to that number; sigmas are checked as a list. */
  @Test
  void errorsNameThePathOfTheSetting() {
    JsonObject json = JsonParser.parseString(ModelConfigs.unusual().toJson()).getAsJsonObject();
    List<String> paths = new ArrayList<>();
    numbers(json, "", paths);
    assertTrue(paths.contains("unet.attention.heads.channels"), paths.toString());
    for (String path : paths) {
      JsonObject changed = json.deepCopy();
      set(changed, path, new JsonPrimitive(-70000));
      String message =
          assertThrows(
                  ModelFormatException.class,
                  () -> ModelConfig.fromJson(changed.toString(), "config.json"))
              .getMessage();
      assertTrue(message.startsWith("config.json: " + path + " is -70000"), path + ": " + message);
    }
  }

  private static void numbers(JsonElement json, String path, List<String> paths) {
    if (json instanceof JsonObject object) {
      object
          .asMap()
          .forEach(
              (name, value) -> numbers(value, path.isEmpty() ? name : path + "." + name, paths));
    } else if (json instanceof JsonArray array) {
      for (int i = 0; i < array.size(); i++) {
        numbers(array.get(i), path + "[" + i + "]", paths);
      }
    } else if (json instanceof JsonPrimitive primitive
        && primitive.isNumber()
        && !path.contains("fewStepSigmas")) {
      paths.add(path);
    }
  }

  private static void set(JsonObject root, String path, JsonPrimitive value) {
    String[] names = path.replace("[", ".[").split("\\.", -1);
    JsonElement at = root;
    for (int i = 0; i < names.length; i++) {
      boolean last = i == names.length - 1;
      if (at instanceof JsonArray array) {
        int index = Integer.parseInt(names[i].substring(1, names[i].length() - 1));
        at = last ? array.set(index, value) : array.get(index);
      } else if (last) {
        at.getAsJsonObject().add(names[i], value);
      } else {
        at = at.getAsJsonObject().get(names[i]);
      }
    }
  }

  /** The bundled model is the preset. */
  @Test
  void theBundledConfigurationIsSmall64() throws Exception {
    String json = ModelConfigs.text("/ai/fresnel/cvs/bundled/config.json");
    assertTrue(json.contains("\"formatVersion\": 2,"));
    assertEquals(
        ModelConfig.small64().toBuilder()
            .kind(ModelConfig.Kind.CONSISTENCY)
            .sampling(s -> s.withTemperature(0))
            .build(),
        ModelConfig.fromJson(json, "config.json"));
  }

  /** Folders from before the depth head and the volume lack their settings. */
  @Test
  void anOlderConfigurationWithoutASettingHasItOff() throws Exception {
    String json = ModelConfigs.text("config-version1.json");
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

  /** Folders from the time of the lift name its settings. */
  @Test
  void aLiftIsRefusedUnlessItIsOff() throws Exception {
    String json = ModelConfigs.text("config-version1.json");
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
        "\"layers\": 3|\"layers\": 3.5|layers is 3.5, expected an integer",
        "\"layers\": 3|\"layers\": 65|blocks is 65, expected 1 to 64 (read from version 1)",
        "\"kind\": \"CONSISTENCY\"|\"kind\": \"GAN\"|kind is \"GAN\", expected DIFFUSION or",
        "\"pictureSize\": 96|\"pictureSize\": 4|codec.imageSize is 4, expected 8 to 2048",
        "\"fold\": 2|\"fold\": \"2\"|fold is \"2\", expected an integer",
        "\"fewStepSigmas\": {|\"fewStepSigmas\": {\"x\": [80],|expected numbers of passes",
        "\"guidanceInput\": true|\"guidanceInput\": 1|guidanceInput is 1, expected true or false",
      })
  void damagedVersionOneIsRefusedByNameOfTheSetting(String find, String replacement, String message)
      throws Exception {
    String json = ModelConfigs.text("config-version1.json");
    assertTrue(json.contains(find), find);
    refusedJson(json.replace(find, replacement), message);
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
        "\"slices\": 16|\"slices\": 16.5|conditioner.volume.slices is 16.5, expected an integer",
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
  void textThatIsNotAJsonObjectIsRefused() {
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
}
