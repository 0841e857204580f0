package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.SynthesizerOptions;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.examples.image.ImageFiles;
import ai.fresnel.cvs.examples.image.PosedFile;
import ai.fresnel.cvs.examples.image.SourceElevation;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.image.Mask;
import ai.fresnel.cvs.train.image.Photographs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Common options of the verbs that draw views of a photograph. */
abstract class DrawingVerb extends Verb {

  @Option(
      names = "--image",
      required = true,
      order = 0,
      paramLabel = "FILE",
      description = "The photograph, PNG or JPEG.")
  Path image;

  @Option(
      names = "--mask",
      order = 1,
      paramLabel = "FILE",
      description =
          "An image of the photograph's size that shows where the object is: by its alpha, by values"
              + " above 0 if there are only 0 and 1, by a palette's colours but the first, by"
              + " colours on black, else by grey of half and more.")
  Path mask;

  @Option(
      names = "--box",
      order = 1,
      paramLabel = "X,Y,W,H",
      description =
          "Cut the object out of a busy background: a box around all of it, in pixels of the upright"
              + " photograph, or each in percent, as 10%%,20%%,50%%,60%%.")
  String box;

  @Option(
      names = "--also",
      order = 3,
      paramLabel = "FILE@A[,E[,R]]",
      description =
          "A further photograph of the object, from a camera A degrees around it from the first"
              + " one's, E degrees above it and R lengths away (default: as the first one's). May be"
              + " given several times.")
  List<String> also = List.of();

  @Option(
      names = "--whole",
      order = 2,
      description = "Use the square photograph as it is, already framed like the rendered views.")
  boolean whole;

  @Option(
      names = "--elevation",
      order = 11,
      paramLabel = "D",
      description = "Degrees to move up from the photograph's camera (default 0).")
  double elevation;

  @Option(
      names = "--source-elevation",
      order = 20,
      paramLabel = "D|auto",
      description =
          "Elevation of the photograph's camera in degrees; auto estimates it, with the bundled"
              + " model (default ${DEFAULT-VALUE}).")
  String sourceElevation = SourceElevation.AUTO;

  @Option(
      names = "--source-radius",
      order = 21,
      paramLabel = "R",
      description =
          "Assumed distance of the photograph's camera, in object lengths; it sets the size of the"
              + " object in the frame (default ${DEFAULT-VALUE}).")
  double sourceRadius = 1.7;

  @Option(
      names = "--steps",
      order = 30,
      paramLabel = "N",
      description = "Network passes (default: 1, 35 for a diffusion model, 50 for Zero123).")
  int steps;

  @Option(
      names = "--guidance",
      order = 31,
      paramLabel = "W",
      description =
          "Weight of classifier-free guidance, diffusers' scale less 1 (default: the model's, 0 for"
              + " models trained here).")
  Double guidance;

  @Option(
      names = "--temperature",
      order = 33,
      paramLabel = "T",
      description =
          "Noise of the first pass: 0 = smooth, the same view for every seed in one pass; 1 = as"
              + " trained (default: the model's, 0 for the bundled model).")
  Double temperature;

  @Option(
      names = "--model",
      order = 40,
      paramLabel = "DIR",
      description = "The model folder (default: the bundled model).")
  Path model;

  @Option(
      names = "--decoder",
      order = 41,
      paramLabel = "DIR",
      description =
          "An autoencoder from `cvs import --as taesd|vae` that decodes the views of a model of"
              + " latents in place of its own: a TAESD is faster, with less detail.")
  Path decoder;

  /** Where the photograph's camera is said, assumed or found to be; null until it is asked for. */
  private SourceElevation known;

  /** The photograph, its mask applied; null until it is read. */
  private Photograph photograph;

