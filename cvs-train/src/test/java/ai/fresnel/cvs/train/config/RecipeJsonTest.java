package ai.fresnel.cvs.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.train.schedule.IntervalSchedule;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

public class RecipeJsonTest {

  /** No two settings alike and none as in a preset, so that none can stand in for another. */
  public static final TrainingConfig ODD =
      new TrainingConfig(
          -7_000_000_000L,
          8,
          2,
          List.of(2, 0),
          9_000_000_000L,
          OptimizerKind.MUON,
          0.011,
          5_000_000_000L,
          0.12,
          0.13,
          0.14,
          1.5e-7,
          0.16,
          0.17,
          0.18,
          0.19,
          0.195,
          0.196,
          4,
          Precision.BFLOAT16,
          new ConsistencyConfig(
              ConsistencyMethod.TRAINING,
              0.21,
              OdeSolver.EULER,
              false,
              false,
              new IntervalSchedule(List.of(2, 5, 3)),
              SigmaPairing.RATIO,
              -0.31,
              0.32,
              LossWeighting.INVERSE_GAP,
              DistanceKind.SQUARED,
              0,
              0,
              0.33,
              0.335,
              0.34,
              0.345,
              0.346,
              0.347),
          0.22,
          23.5,
          0.24,
          0.25,
          0.255,
          0.256,
          26.5,
          127.5,
          8_000_000_000L,
          0.27,
          28.5,
          0.29,
          Duration.ofMillis(1500),
          Duration.ofHours(3),
          Duration.ofMinutes(7),
          31,
          32.5);

  private static String refused(String json) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> RecipeJson.fromJson(json, "r.json", TrainingConfig.diffusion()))
        .getMessage();
  }

  @Test
  void everySettingSurvivesTheRoundTrip() {
    JsonObject json = RecipeJson.toJson(ODD);
    // Those of stage 2 stand between the others.
    int settings = TrainingConfig.class.getRecordComponents().length - 1;
    assertEquals(settings + ConsistencyConfig.class.getRecordComponents().length, json.size());
    assertEquals(ODD, RecipeJson.fromJson(json.toString(), "r", TrainingConfig.diffusion()));
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
            .learningRate(0.5)
            .batchSize(12)
            .student(s -> s.solver(OdeSolver.HEUN).intervals(9))
            .stateEvery(Duration.ofSeconds(7))
            .seed(12)
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
      {"maxImages", "0", "0"},
      {"learningRate", "0", "0.0"},
      {"learningRate", "-1e-3", "-0.001"},
      {"learningRate", "10", "10.0"},
      {"warmupImages", "-1", "-1"},
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
      {"levelMean", "-21", "-21.0"},
      {"levelDeviation", "0", "0.0"},
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
      {"curriculumImages", "-1", "-1"},
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
