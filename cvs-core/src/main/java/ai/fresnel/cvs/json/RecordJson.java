package ai.fresnel.cvs.json;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Maps records to JSON and back by the names and types of their components. A new setting needs no
 * code here. Components are int, long, double, boolean, String, enums, {@link java.time.Duration},
 * {@link java.time.Instant}, other records, sealed interfaces of records (with a {@value #TYPE}
 * beside the components: the record's name with a small first letter), and {@code List}, {@code
 * Optional} (null = empty) and {@code SortedMap} (from Integer or String) of these. The records are
 * public. Their constructors check ranges, with messages that begin with the component's name.
 *
 * <p>A {@link JsonException} refuses unknown, repeated and missing names, values of another type
 * ({@code "16"} or {@code 16.5} for {@code 16}), numbers that are not finite, and values that a
 * constructor refuses.
 */
public final class RecordJson {
  /** The name of the entry that tells the record of a sealed interface. */
  public static final String TYPE = "type";

  private final RecordRules rules;

  private RecordJson(RecordRules rules) {
    this.rules = rules;
  }

  /**
   * Starts a mapping without special spellings.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Writes a record.
   *
   * @param settings the record
   * @return an object with one entry per component, in their order
   */
  public JsonObject write(Record settings) {
    return new RecordWriter(rules).write(settings);
  }

  /**
   * Reads a whole record.
   *
   * @param <R> the record's type
   * @param type the record's type
   * @param json the object
   * @return the record
   * @throws JsonException if a component is missing or wrong, or a name is unknown
   */
  public <R extends Record> R read(Class<R> type, JsonValue json) {
    return new RecordReader(rules).read(type, json, Optional.empty());
  }

  /**
   * Reads some components of a record and takes the others from another record. Inner records are
   * merged in the same way; lists and maps are replaced.
   *
   * @param <R> the record's type
   * @param before the record with the values that the object leaves out
   * @param json the object
   * @return the record
   * @throws JsonException if a component is wrong or a name is unknown
   */
  public <R extends Record> R readOver(R before, JsonValue json) {
    @SuppressWarnings("unchecked") // A record class is final.
    Class<R> type = (Class<R>) before.getClass();
    return new RecordReader(rules).read(type, json, Optional.of(before));
  }

  /**
   * Returns the components that an object sets.
   *
   * @param type the record's type
   * @param json the object
   * @return their current names, in the object's order
   * @throws JsonException if the object has a name that the record lacks
   */
  public Set<String> given(Class<? extends Record> type, JsonValue json) {
    Map<String, String> names = rules.names(type);
    json.checkNames(names.keySet());
    Set<String> given = new LinkedHashSet<>();
    json.names().forEach(name -> given.add(names.get(name)));
    return given;
  }

  /** Collects special spellings. */
  public static final class Builder {
    private boolean lowerCase;
    private final Set<Class<?>> flat = new HashSet<>();
    private final Set<Class<?>> inline = new HashSet<>();
    private final Set<RecordRules.Member> raw = new HashSet<>();
    private final Map<RecordRules.Member, String> aliases = new HashMap<>();
    private final Map<RecordRules.Member, Object> missing = new HashMap<>();

    private Builder() {}

    /**
     * Writes constants of enums and durations in lower case, and reads them in any.
     *
     * @return this builder
     */
    public Builder lowerCase() {
      lowerCase = true;
      return this;
    }

    /**
     * Writes an inner record's components among those of the enclosing record.
     *
     * @param type the inner record
     * @return this builder
     */
    public Builder flat(Class<? extends Record> type) {
      flat.add(type);
      return this;
    }

    /**
     * Writes a record of one component as that component.
     *
     * @param type the record
     * @return this builder
     */
    public Builder inline(Class<? extends Record> type) {
      if (type.getRecordComponents().length != 1) {
        throw new IllegalArgumentException(type + " has not one component");
      }
      inline.add(type);
      return this;
    }

    /**
     * Writes a string with the text of a JSON object as that object.
     *
     * @param type the record
     * @param name the component
     * @return this builder
     */
    public Builder raw(Class<? extends Record> type, String name) {
      raw.add(new RecordRules.Member(type, name).existing());
      return this;
    }

    /**
     * Accepts an older name of a component.
     *
     * @param type the record
     * @param old the name in older files
     * @param name the component
     * @return this builder
     */
    public Builder alias(Class<? extends Record> type, String old, String name) {
      aliases.put(
          new RecordRules.Member(type, old), new RecordRules.Member(type, name).existing().name());
      return this;
    }

    /**
     * Sets the value of a component that older files lack.
     *
     * @param type the record
     * @param name the component
     * @param value its value
     * @return this builder
     */
    public Builder missing(Class<? extends Record> type, String name, Object value) {
      missing.put(new RecordRules.Member(type, name).existing(), value);
      return this;
    }

    /**
     * Builds the mapping.
     *
     * @return the mapping
     */
    public RecordJson build() {
      return new RecordJson(
          new RecordRules(
              lowerCase,
              Set.copyOf(flat),
              Set.copyOf(inline),
              Set.copyOf(raw),
              Map.copyOf(aliases),
              Map.copyOf(missing)));
    }
  }
}
