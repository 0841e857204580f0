package ai.fresnel.cvs.examples.image;

import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.PosedPhotograph;
import ai.fresnel.cvs.Sampling;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.elevation.ElevationEstimate;
import ai.fresnel.cvs.elevation.ElevationEstimator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The elevation of a photograph's camera, as the command line says it: degrees, or {@value #AUTO},
 * to have it estimated.
 *
 * @param degrees above the object, -90 to 90; those assumed before they are estimated
 * @param isEstimated whether they are to be estimated
 */
public record SourceElevation(double degrees, boolean isEstimated) {

  /** Asks for an estimate. */
  public static final String AUTO = "auto";

  /** What is assumed where nothing is known. */
  private static final double ASSUMED = 20;

  /**
   * Reads the text.
   *
   * @param text a number or {@value #AUTO}
   * @return the elevation
   * @throws IllegalArgumentException if the text is something else; the message says so in one line
   */
  public static SourceElevation of(String text) {
    if (text.equals(AUTO)) {
      return new SourceElevation(ASSUMED, true);
    }
    try {
      double degrees = Double.parseDouble(text);
      if (Math.abs(degrees) <= 90) {
        return new SourceElevation(degrees, false);
      }
    } catch (NumberFormatException e) {
      // Said below, as what is out of range.
    }
    throw new IllegalArgumentException(
        "\"" + text + "\", expected " + AUTO + " or -90 to 90 degrees");
  }

  /**
   * Estimates the elevation if it is to be, and says what was found in one line.
   *
   * @param cvs the model that will draw
   * @param request whose first photograph to look at, framed as it will be for drawing
   * @param notes takes the line
   * @return the elevation, known now
   * @throws IOException if the estimator cannot be read
   * @throws IllegalArgumentException if the photograph cannot be framed
   */
  public SourceElevation in(ViewSynthesizer cvs, ViewRequest request, Consumer<String> notes)
      throws IOException {
    if (!isEstimated) {
      return this;
    }
    PosedPhotograph first = request.photographs().get(0);
    ObjectCode code =
        cvs.encode(
            new ViewRequest(
                List.of(first), request.targets(), Sampling.defaults(), request.framing(), 0));
    ElevationEstimator estimator = ElevationEstimator.bundled();
    if (!estimator.isFor(code)) {
      notes.accept(
          String.format(
              Locale.ROOT,
              "photograph's elevation: %.0f degrees (assumed: there is no estimator for %s)",
              degrees,
              cvs.config().name()));
      return new SourceElevation(degrees, false);
    }
    ElevationEstimate estimate = estimator.estimate(code);
    notes.accept(
        String.format(
            Locale.ROOT,
            "photograph's elevation: %.0f ± %.0f degrees (estimated)",
            estimate.degrees(),
            estimate.standardDeviation()));
    return new SourceElevation(estimate.degrees(), false);
  }
}
