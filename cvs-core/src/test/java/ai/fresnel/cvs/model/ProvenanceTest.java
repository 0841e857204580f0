package ai.fresnel.cvs.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvenanceTest {
  static ProvenanceBuilder example() {
    return Provenance.builder()
        .data("600 procedural scenes, CC0")
        .recipe("{ \"batch\": 16, \"phases\": [ {\"to\": 1e-4, \"null\": null} ] }")
        .seed(-9_007_199_254_740_993L)
        .steps(12_000)
        .samplesSeen(192_000)
        .commit("6e43290")
        .parent("teacher-64")
        .created(Instant.parse("2026-01-31T12:00:00.250Z"))
        .metric("validation/psnr", 23.125)
        .metric("a", -0.1)
        .note("machine", "two cores, <x86-64>");
  }

  @Test
  void everythingSurvivesJson() throws Exception {
    Provenance provenance = example().build();
    Provenance read = Provenance.fromJson(provenance.toJson(), "provenance.json");
    assertEquals(provenance, read);
    assertEquals(provenance.toJson(), read.toJson());
    // Beyond 2^53: a seed that passed through a double would be another.
    assertEquals(-9_007_199_254_740_993L, read.seed());
    assertEquals(
        "{\"batch\":16,\"phases\":[{\"to\":1e-4,\"null\":null}]}",
        read.recipe(),
        "the recipe keeps its numbers as written");
  }

  @Test
  void aMinimalProvenanceSurvivesJson() throws Exception {
    Provenance provenance = Provenance.builder().created(Instant.EPOCH).build();
    assertEquals(provenance, Provenance.fromJson(provenance.toJson(), "p"));
  }

  @Test
  void mapsAreCopied() {
    ProvenanceBuilder builder = example();
    Provenance provenance = builder.build();
    builder.metric("later", 1);
    assertEquals(2, provenance.metrics().size());
    assertThrows(UnsupportedOperationException.class, () -> provenance.metrics().clear());
    assertThrows(UnsupportedOperationException.class, () -> provenance.notes().clear());
  }

  @Test
  void wrongFieldsAreRefusedByName() {
    refused(example().data(null), "data is null, expected a text");
    refused(example().recipe("[1]"), "recipe is [1], expected an object");
    refused(example().recipe("{\"a\":1,\"a\":1}"), "recipe: \"a\" is there twice");
    refused(example().recipe(null), "recipe is null, expected a JSON object");
    refused(example().steps(-1), "steps is -1, expected 0 or more");
    refused(example().samplesSeen(-1), "samplesSeen is -1, expected 0 or more");
    refused(example().commit(null), "commit is null, expected a text");
    refused(example().parent(null), "parent is null, expected a text, empty for none");
    refused(Provenance.builder(), "created is null, expected a time");
    refused(example().metric("loss", Double.NaN), "metric \"loss\" is NaN, expected a finite");
    refused(example().note("n", null), "note \"n\" is null, expected a text");
  }

  private static void refused(ProvenanceBuilder builder, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, builder::build, message);
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"formatVersion\": 1|\"formatVersion\": 9|written in format version 9, newer than versio",
        "\"steps\": 12000,|``|steps is missing",
        "\"steps\": 12000|\"steps\": 1.5|steps is 1.5, expected an integer",
        "\"steps\": 12000|\"steps\": -1|steps is -1, expected 0 or more",
        "\"steps\": 12000|\"steps\": 1, \"epochs\": 2|unknown setting \"epochs\"",
        "\"seed\": -|\"seed\": 9999|seed is 99999007199254740993, expected a 64-bit integer",
        "\"created\": \"2026|\"created\": \"26|created is \"26-01-31T12:00:00.250Z\", expected a t",
        "\"a\": -0.1|\"a\": \"x\"|metrics.a is \"x\", expected a number",
        "\"machine\": \"|\"machine\": 1, \"x\": \"|notes.machine is 1, expected a string",
        "\"recipe\": {|\"recipe\": 1, \"x\": {|unknown setting \"x\"",
      })
  void damagedJsonIsRefusedByNameOfTheField(String find, String replacement, String message) {
    String json = example().build().toJson();
    assertTrue(json.contains(find), find + " in " + json);
    String damaged = json.replace(find, replacement);
    ModelFormatException e =
        assertThrows(
            ModelFormatException.class, () -> Provenance.fromJson(damaged, "x/provenance.json"));
    assertTrue(e.getMessage().startsWith("x/provenance.json: "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
