package ai.fresnel.cvs.json;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The spelling rules of records.
 *
 * @param lowerCase whether constants and durations are written in lower case and read in any
 * @param flat records whose components are written among those of the enclosing record
 * @param inline records of one component that are written as that component
 * @param raw String components with the text of a JSON object, which are written as that object
 * @param aliases older names of components, to the current names
 * @param missing values of components that older files lack
 */
record RecordRules(
    boolean lowerCase,
    Set<Class<?>> flat,
    Set<Class<?>> inline,
    Set<Member> raw,
    Map<Member, String> aliases,
    Map<Member, Object> missing) {

  /** A component of a record by its current or an older name. */
  record Member(Class<?> type, String name) {

    Member {
      if (!type.isRecord()) {
        throw new IllegalArgumentException(type + " is no record");
      }
    }

    /** Refuses a name that the record lacks: the rule would have no effect. */
    Member existing() {
      if (Arrays.stream(type.getRecordComponents()).noneMatch(c -> c.getName().equals(name))) {
        throw new IllegalArgumentException(type.getSimpleName() + " has no component " + name);
      }
      return this;
    }
  }

  /** Returns all names that an object of a record may have: the current names and the aliases. */
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

  /** Returns the type name of a record of a sealed interface: {@code edm} of {@code Edm}. */
  static String typeName(Class<?> type) {
    String name = type.getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
