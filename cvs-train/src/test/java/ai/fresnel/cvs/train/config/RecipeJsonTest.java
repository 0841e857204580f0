package ai.fresnel.cvs.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

public class RecipeJsonTest {

  /** No two settings alike and none as in a preset, so that none can stand in for another. */
  public static final TrainingConfig ODD =
      new TrainingConfig(
          new RunConfig(
              -7_000_000_000L,
              9_000_000_000L,
              Duration.ofMillis(1500),
              Duration.ofHours(3),
              Duration.ofMinutes(7),
              31,
              32.5),
          new DataConfig(
              8,
              0.19,
              new AugmentationConfig(0.22, 23.5, 0.24, 0.25, 0.255, 0.256),
              new AnglesConfig(26.5, 127.5, 8_000_000_000L),
              new MeshesConfig(0.27, 28.5, 0.29)),
          new OptimizationConfig(
              OptimizerKind.MUON,
              new RateConfig(0.011, 5_000_000_000L, 0.12),
              0.13,
              0.14,
              1.5e-7,
              0.16,
              0.17),
          new ComputeConfig(Precision.BFLOAT16, 2, List.of(2, 0)),
          new AveragingConfig(0.18),
          new HeadLossConfig(0.195, 0.196),
          new StageConfig.Consistency(
              ConsistencyMethod.TRAINING,
              false,
              new ConsistencyConfig(
                  0.21,
                  OdeSolver.EULER,
                  false,
                  new SigmasConfig(
                      new IntervalSchedule(List.of(2, 5, 3)), SigmaPairing.RATIO, -0.31, 0.32),
                  new MatchConfig(LossWeighting.INVERSE_GAP, DistanceKind.SQUARED),
                  new GuidanceConfig(0, 0),
                  new TruthLossConfig(0.33, 0.335, 0.34, 0.345, 0.346, 0.347))));

