package ai.fresnel.cvs.serving;

import ai.djl.modality.Input;
import ai.djl.ndarray.BytesSupplier;
import ai.djl.util.Pair;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.image.ImageFile;
import ai.fresnel.cvs.train.image.Photographs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parts of an HTTP request by name; {@link ServedViewsFactory} lists them. */
final class RequestForm {

  /** The most views of a request: others wait. */
  static final int MAX_VIEWS = 100;

  private static final String PHOTOGRAPH = "photograph";
  private static final String MASK = "mask";

  /** What DJL Serving calls a body without parts. */
  private static final String BODY = "data";

  private static final Set<String> NAMES =
      Set.of(
          PHOTOGRAPH,
          MASK,
          BODY,
          "azimuth",
          "elevation",
          "radius",
          "source-elevation",
          "source-radius",
          "steps",
          "seed",
          "temperature");

  /** Parts that choose the model, for DJL Serving. */
  private static final Set<String> SERVERS = Set.of("model_name", "model_version");

  private final Map<String, BytesSupplier> parts = new HashMap<>();

  /**
   * @throws IllegalArgumentException if a part has no known name or comes twice
   */
  RequestForm(Input input) {
    for (Pair<String, BytesSupplier> part : input.getContent()) {
      String name = part.getKey() == null ? BODY : part.getKey();
      if (SERVERS.contains(name)) {
        continue;
      }
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException("unknown part \"" + name + "\" of the request");
      }
      if (parts.put(name, part.getValue()) != null) {
        throw new IllegalArgumentException("part " + name + " comes twice, expected a list a,b,c");
      }
    }
  }

  /**
   * Reads the photograph, cuts it out and reads the rest.
   *
   * @throws IOException if an image is damaged or too large
   * @throws IllegalArgumentException if a part is missing or out of range, or the photograph cannot
   *     be cut out
   */
  ViewRequest request() throws IOException {
    double elevation = number("source-elevation", 20);
    double radius = number("source-radius", 1.7);
    CameraPose source = camera(0, elevation, radius);
    List<CameraPose> targets = targets(elevation, radius);
    ViewRequest request =
        ViewRequest.of(photograph(), source, targets)
            .withSteps((int) whole("steps", 0, Integer.MAX_VALUE))
            .withSeed(whole("seed", Long.MIN_VALUE, Long.MAX_VALUE));
    return parts.containsKey("temperature")
        ? request.withTemperature(number("temperature", 0))
        : request;
  }

  private Photograph photograph() throws IOException {
    BytesSupplier bytes = parts.getOrDefault(PHOTOGRAPH, parts.get(BODY));
    if (bytes == null || bytes.getAsBytes().length == 0) {
      throw new IllegalArgumentException("request has no photograph, expected PNG or JPEG");
    }
    Photograph photo = Photographs.read(ImageFile.of(PHOTOGRAPH, bytes.getAsBytes()));
    BytesSupplier mask = parts.get(MASK);
    if (mask != null) {
      ImageFile file = ImageFile.of(MASK, mask.getAsBytes());
      photo = Photographs.masked(photo, Photographs.readMask(file));
    }
    return photo.cutOut();
  }

  private List<CameraPose> targets(double sourceElevation, double sourceRadius) {
    double[] azimuths = numbers("azimuth", 0);
    double[] elevations = numbers("elevation", 0);
    double[] radii = numbers("radius", sourceRadius);
    int count = Math.max(azimuths.length, Math.max(elevations.length, radii.length));
    if (count > MAX_VIEWS) {
      throw new IllegalArgumentException(count + " views, expected at most " + MAX_VIEWS);
    }
    List<CameraPose> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      targets.add(
          camera(
              of("azimuth", azimuths, i, count),
              sourceElevation + of("elevation", elevations, i, count),
              of("radius", radii, i, count)));
    }
    return targets;
  }

  /** A single value holds for all views. */
  private static double of(String name, double[] values, int view, int count) {
    if (values.length != 1 && values.length != count) {
      throw new IllegalArgumentException(
          name + " has " + values.length + " values, expected 1 or " + count);
    }
    return values[values.length == 1 ? 0 : view];
  }

  private static CameraPose camera(double azimuth, double elevation, double radius) {
    if (!(Math.abs(elevation) <= 90)) {
      throw new IllegalArgumentException(
          "a camera's elevation is " + elevation + " degrees, expected -90 to 90");
    }
    return CameraPose.orbit(Math.toRadians(azimuth), Math.toRadians(elevation), radius);
  }

  private double number(String name, double otherwise) {
    double[] values = numbers(name, otherwise);
    if (values.length != 1) {
      throw new IllegalArgumentException(name + " has " + values.length + " values, expected 1");
    }
    return values[0];
  }

  private double[] numbers(String name, double otherwise) {
    BytesSupplier part = parts.get(name);
    if (part == null) {
      return new double[] {otherwise};
    }
    String[] words = part.getAsString().split(",", -1);
    double[] values = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      try {
        values[i] = Double.parseDouble(words[i].strip());
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            name + " is \"" + words[i].strip() + "\", expected a number", e);
      }
    }
    return values;
  }

  /** Returns 0 without the part. */
  private long whole(String name, long least, long most) {
    BytesSupplier part = parts.get(name);
    if (part == null) {
      return 0;
    }
    String word = part.getAsString().strip();
    try {
      long value = Long.parseLong(word);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Refused below, as what is out of range.
    }
    throw new IllegalArgumentException(
        name + " is \"" + word + "\", expected a whole number of " + least + " to " + most);
  }
}
