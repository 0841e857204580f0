package ai.fresnel.cvs.examples.session;

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.ObjectPlace;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.elevation.ElevationEstimator;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.image.PngBytes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A photograph that is prepared for views: cut out, framed and encoded, or the reason why it cannot
 * be. Immutable.
 */
public final class StoredPhotograph {

  /** Side of the image that shows the framing, pixels. */
  private static final int SHOWN = 512;

  private final Photograph original;
  private final Photograph cutOut;
  private final SourceCamera camera;
  private final boolean masked;
  private final Optional<String> problem;
  private final Optional<ObjectCode> encoded;
  private final byte[] framedPng;

  private StoredPhotograph(
      Photograph original,
      Photograph cutOut,
      SourceCamera camera,
      boolean masked,
      ObjectCode encoded) {
    this.original = original;
    this.cutOut = cutOut;
    this.camera = camera;
    this.masked = masked;
    this.problem = Optional.empty();
    this.encoded = Optional.of(encoded);
    this.framedPng = framed();
  }

  private StoredPhotograph(
      Photograph original, Photograph marked, SourceCamera camera, boolean masked, String problem) {
    this.original = original;
    this.cutOut = marked;
    this.camera = camera;
    this.masked = masked;
    this.problem = Optional.of(problem);
    this.encoded = Optional.empty();
    this.framedPng = new byte[0];
  }

  /**
   * Prepares a photograph.
   *
   * @param cvs encodes it
   * @param original as it was sent
   * @param mask shows where the object is; empty to find out
   * @param camera what took it
   * @return the photograph; one that cannot be framed says why
   * @throws IllegalArgumentException if the mask has another size
   */
  public static StoredPhotograph prepare(
      ViewSynthesizer cvs, Photograph original, Optional<Photograph> mask, SourceCamera camera) {
    Photograph marked = mask.map(original::withMask).orElse(original);
    return prepare(cvs, original, marked, mask.isPresent(), camera);
  }

  /**
   * Prepares a photograph whose object is marked.
   *
   * @param cvs encodes it
   * @param original as it was sent
   * @param marked the same with alpha that shows where the object is
   * @param camera what took it
   * @return the photograph; one that cannot be framed says why
   */
  public static StoredPhotograph prepareMarked(
      ViewSynthesizer cvs, Photograph original, Photograph marked, SourceCamera camera) {
    return prepare(cvs, original, marked, true, camera);
  }

  private static StoredPhotograph prepare(
      ViewSynthesizer cvs,
      Photograph original,
      Photograph marked,
      boolean masked,
      SourceCamera camera) {
    try {
      Photograph cutOut = camera.whole() ? marked : marked.cutOut();
      ViewRequest request = request(cutOut, camera, List.of(camera.pose()));
      return new StoredPhotograph(original, cutOut, camera, masked, cvs.encode(request));
    } catch (IllegalArgumentException e) {
      return new StoredPhotograph(original, marked, camera, masked, e.getMessage());
    }
  }

  /**
   * Prepares the same photograph for another camera.
   *
   * @param cvs encodes it
   * @param next what took it
   * @return the photograph, with its mask
   */
  public StoredPhotograph withCamera(ViewSynthesizer cvs, SourceCamera next) {
    return prepare(cvs, original, masked ? cutOut : original, masked, next);
  }

  /**
   * Estimates the elevation of a camera of which nothing was said.
   *
   * @param cvs encodes the photograph again
   * @param estimator fitted to a model, perhaps to this one
   * @return the photograph for the camera that is estimated, in whole degrees; itself where nothing
   *     can be estimated, or the camera was said
   */
  public StoredPhotograph settled(ViewSynthesizer cvs, ElevationEstimator estimator) {
    if (!camera.equals(SourceCamera.assumed()) || !encoded.map(estimator::isFor).orElse(false)) {
      return this;
    }
    double degrees = Math.rint(estimator.estimate(encoded.get()).degrees());
    return withCamera(cvs, new SourceCamera(degrees, camera.radius(), camera.whole()));
  }

  /**
   * Returns the photograph as it was sent.
   *
   * @return without a mask
   */
  public Photograph original() {
    return original;
  }

  /**
   * Returns what took the photograph.
   *
   * @return the camera
   */
  public SourceCamera camera() {
    return camera;
  }

  /**
   * Says whether a mask was sent.
   *
   * @return false if the object was found without
   */
  public boolean masked() {
    return masked;
  }

  /**
   * Returns why there can be no views.
   *
   * @return one sentence, or empty
   */
  public Optional<String> problem() {
    return problem;
  }

  /**
   * Returns what views are drawn of.
   *
   * @return empty if there is a {@link #problem}
   */
  public Optional<ObjectCode> encoded() {
    return encoded;
  }

  /**
   * Returns where the object is.
   *
   * @return empty if that is unknown, or the photograph is taken whole
   */
  public Optional<ObjectPlace> place() {
    return problem.isPresent() || camera.whole()
        ? Optional.empty()
        : Optional.of(cutOut.objectPlace());
  }

  /**
   * Makes a request of this photograph.
   *
   * @param targets the cameras
   * @return the request
   * @throws IllegalStateException if there is a {@link #problem}
   */
  public ViewRequest request(List<CameraPose> targets) {
    if (problem.isPresent()) {
      throw new IllegalStateException(problem.get());
    }
    return request(cutOut, camera, targets);
  }

  /**
   * Returns the photograph as the network sees it, but larger.
   *
   * @return a PNG, on white; empty if there is a {@link #problem}
   */
  public byte[] framedPng() {
    return framedPng.clone();
  }

  /**
   * Returns where the object is, pixel by pixel.
   *
   * @return a grey PNG of the photograph's size, white on the object
   */
  public byte[] maskPng() {
    byte[] alpha = cutOut.alpha();
    BufferedImage image =
        new BufferedImage(cutOut.width(), cutOut.height(), BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setDataElements(0, 0, cutOut.width(), cutOut.height(), alpha);
    return png(image);
  }

  private static ViewRequest request(
      Photograph cutOut, SourceCamera camera, List<CameraPose> targets) {
    return ViewRequest.of(cutOut, camera.pose(), targets)
        .withFraming(camera.whole() ? Framing.WHOLE : Framing.OBJECT);
  }

  private byte[] framed() {
    Framing framing = camera.whole() ? Framing.WHOLE : Framing.OBJECT;
    float[] planes = cutOut.framed(framing, camera.radius(), SHOWN);
    BufferedImage image = new BufferedImage(SHOWN, SHOWN, BufferedImage.TYPE_INT_RGB);
    int plane = SHOWN * SHOWN;
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | Math.round(planes[c * plane + i] * 127.5f + 127.5f);
      }
      image.setRGB(i % SHOWN, i / SHOWN, rgb);
    }
    return png(image);
  }

  private static byte[] png(BufferedImage image) {
    try {
      return PngBytes.of(image);
    } catch (IOException e) {
      throw new IllegalStateException("an image in memory cannot be encoded", e);
    }
  }

  /** Returns about how much memory the photograph takes, bytes. */
  long bytes() {
    long pixels = (long) original.width() * original.height();
    return 4 * pixels * (cutOut.equals(original) ? 1 : 2) + framedPng.length;
  }
}