  private static String refused(String json) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> RecipeJson.fromJson(json, "r.json", TrainingConfig.diffusion()))
        .getMessage();
  }

  @Test
  void everySettingSurvivesTheRoundTrip() {
    JsonObject json = RecipeJson.toJson(ODD);
    assertEquals(ODD, RecipeJson.fromJson(json.toString(), "r", TrainingConfig.diffusion()));
    // Each number or word of the tree is one of the flat names, and the stage's name.
    JsonObject flat = RecipeJson.toFlatJson(ODD);
    assertEquals(56, flat.size());
    assertEquals("consistency", flat.remove("stage").getAsString());
    assertEquals(ODD, RecipeJson.fromJson(flat.toString(), "r", TrainingConfig.consistency()));
    TrainingConfig scene =
        ODD.toBuilder().stage(new StageConfig.SceneAlone(4, 0.1, 0.2, 0.3)).build();
    JsonObject beside = RecipeJson.toFlatJson(scene);
    beside.remove("stage");
    for (JsonObject text : List.of(RecipeJson.toJson(scene), beside)) {
      assertEquals(scene, RecipeJson.fromJson(text.toString(), "r", TrainingConfig.diffusion()));
    }
    for (TrainingConfig preset :
        List.of(TrainingConfig.diffusion(), TrainingConfig.consistency())) {
      String text = RecipeJson.toJson(preset).toString();
      assertEquals(preset, RecipeJson.fromJson(text, "r", ODD));
    }
    assertEquals(ODD, ODD.toBuilder().build());
    // What ODD's method excludes.
    TrainingConfig taught =
        TrainingConfig.consistency().toBuilder()
            .student(s -> s.trainTeacher(true).minGuidance(0.35).maxGuidance(0.36))
            .build();
    assertEquals(taught, RecipeJson.fromJson(RecipeJson.toJson(taught).toString(), "r", ODD));
    assertEquals(taught, taught.toBuilder().student(s -> s).build());
    TrainingConfig kept =
        TrainingConfig.consistency().toBuilder().student(s -> s.keepEncoders(true)).build();
    assertEquals(kept, RecipeJson.fromJson(RecipeJson.toJson(kept).toString(), "r", ODD));
    assertEquals(kept, kept.toBuilder().student(s -> s).build());
    TrainingConfig progressive = Recipes.named("progressive", TrainingConfig.consistency());
    assertEquals(
        progressive, RecipeJson.fromJson(RecipeJson.toJson(progressive).toString(), "r", ODD));
  }

  /** Recipes of before had one flat object, and other names for some settings. */
  @Test
  void flatRecipesAndOlderNamesAreRead() {
    String flat =
        """
        {"maxImages": 1e6, "warmupImages": 16.0, "curriculumImages": 5, "levels": "ratio",
         "levelMean": -2, "levelDeviation": 3, "batchSize": 12, "method": "progressive"}
        """;
    String tree =
        """
        {"run": {"maxSamples": 1000000}, "optimization": {"rate": {"warmupSamples": 16}},
         "data": {"batchSize": 12, "angles": {"curriculumSamples": 5}},
         "stage": {"type": "progressive", "student": {"sigmas":
           {"pairing": "ratio", "logSigmaMean": -2, "logSigmaDeviation": 3}}}}
        """;
    TrainingConfig defaults =
        TrainingConfig.consistency().toBuilder().student(s -> s.intervals(8, 4)).build();
    TrainingConfig read = RecipeJson.fromJson(flat, "r", defaults);
    assertEquals(RecipeJson.fromJson(tree, "r", defaults), read);
    assertEquals(
        defaults.toBuilder()
            .run(r -> r.withMaxSamples(1_000_000))
            .optimization(o -> o.withRate(r -> r.withWarmupSamples(16)))
            .data(d -> d.withBatchSize(12).withAngles(a -> a.withCurriculumSamples(5)))
            .student(
                s ->
                    s.method(ConsistencyMethod.PROGRESSIVE)
                        .pairing(SigmaPairing.RATIO)
                        .logSigmaMean(-2)
                        .logSigmaDeviation(3))
            .build(),
        read);
    assertEquals(
        Set.of("maxSamples", "warmupSamples", "batchSize"),
        RecipeJson.names("{\"maxImages\": 1, \"warmupImages\": 2, \"batchSize\": 3}", "r"));
  }

  /** One file may hold settings of both stages, as all recipes of before did. */
  @Test
  void settingsOfTheOtherStageAreLeftInAFlatRecipe() {
    String both = "{\"targetDecay\": 0.5, \"volumeTargets\": 0, \"seed\": 3}";
    assertEquals(
        TrainingConfig.diffusion().toBuilder().run(r -> r.withSeed(3)).build(),
        RecipeJson.fromJson(both, "r", TrainingConfig.diffusion()));
    assertEquals(
        0.5, RecipeJson.fromJson(both, "r", TrainingConfig.consistency()).student().targetDecay());
    assertEquals(
        StageConfig.SceneAlone.of(4),
        RecipeJson.fromJson("{\"volumeTargets\": 4}", "r", TrainingConfig.diffusion()).stage());
    assertEquals(
        "r: volumeTargets is 4, expected 0 in stage 2: a student is a whole network",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    RecipeJson.fromJson(
                        "{\"volumeTargets\": 4}", "r", TrainingConfig.consistency()))
            .getMessage());
  }

  @Test
  void whatStandsInTheWrongGroupIsRefused() {
    assertEquals(
        "r.json: run: unknown setting \"batchSize\", expected one of ",
        refused("{\"run\": {\"batchSize\": 4}}").replaceFirst("one of .*", "one of "));
    assertEquals(
        "r.json: stage: unknown setting \"targetDecay\"",
        refused("{\"stage\": {\"type\": \"denoising\", \"targetDecay\": 0.5}}")
            .replaceFirst(", expected.*", ""));
    assertEquals(
        "r.json: stage.type is \"one\", expected denoising, sceneAlone, consistency, progressive or latentConsistency",
        refused("{\"stage\": {\"type\": \"one\"}}"));
    assertEquals("r.json: data is 4, expected an object", refused("{\"data\": 4}"));
    assertEquals(
        "r.json: data.batchSize is there twice, expected batchSize once, in its group or beside"
            + " the groups",
        refused("{\"batchSize\": 4, \"data\": {\"batchSize\": 4}}"));
    assertEquals(
        "r.json: maxImages is there twice, expected maxSamples once, in its group or beside the"
            + " groups",
        refused("{\"maxSamples\": 4, \"maxImages\": 4}"));
  }

  @Test
  void whatARecipeLeavesOutStays() {
    String text =
        """
        {"learningRate": 0.5, "batchSize": 12, "solver": "Heun", "intervals": [9],
         "stateEvery": "PT7S", "seed": 12}
        """;
    TrainingConfig read = RecipeJson.fromJson(text, "r", ODD);
    assertEquals(
        ODD.toBuilder()
            .optimization(o -> o.withRate(r -> r.withLearningRate(0.5)))
            .data(d -> d.withBatchSize(12))
            .student(s -> s.solver(OdeSolver.HEUN).intervals(9))
            .run(r -> r.withStateEvery(Duration.ofSeconds(7)))
            .run(r -> r.withSeed(12))
            .build(),
        read);
    assertEquals(ODD, RecipeJson.fromJson("{}", "r", ODD));
  }

  @Test
  void whatIsNoRecipeIsRefused() {
    for (String text : new String[] {"", "{\"seed\": ", "seed"}) {
      assertTrue(refused(text).startsWith("r.json: not JSON: "), text);
    }
    for (String text : new String[] {"[1]", "\"seed\"", "null"}) {
      assertEquals("r.json is " + text + ", expected an object", refused(text));
    }
    assertEquals("r.json: unknown setting \"learningrate\"", refused("{\"learningrate\": 1}"));
  }

  @Test
  void aSettingGivenTwiceIsRefused() {
    assertEquals("r.json: \"seed\" is there twice", refused("{\"seed\": 1, \"seed\": 2}"));
  }

  @Test
  void commentsAreRefused() {
    for (String comment : new String[] {"// why\n", "/* why */", "# why\n"}) {
      String message = refused("{" + comment + "\"seed\": 1}");
      assertTrue(message.startsWith("r.json: not JSON: "), message);
    }
  }

  @Test
  void unquotedNamesAreRefused() {
    for (String text : new String[] {"{seed: 1}", "{'seed': 1}", "{\"seed\" = 1}"}) {
      assertTrue(refused(text).startsWith("r.json: not JSON: "), text);
    }
  }

  @Test
  void textBehindTheRecipeIsRefused() {
    assertEquals("r.json: text follows the JSON value", refused("{\"seed\": 1} {}"));
  }

  @Test
  void valuesOfTheWrongTypeAreNamed() {
    assertEquals(
        "r.json: batchSize is \"16\", expected an integer", refused("{\"batchSize\": \"16\"}"));
    assertEquals(
        "r.json: batchSize is [16], expected an integer", refused("{\"batchSize\": [16]}"));
    assertEquals("r.json: batchSize is 2.5, expected an integer", refused("{\"batchSize\": 2.5}"));
    assertEquals("r.json: seed is null, expected an integer", refused("{\"seed\": null}"));
    assertEquals("r.json: beta1 is true, expected a number", refused("{\"beta1\": true}"));
    assertEquals("r.json: beta1 is {}, expected a number", refused("{\"beta1\": {}}"));
    assertEquals(
        "r.json: solver is \"rk4\", expected euler, heun or dpm_2s",
        refused("{\"solver\": \"rk4\"}"));
    assertEquals("r.json: solver is 1, expected euler, heun or dpm_2s", refused("{\"solver\": 1}"));
    assertEquals(
        "r.json: stateEvery is \"5 minutes\", expected a time such as \"pt5m\"",
        refused("{\"stateEvery\": \"5 minutes\"}"));
    assertEquals(
        "r.json: trainTeacher is \"yes\", expected true or false",
        refused("{\"trainTeacher\": \"yes\"}"));
    for (String phases : new String[] {"4", "{}", "null"}) {
      assertEquals(
          "r.json: intervals is " + phases + ", expected a list",
          refused("{\"intervals\": " + phases + "}"));
    }
    for (String phases : new String[] {"[]", "[0]"}) {
      assertEquals(
          "r.json: intervals is " + phases + ", expected one or more numbers from 1 to 1000000",
          refused("{\"intervals\": " + phases + "}"));
    }
    assertEquals(
        "r.json: intervals[1] is \"8\", expected an integer",
        refused("{\"intervals\": [4,\"8\"]}"));
    assertEquals(
        "r.json: intervals[0] is 4.5, expected an integer", refused("{\"intervals\": [4.5]}"));
  }

  @Test
  void settingsThatExcludeEachOtherAreNamed() {
    assertEquals(
        "r.json: intervals is [8, 3], expected each to divide the one before (progressive)",
        refused("{\"method\": \"progressive\", \"intervals\": [8, 3]}"));
    assertEquals(
        "r.json: maxGuidance is 2.0, expected 0 where no teacher is guided (training)",
        refused("{\"method\": \"training\", \"maxGuidance\": 2}"));
    assertEquals(
        "r.json: trainTeacher is true, expected false where method is not distillation",
        refused("{\"method\": \"training\", \"trainTeacher\": true}"));
    for (String other : new String[] {"\"method\": \"training\"", "\"trainTeacher\": true"}) {
      assertEquals(
          "r.json: keepEncoders is true, expected false where there is no teacher, or it is trained",
          refused("{" + other + ", \"keepEncoders\": true}"));
    }
  }

  @Test
  void levelsAreAListWithoutRepetition() {
    for (String levels : new String[] {"[8]", "[-1]", "[1,1]"}) {
      String spaced = levels.replace(",", ", ");
      assertEquals(
          "r.json: checkpointLevels is " + spaced + ", expected levels from 0 to 7, none twice",
          refused("{\"checkpointLevels\": " + levels + "}"));
    }
    assertEquals(
        "r.json: checkpointLevels is 1, expected a list", refused("{\"checkpointLevels\": 1}"));
  }

  @Test
  void valuesOutOfRangeAreNamed() {
    String[][] bad = {
      {"batchSize", "0", "0"},
      {"batchSize", "65537", "65537"},
      {"accumulation", "33", "33"},
      {"maxSamples", "0", "0"},
      {"learningRate", "0", "0.0"},
      {"learningRate", "-1e-3", "-0.001"},
      {"learningRate", "10", "10.0"},
      {"warmupSamples", "-1", "-1"},
      {"finalRateShare", "1.01", "1.01"},
      {"beta1", "1", "1.0"},
      {"beta2", "-0.1", "-0.1"},
      {"epsilon", "0", "0.0"},
      {"epsilon", "1e999", "1e999"},
      {"weightDecay", "-1", "-1.0"},
      {"clipNorm", "0", "0.0"},
      {"clipNorm", "1e999", "1e999"},
      {"emaDecay", "1", "1.0"},
      {"conditionDropout", "1", "1.0"},
      {"depth", "-1", "-1.0"},
      {"rendering", "-1", "-1.0"},
      {"volumeTargets", "65", "65"},
      {"targetDecay", "1.5", "1.5"},
      {"logSigmaMean", "-21", "-21.0"},
      {"logSigmaDeviation", "0", "0.0"},
      {"minGuidance", "-1", "-1.0"},
      {"maxGuidance", "101", "101.0"},
      {"photometric", "-1", "-1.0"},
      {"perceptual", "-1", "-1.0"},
      {"truthSigma", "0", "0.0"},
      {"multiView", "-1", "-1.0"},
      {"adversarial", "-1", "-1.0"},
      {"adversarialStart", "1.1", "1.1"},
      {"mirrorShare", "1.1", "1.1"},
      {"hueJitter", "181", "181.0"},
      {"saturationJitter", "-0.1", "-0.1"},
      {"gammaJitter", "5", "5.0"},
      {"zoomJitter", "1.5", "1.5"},
      {"backgroundShare", "-1", "-1.0"},
      {"firstMaxAngle", "0", "0.0"},
      {"maxAngle", "90", "90.0"},
      {"curriculumSamples", "-1", "-1"},
      {"meshStretch", "0.6", "0.6"},
      {"meshHue", "181", "181.0"},
      {"textureSwap", "2", "2.0"},
      {"stateEvery", "\"-pt1s\"", "PT-1S"},
      {"validateEvery", "\"-pt1s\"", "PT-1S"},
      {"keepSnapshots", "-1", "-1"},
      {"explosionFactor", "1", "1.0"},
      {"explosionFactor", "1e10", "1.0E10"},
      {"previewEvery", "\"p99999d\"", "PT2399976H"},
    };
    for (String[] setting : bad) {
      String message = refused("{\"" + setting[0] + "\": " + setting[1] + "}");
      String expected = "r.json: " + setting[0] + " is " + setting[2] + ", expected ";
      assertTrue(message.startsWith(expected), message);
    }
  }
}
