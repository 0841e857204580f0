package ai.fresnel.cvs.model;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/** Builds a {@link Provenance}. Fields are checked in {@link #build}. */
public final class ProvenanceBuilder {
  private String data = "unknown";
  private String recipe = "{}";
  private long seed = 0;
  private long steps = 0;
  private long samplesSeen = 0;
  private String commit = "unknown";
  private String parent = "";
  private Instant created;
  private final SortedMap<String, Double> metrics = new TreeMap<>();
  private final SortedMap<String, String> notes = new TreeMap<>();

  ProvenanceBuilder() {}

  /**
   * Sets the training data, in words.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder data(String value) {
    data = value;
    return this;
  }

  /**
   * Sets the training settings, a JSON object as text.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder recipe(String value) {
    recipe = value;
    return this;
  }

  /**
   * Sets the seed of the run.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Sets the number of updates of the weights.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder steps(long value) {
    steps = value;
    return this;
  }

  /**
   * Sets the number of training samples that went into the weights.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder samplesSeen(long value) {
    samplesSeen = value;
    return this;
  }

  /**
   * Sets the source's commit.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder commit(String value) {
    commit = value;
    return this;
  }

  /**
   * Sets the model that training started from or distilled.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder parent(String value) {
    parent = value;
    return this;
  }

  /**
   * Sets the time when the weights were written.
   *
   * @param value the field
   * @return this builder
   */
  public ProvenanceBuilder created(Instant value) {
    created = value;
    return this;
  }

  /**
   * Adds a result.
   *
   * @param name its name
   * @param value its value
   * @return this builder
   */
  public ProvenanceBuilder metric(String name, double value) {
    metrics.put(name, value);
    return this;
  }

  /**
   * Adds a note.
   *
   * @param name its name
   * @param value its value
   * @return this builder
   */
  public ProvenanceBuilder note(String name, String value) {
    notes.put(name, value);
    return this;
  }

  /**
   * Checks the fields.
   *
   * @return the provenance
   * @throws IllegalArgumentException if a field is missing or wrong; the message says which
   */
  public Provenance build() {
    return new Provenance(
        data, recipe, seed, steps, samplesSeen, commit, parent, created, metrics, notes);
  }
}