  /** Makes a camera around the object; a value out of range is bad usage. */
  final CameraPose camera(double azimuth, double elevation, double radius) {
    require(
        Math.abs(elevation) <= 90,
        "camera's elevation is " + elevation + " degrees, expected -90 to 90");
    try {
      return CameraPose.orbit(Math.toRadians(azimuth), Math.toRadians(elevation), radius);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /** Returns the photograph's camera: as far as it is known. */
  final CameraPose source() {
    return camera(0, sourceDegrees(), sourceRadius);
  }

  /** Returns the elevation of the photograph's camera: as far as it is known. */
  final double sourceDegrees() {
    if (known == null) {
      try {
        known = SourceElevation.of(sourceElevation);
      } catch (IllegalArgumentException e) {
        throw usage("--source-elevation is " + e.getMessage());
      }
    }
    return known.degrees();
  }

  /** Makes the request, with {@link #request(List)}, for the photograph's camera. */
  abstract ViewRequest request() throws IOException;

  /**
   * Estimates the elevation of the photograph's camera if it is to be, and makes the request for
   * it.
   *
   * @param assumed the request for the camera as far as it was known
   */
  final ViewRequest settled(ViewSynthesizer cvs, ViewRequest assumed) throws IOException {
    if (!known.isEstimated()) {
      return assumed;
    }
    known = known.in(cvs, assumed, err()::println);
    return request();
  }

  /** Makes a request with the common options. Reads the photograph if it is the first. */
  final ViewRequest request(List<CameraPose> targets) throws IOException {
    require(steps >= 0, "--steps is " + steps + ", expected 1 or more");
    require(
        guidance == null || Double.isFinite(guidance),
        "--guidance is " + guidance + ", expected a number");
    require(
        temperature == null || (temperature >= 0 && temperature <= 1),
        "--temperature is " + temperature + ", expected 0 to 1");
    require(box == null || mask == null, "--box and --mask are given, expected one of them");
    ViewRequest request =
        ViewRequest.of(photograph(), source(), targets)
            .withSteps(steps)
            .withSeed(seed)
            .withFraming(whole ? Framing.WHOLE : Framing.OBJECT);
    for (String more : also) {
      request = with(request, more);
    }
    request = guidance == null ? request : request.withGuidance(guidance);
    return temperature == null ? request : request.withTemperature(temperature);
  }

  private Photograph photograph() throws IOException {
    if (photograph == null) {
      Photograph found = ImageFiles.readPhotograph(image);
      if (box != null) {
        found = ImageFiles.cutOutInside(image, found, box);
      }
      if (mask != null) {
        Mask read = ImageFiles.readMask(mask);
        found = Photographs.masked(found, read);
        err().println(mask + ": the object is told by " + read.rule().words());
      }
      photograph = found;
    }
    return photograph;
  }

  /** Adds a further photograph. */
  private ViewRequest with(ViewRequest request, String text) throws IOException {
    PosedFile more;
    try {
      more = PosedFile.of(text);
    } catch (IllegalArgumentException e) {
      throw usage("--also is " + e.getMessage());
    }
    require(
        request.photographs().size() < ViewRequest.MOST_PHOTOGRAPHS,
        "--also is given more often than " + (ViewRequest.MOST_PHOTOGRAPHS - 1) + " times");
    CameraPose camera =
        camera(
            more.azimuth(),
            more.elevation().orElse(sourceDegrees()),
            more.radius().orElse(sourceRadius));
    return request.and(ImageFiles.readPhotograph(more.file()), camera);
  }

  /** Says what may spoil the views. */
  final void warn(ViewRequest request) {
    for (String warning : request.warnings()) {
      err().println(spec.qualifiedName() + ": warning: " + warning);
    }
  }

  /** Loads the chosen model, or the bundled one. */
  final ViewSynthesizer load() throws IOException {
    SynthesizerOptions options = SynthesizerOptions.defaults().withDevice(device());
    if (decoder != null) {
      options = options.withDecoder(requireExists(decoder));
    }
    return model == null ? ViewSynthesizer.load(options) : ViewSynthesizer.load(model, options);
  }
}
