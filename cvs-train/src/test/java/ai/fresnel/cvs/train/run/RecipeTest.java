package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.train.config.RecipeJsonTest;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.config.TrainingConfigBuilder;
import ai.fresnel.cvs.view.TinyNetwork;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {

  private static final ModelConfig MODEL =
      TinyNetwork.config(ModelConfig.Kind.DIFFUSION).sigmaData(0.321).build();
  private static final Recipe RECIPE =
      new Recipe("diffusion", "views", "", Map.of(), MODEL, RecipeJsonTest.ODD);

  @TempDir Path run;

  @Test
  void isReadAsItWasWritten() throws IOException {
    assertFalse(Recipe.exists(run));
    RECIPE.write(run);
    assertTrue(Recipe.exists(run));
    assertEquals(RECIPE, Recipe.read(run, TrainingConfig.diffusion()));
    assertFalse(Files.exists(run.resolve(Recipe.TEMPORARY)));
  }

  /** A run that began before the configuration was a tree goes on. */
  @Test
  void aModelOfFormatVersionOneIsTheSame() throws IOException {
    RECIPE.write(run);
    Path file = run.resolve(Recipe.NAME);
    String model =
        """
        {"formatVersion": 1, "name": "tiny16", "kind": "DIFFUSION", "pictureSize": 16,
         "pictureChannels": 3, "chromaGain": 2.0, "fold": 2, "channels": [8, 16], "layers": 1,
         "attentionDepth": [0, 1], "headChannels": 8, "groups": 4, "embeddingChannels": 16,
         "tokenChannels": 16, "detailChannels": [8], "tokenGrid": 4, "volumeChannels": [8, 8],
         "volumeSlices": 4, "volumeFeatures": 4, "refineChannels": 4, "depthHead": false,
         "encoder": "none", "guidanceInput": false, "sigmaData": 0.321, "sigmaMin": 0.002,
         "sigmaMax": 80.0, "rho": 7.0, "noiseMean": -1.2, "noiseDeviation": 1.2,
         "temperature": 1.0, "fewStepSigmas": {"1": [80.0]}}
        """;
    JsonObject json = Json.parse(Files.readString(file), "recipe").object();
    json.add("model", Json.parse(model, "model").json());
    Files.writeString(file, Json.format(json));
    ModelConfig read = Recipe.read(run, TrainingConfig.diffusion()).model();
    ModelConfig one =
        MODEL.toBuilder().sampling(s -> s.withFewStepSigmas(Map.of(1, List.of(80.0)))).build();
    assertEquals(one, read);
  }

  /** Recipes were once read by a parser that took all of these. */
  @Test
  void whatIsNotStrictJsonIsRefused() throws IOException {
    RECIPE.write(run);
    Path file = run.resolve(Recipe.NAME);
    String sound = Files.readString(file);
    for (String text :
        List.of(
            sound.replace("\"data\": \"views\"", "\"data\": \"views\", \"data\": \"others\""),
            sound.replace("\"data\"", "/* why */ \"data\""),
            sound.replace("\"data\"", "data"),
            sound.replace("\"data\"", "\"more\": 1, \"data\""),
            sound + "{}")) {
      assertFalse(text.equals(sound));
      Files.writeString(file, text);
      assertOneLine(file, text);
    }
  }

  private String refused(Recipe now) {
    return assertThrows(IllegalArgumentException.class, () -> RECIPE.requireResumable(run, now))
        .getMessage();
  }

  private static Recipe with(TrainingConfig training) {
    return new Recipe("diffusion", "views", "", Map.of(), MODEL, training);
  }

  @Test
  void lengthAndTimesMayChange() {
    TrainingConfig longer =
        RecipeJsonTest.ODD.toBuilder()
            .run(r -> r.withMaxSamples(1))
            .run(r -> r.withStateEvery(Duration.ZERO))
            .run(r -> r.withPreviewEvery(Duration.ZERO))
            .run(r -> r.withValidateEvery(Duration.ZERO))
            .run(r -> r.withKeepSnapshots(0))
            .run(r -> r.withExplosionFactor(0))
            .build();
    assertDoesNotThrow(() -> RECIPE.requireResumable(run, with(longer)));
  }

  @Test
  void theSettingThatDiffersIsNamed() {
    TrainingConfigBuilder other = RecipeJsonTest.ODD.toBuilder();
    assertEquals(
        "run "
            + run
            + " was started with learningRate 0.011, not 0.012; give it again, or use another"
            + " folder",
        refused(with(other.optimization(o -> o.withRate(r -> r.withLearningRate(0.012))).build())));
    String intervals =
        refused(with(RecipeJsonTest.ODD.toBuilder().student(s -> s.intervals(2, 5)).build()));
    assertTrue(intervals.contains("with intervals [2,5,3], not [2,5];"), intervals);
    String seed = refused(with(RecipeJsonTest.ODD.toBuilder().run(r -> r.withSeed(1)).build()));
    assertTrue(seed.contains("with seed -7000000000, not 1;"), seed);
    String stage =
        refused(new Recipe("consistency", "views", "t", Map.of(), MODEL, RecipeJsonTest.ODD));
    assertTrue(stage.contains("with stage diffusion, not consistency;"), stage);
  }

  @Test
  void otherDataOrAnotherTeacherIsNamed() {
    String data =
        refused(new Recipe("diffusion", "other", "", Map.of(), MODEL, RecipeJsonTest.ODD));
    assertTrue(data.contains("with data views, not other;"), data);
    assertDoesNotThrow(
        () ->
            RECIPE.requireResumable(
                run,
                new Recipe(
                    "diffusion",
                    Path.of("views").toAbsolutePath().toString(),
                    "",
                    Map.of(),
                    MODEL,
                    RecipeJsonTest.ODD)));
    Recipe student = new Recipe("consistency", "views", "t1", Map.of(), MODEL, RecipeJsonTest.ODD);
    Recipe another = new Recipe("consistency", "views", "t2", Map.of(), MODEL, RecipeJsonTest.ODD);
    String teacher =
        assertThrows(IllegalArgumentException.class, () -> student.requireResumable(run, another))
            .getMessage();
    assertTrue(teacher.contains("with teacher t1, not t2;"), teacher);
  }

  @Test
  void theSettingOfTheModelThatDiffersIsNamed() {
    ModelConfig wider = MODEL.toBuilder().unet(u -> u.channels(16, 16)).build();
    String width =
        refused(new Recipe("diffusion", "views", "", Map.of(), wider, RecipeJsonTest.ODD));
    assertTrue(width.contains("with model unet.levels[0].channels 8, not 16;"), width);
    // A diffusion run measures sigmaData itself; a student's is its teacher's.
    ModelConfig scaled = MODEL.toBuilder().sigmaData(0.5).build();
    assertDoesNotThrow(
        () ->
            RECIPE.requireResumable(
                run, new Recipe("diffusion", "views", "", Map.of(), scaled, RecipeJsonTest.ODD)));
    Recipe student = new Recipe("consistency", "views", "t", Map.of(), MODEL, RecipeJsonTest.ODD);
    Recipe other = new Recipe("consistency", "views", "t", Map.of(), scaled, RecipeJsonTest.ODD);
    String sigma =
        assertThrows(IllegalArgumentException.class, () -> student.requireResumable(run, other))
            .getMessage();
    assertTrue(sigma.contains("with model scaling.sigmaData 0.321, not 0.5;"), sigma);
  }

  @Test
  void aDamagedRecipeIsOneLineThatNamesTheFile() throws IOException {
    RECIPE.write(run);
    Path file = run.resolve(Recipe.NAME);
    String sound = Files.readString(file);
    String[] damaged = {
      "",
      "\0\0\0",
      sound.substring(0, sound.length() / 2),
      "[]",
      sound.replace("\"format\": 2", "\"format\": 3"),
      sound.replace("\"format\": 2", "\"format\": null"),
      sound.replace("\"stage\": \"diffusion\"", "\"stage\": null"),
      sound.replace("\"stage\"", "\"stag\""),
      sound.replace("\"training\": {", "\"training\": 1, \"rest\": {"),
      sound.replace("\"batchSize\": 8", "\"batchSize\": 0"),
      sound.replace("\"batchSize\": 8", "\"batch\": 3"),
      sound.replace("\"imageSize\": 16", "\"imageSize\": -16"),
      sound.replace("\"model\": {", "\"model\": 1, \"rest\": {"),
    };
    for (String text : damaged) {
      assertFalse(text.equals(sound));
      Files.writeString(file, text);
      assertOneLine(file, text);
    }
    Files.write(file, "{\"format\": \"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
    assertOneLine(file, "not UTF-8");
  }

  private void assertOneLine(Path file, String text) {
    String message =
        assertThrows(IOException.class, () -> Recipe.read(run, TrainingConfig.diffusion()), text)
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.startsWith(file.toString()), message);
  }

  /** Networks of the same shape, of which the configuration does not tell one from the other. */
  @Test
  void anotherImportedPartIsRefused() throws IOException {
    Map<String, String> parts = Map.of("autoencoder", "taesd 0a1b2c3d", "encoder", "dinov2 1");
    Recipe began = new Recipe("diffusion", "views", "", parts, MODEL, RecipeJsonTest.ODD);
    began.write(run);
    Recipe read = Recipe.read(run, RecipeJsonTest.ODD);
    assertEquals(began, read);
    assertDoesNotThrow(() -> read.requireResumable(run, began));
    Map<String, String> others = Map.of("autoencoder", "taesd 99999999", "encoder", "dinov2 1");
    Recipe now = new Recipe("diffusion", "views", "", others, MODEL, RecipeJsonTest.ODD);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> read.requireResumable(run, now));
    assertTrue(
        e.getMessage().contains("with autoencoder taesd 0a1b2c3d, not taesd 99999999;"),
        e.getMessage());
    String none =
        assertThrows(IllegalArgumentException.class, () -> read.requireResumable(run, RECIPE))
            .getMessage();
    assertTrue(none.contains("not none;"), none);
    // What an older version wrote says nothing about parts.
    assertDoesNotThrow(() -> RECIPE.requireResumable(run, now));
  }
}
