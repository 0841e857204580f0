package ai.fresnel.cvs.json;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Maps records to JSON and back by the names and types of their components, so that a new setting
 * cannot be forgotten here. Components are int, long, double, boolean, String, enums, {@link
 * java.time.Duration}, {@link java.time.Instant}, other records, sealed interfaces of records (with
 * a {@value #TYPE} beside the components: the record's name, its first letter small), and {@code
 * List}, {@code Optional} (null = empty) and {@code SortedMap} (from Integer or String) of these.
 * The records are public; their constructors check ranges with messages that begin with the
 * component's name.
 *
 * <p>What does not fit is refused in one {@link JsonException}: unknown and repeated names, names
 * that are missing, values of another type ({@code "16"} or {@code 16.5} for {@code 16}), numbers
 * that are not finite, and what a constructor refuses.
 */
public final class RecordJson {
  /** The name that says which record a sealed interface is. */
  public static final String TYPE = "type";

  private final RecordRules rules;

  private RecordJson(RecordRules rules) {
    this.rules = rules;
  }

  /**
   * Starts with no special spellings.
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
   * @return an object with one entry a component, in their order
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
   * @throws JsonException if a component is missing, or anything is not as it should be
   */
  public <R extends Record> R read(Class<R> type, JsonValue json) {
    return new RecordReader(rules).read(type, json, Optional.empty());
  }

  /**
   * Reads any part of a record over another one; records in it are read over each other in turn,
   * lists and maps are replaced.
   *
   * @param <R> the record's type
   * @param before what holds for components that the object leaves out
   * @param json the object
   * @return the record
   * @throws JsonException if anything is not as it should be
   */
  public <R extends Record> R readOver(R before, JsonValue json) {
    @SuppressWarnings("unchecked") // A record class is final.
    Class<R> type = (Class<R>) before.getClass();
    return new RecordReader(rules).read(type, json, Optional.of(before));
  }

  /**
   * Tells which components an object gives a value.
   *
   * @param type the record's type
   * @param json the object
   * @return their names of today, in the object's order
   * @throws JsonException if the object has a name that the record has not
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
     * Puts a record's components among those of the record around it.
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
     * Writes a string that holds a JSON object's text as that object.
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
     * @param old the name that older files have
     * @param name the component
     * @return this builder
     */
    public Builder alias(Class<? extends Record> type, String old, String name) {
      aliases.put(
          new RecordRules.Member(type, old), new RecordRules.Member(type, name).existing().name());
      return this;
    }

    /**
     * Says what holds for a component that older files do not have.
     *
     * @param type the record
     * @param name the component
     * @param value its value there
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
