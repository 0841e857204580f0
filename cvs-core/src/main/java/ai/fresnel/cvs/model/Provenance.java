package ai.fresnel.cvs.model;

import ai.fresnel.cvs.checkpoint.ModelFormatException;
import ai.fresnel.cvs.json.Json;
import java.time.Instant;
import java.util.SortedMap;

/**
 * The origin of a model's weights. It says enough to judge them and, with the commit and the data,
 * to reproduce them. Immutable. Make one by {@link #builder()} or {@link #fromJson}.
 *
 * @param data the training data, in words: sets, sizes, licences
 * @param recipe the training settings, a JSON object as text in compact form; {@code {}} if none
 * @param seed the seed of the run
 * @param steps updates of the weights, from 0
 * @param samplesSeen training samples that went into them, from 0
 * @param commit the source's commit, or "unknown"
 * @param parent the model that training started from or distilled, or empty
 * @param created when the weights were written, UTC
 * @param metrics results by name, all finite, for example {@code validation/psnr} in dB
 * @param notes further notes by name
 */
public record Provenance(
    String data,
    String recipe,
    long seed,
    long steps,
    long samplesSeen,
    String commit,
    String parent,
    Instant created,
    SortedMap<String, Double> metrics,
    SortedMap<String, String> notes) {

  /** The version that {@link #toJson} writes and the highest that {@link #fromJson} reads. */
  public static final int FORMAT_VERSION = 1;

  /**
   * Checks and copies the fields. Prefer {@link #builder()}.
   *
   * @param data as above
   * @param recipe as above
   * @param seed as above
   * @param steps as above
   * @param samplesSeen as above
   * @param commit as above
   * @param parent as above
   * @param created as above
   * @param metrics as above
   * @param notes as above
   * @throws IllegalArgumentException if a field is missing, negative or not finite, or the recipe
   *     is not a JSON object; the message names it
   */
  public Provenance {
    check(data != null, "data", data, "a text");
    recipe = ProvenanceJson.compactObject(recipe);
    check(steps >= 0, "steps", steps, "0 or more");
    check(samplesSeen >= 0, "samplesSeen", samplesSeen, "0 or more");
    check(commit != null, "commit", commit, "a text");
    check(parent != null, "parent", parent, "a text, empty for none");
    check(created != null, "created", created, "a time");
    check(metrics != null, "metrics", metrics, "a map");
    check(notes != null, "notes", notes, "a map");
    metrics.forEach(
        (name, value) ->
            check(
                value != null && Double.isFinite(value),
                "metric " + Json.quote(name),
                value,
                "a finite number"));
    notes.forEach(
        (name, value) -> check(value != null, "note " + Json.quote(name), value, "a text"));
    metrics = ProvenanceJson.copy(metrics);
    notes = ProvenanceJson.copy(notes);
  }

  private static void check(boolean holds, String what, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(what + " is " + value + ", expected " + expected);
    }
  }

  /**
   * Returns a builder with empty fields. The time of creation must be set.
   *
   * @return a new builder
   */
  public static ProvenanceBuilder builder() {
    return new ProvenanceBuilder();
  }

  /**
   * Returns the text of {@code provenance.json}.
   *
   * @return a JSON object, indented, ending with a newline
   */
  public String toJson() {
    return ProvenanceJson.write(this);
  }

  /**
   * Reads the text that {@link #toJson} writes. Every field must be present once; others are
   * refused.
   *
   * @param json the text
   * @param sourceName what to call the text in errors, usually its path
   * @return the provenance
   * @throws ModelFormatException if the text is not a provenance; the message names the field
   */
  public static Provenance fromJson(String json, String sourceName) throws ModelFormatException {
    return ProvenanceJson.read(json, sourceName);
  }
}
