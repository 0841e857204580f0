package ai.fresnel.cvs.examples.image;

import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * A further photograph's file and where its camera was, as the command line says it: {@code
 * FILE@AZIMUTH[,ELEVATION[,RADIUS]]}.
 *
 * @param file the photograph
 * @param azimuth degrees around the object from the first photograph's camera, anticlockwise seen
 *     from above
 * @param elevation degrees above the object; empty = as the first photograph's
 * @param radius distance in object lengths; empty = as the first photograph's
 */
public record PosedFile(
    Path file, double azimuth, OptionalDouble elevation, OptionalDouble radius) {

  /**
   * Reads the text.
   *
   * @param text as above
   * @return the file and its camera
   * @throws IllegalArgumentException if the text is something else; the message says so in one line
   */
  public static PosedFile of(String text) {
    int at = text.lastIndexOf('@');
    String[] numbers = at < 1 ? new String[0] : text.substring(at + 1).split(",", -1);
    if (numbers.length < 1 || numbers.length > 3) {
      throw wrong(text);
    }
    return new PosedFile(
        Path.of(text.substring(0, at)),
        number(text, numbers[0]),
        numbers.length > 1 ? OptionalDouble.of(number(text, numbers[1])) : OptionalDouble.empty(),
        numbers.length > 2 ? OptionalDouble.of(number(text, numbers[2])) : OptionalDouble.empty());
  }

  private static double number(String text, String word) {
    try {
      double number = Double.parseDouble(word);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, with the whole text.
    }
    throw wrong(text);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\", expected FILE@AZIMUTH[,ELEVATION[,RADIUS]], such as back.png@180,20");
  }
}
