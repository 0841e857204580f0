package ai.fresnel.cvs;

import ai.fresnel.cvs.torch.Precision;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads the arguments of DJL's {@code Criteria} that a {@link ViewBlockFactory} accepts. Values
 * come from Java, from {@code serving.properties} or from JSON, so a number may be a string.
 */
final class CriteriaArguments {

  /** Key of the precision: a {@link Precision}, or its name in upper or lower case. */
  static final String PRECISION = "precision";

  /** Key of the number of threads inside one operation on a CPU, 0 for the engine's choice. */
  static final String THREADS = "threads";

  private CriteriaArguments() {}

  /**
   * Reads the precision.
   *
   * @throws IllegalArgumentException if the value is not a precision
   */
  static Precision precision(Map<String, ?> arguments) {
    Object value = arguments.get(PRECISION);
    if (value == null) {
      return SynthesizerOptions.defaults().precision();
    }
    for (Precision precision : Precision.values()) {
      if (precision.name().equalsIgnoreCase(value.toString().strip())) {
        return precision;
      }
    }
    String names =
        Arrays.stream(Precision.values())
            .map(precision -> precision.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "argument precision is \"" + value + "\", expected one of " + names);
  }

  /**
   * Reads the number of threads.
   *
   * @throws IllegalArgumentException if the value is not an integer of 0 or more
   */
  static int threads(Map<String, ?> arguments) {
    Object value = arguments.get(THREADS);
    if (value == null) {
      return 0;
    }
    double number;
    try {
      number = Double.parseDouble(value.toString());
    } catch (NumberFormatException e) {
      number = Double.NaN;
    }
    if (number >= 0 && number <= Integer.MAX_VALUE && number == Math.rint(number)) {
      return (int) number;
    }
    throw new IllegalArgumentException(
        "argument threads is \"" + value + "\", expected a whole number, 0 or more");
  }
}
