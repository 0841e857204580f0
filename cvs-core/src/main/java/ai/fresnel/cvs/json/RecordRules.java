package ai.fresnel.cvs.json;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How records are spelled.
 *
 * @param lowerCase whether constants and durations are written in lower case and read in any
 * @param flat records whose components stand among those of the record around them
 * @param inline records of one component that are written as that component
 * @param raw String components that hold a JSON object's text and are written as that object
 * @param aliases older names of components, to the names of today
 * @param missing what holds for components that older files do not have
 */
record RecordRules(
    boolean lowerCase,
    Set<Class<?>> flat,
    Set<Class<?>> inline,
    Set<Member> raw,
    Map<Member, String> aliases,
    Map<Member, Object> missing) {

  /** A component of a record by its name, of today or older. */
  record Member(Class<?> type, String name) {

    Member {
      if (!type.isRecord()) {
        throw new IllegalArgumentException(type + " is no record");
      }
    }

    /** Refuses a name that the record does not have, which would be a rule without effect. */
    Member existing() {
      if (Arrays.stream(type.getRecordComponents()).noneMatch(c -> c.getName().equals(name))) {
        throw new IllegalArgumentException(type.getSimpleName() + " has no component " + name);
      }
      return this;
    }
  }

  /** All names an object of a record may have: those of today and the older ones to them. */
  Map<String, String> names(Class<?> type) {
    Map<String, String> names = new LinkedHashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (flat.contains(component.getType())) {
        names.putAll(names(component.getType()));
      } else {
        names.put(component.getName(), component.getName());
      }
    }
    aliases.forEach(
        (old, now) -> {
          if (old.type().equals(type)) {
            names.put(old.name(), now);
          }
        });
    return names;
  }

  /** The spelling of a record that implements a sealed interface: {@code edm} of {@code Edm}. */
  static String typeName(Class<?> type) {
    String name = type.getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
