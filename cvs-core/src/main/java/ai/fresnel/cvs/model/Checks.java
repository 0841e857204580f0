package ai.fresnel.cvs.model;

import ai.fresnel.cvs.json.Json;
import ai.fresnel.cvs.json.JsonException;
import java.util.List;
import java.util.function.Supplier;

/** Checks the values of settings. Errors say the setting, its value and the expected value. */
final class Checks {
  static final int MAX_WIDTH = 8192;
  static final int MAX_LEVELS = 8;

  private Checks() {}

  static void range(String setting, long value, long low, long high) {
    check(value >= low && value <= high, setting, value, low + " to " + high);
  }

  static void range(String setting, double value, double low, double high) {
    // In this form NaN fails, too.
    check(value >= low && value <= high, setting, value, low + " to " + high);
  }

  static void present(String setting, Object value) {
    check(value != null, setting, value, "a value");
  }

  static void check(boolean holds, String setting, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          setting + " is " + Json.printable(String.valueOf(value)) + ", expected " + expected);
    }
  }

  /** Copies a list of the widths of levels or stages, from the finest. */
  static List<Integer> widths(String setting, List<Integer> values) {
    check(values != null, setting, values, "a list of integers");
    check(values.stream().allMatch(v -> v != null), setting, values, "no null");
    check(
        !values.isEmpty() && values.size() <= MAX_LEVELS,
        setting,
        values,
        "1 to " + MAX_LEVELS + " widths");
    for (int i = 0; i < values.size(); i++) {
      range(setting + "[" + i + "]", values.get(i), 1, MAX_WIDTH);
    }
    return List.copyOf(values);
  }

  /** Makes a group of settings and prefixes the messages of its errors with its name. */
  static <T> T in(String group, Supplier<T> part) {
    try {
      return part.get();
    } catch (JsonException e) {
      // The message has the prefix already.
      throw e;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(group + "." + e.getMessage(), e);
    }
  }
}
