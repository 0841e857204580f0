package ai.fresnel.cvs.train.config;

import java.time.Duration;

/** Checks of settings. Messages begin with the setting's name. */
final class Checks {

  private Checks() {}

  static void require(String name, Number value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + expected);
    }
  }

  static void requireShare(String name, double value) {
    require(name, value, value >= 0 && value < 1, "0 or more, below 1");
  }

  static void requirePresent(String name, Object value) {
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
  }

  static void requireTime(String name, Duration value) {
    requirePresent(name, value);
    // Compared in nanoseconds, of which a long holds 292 years.
    if (value.isNegative() || value.compareTo(Duration.ofDays(36_500)) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 s to 36500 days");
    }
  }
}
