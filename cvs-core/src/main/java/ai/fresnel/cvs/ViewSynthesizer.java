package ai.fresnel.cvs;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDManager;
import ai.djl.util.Progress;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.splat.FrustumCells;
import ai.fresnel.cvs.torch.SharedArrays;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Draws an object from a new camera, given one photograph of it.
 *
 * <pre>{@code
 * CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
 * CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.7);
 * try (ViewSynthesizer cvs = ViewSynthesizer.load()) {
 *   Image view = cvs.generateNovelView(photo, source, target);
 *   List<Image> orbit = cvs.generateMultiview(photo, source, Orbit.ring(16));
 * }
 * }</pre>
 *
 * <p>Cameras look at the object, one unit long, around the world's origin; the lens is {@linkplain
 * ai.fresnel.cvs.geometry.Intrinsics#ZERO123_FIELD_OF_VIEW Zero123's} on both sides. Only the move
 * between the cameras and the source's tilt matter, so the source's azimuth is free. A photograph
 * needs transparency or a plain background. It is framed by {@link Framing#OBJECT} and put on
 * white. Views are S×S pixels on white, where S is the model's image size.
 *
 * <p>The noise and all random choices of a view follow from its seed alone, so the same photograph,
 * cameras and settings give the same view, whatever is drawn beside it. Bit for bit that holds for
 * the same batch size, number of threads, libtorch and machine. Others round sums otherwise: values
 * may then differ by 1 of 255, as about 1 in 30,000 does.
 *
 * <p>A missing argument is a {@link NullPointerException} whose message names it.
 *
 * <p>Thread-safe. {@link #close} waits for views that other threads are drawing and refuses further
 * ones; from inside a drawing call (its progress) it does not wait, and the last call frees the
 * memory. Interrupting a thread that draws has no effect on the drawing.
 */
public final class ViewSynthesizer implements AutoCloseable {

  private final SharedArrays weights;
  private final ModelConfig config;
  private final Provenance provenance;
  private final ViewModel network;
  private final ViewSampler sampler;
  private final CodeOrigin origin;

  private ViewSynthesizer(NDManager manager, ModelFolder folder, SynthesizerOptions options)
      throws IOException {
    weights = new SharedArrays("synthesizer", manager);
    config = folder.config();
    provenance = folder.provenance();
    if (config.codec().imageChannels() != 3) {
      throw new IOException(
          folder.path()
              + ": model has "
              + config.codec().imageChannels()
              + " channels, expected 3");
    }
    network = ViewModel.load(folder, manager, options.precision());
    if (options.decoder().isPresent()) {
      new OtherDecoder(options.decoder().get(), manager, options.precision()).in(network, folder);
    }
    network.narrowed();
    sampler = ViewSampler.of(network);
    origin = new CodeOrigin(folder, sampler);
  }

  /**
   * Loads the model that comes with this library: {@code small64}, trained on furniture and others.
   * See its {@link #provenance}.
   *
   * @return the synthesizer; close it after use
   * @throws IOException if the model cannot be unpacked to the system's folder for temporary files
   */
  public static ViewSynthesizer load() throws IOException {
    return load(SynthesizerOptions.defaults());
  }

  /**
   * Loads the model that comes with this library.
   *
   * @param options device, precision and threads
   * @return the synthesizer; close it after use
   * @throws IOException if the model cannot be unpacked to the system's folder for temporary files
   */
  public static ViewSynthesizer load(SynthesizerOptions options) throws IOException {
    Objects.requireNonNull(options, "options is null");
    try (BundledModel model = BundledModel.unpack()) {
      return load(model.folder(), options);
    }
  }

  /**
   * Loads a model onto the engine's default device: the first GPU, or the CPU.
   *
   * @param model a model folder
   * @return the synthesizer; close it after use
   * @throws IOException if the folder is missing, damaged or of a newer version; the message names
   *     the file and the part
   */
  public static ViewSynthesizer load(Path model) throws IOException {
    return load(model, SynthesizerOptions.defaults());
  }

  /**
   * Loads a model.
   *
   * @param model a model folder
   * @param options device, precision, threads and decoder
   * @return the synthesizer; close it after use
   * @throws IOException if a folder is missing, damaged or of a newer version, or the decoder is
   *     not for the model's latents; the message names the file and the part
   */
  public static ViewSynthesizer load(Path model, SynthesizerOptions options) throws IOException {
    Objects.requireNonNull(model, "model is null");
    Objects.requireNonNull(options, "options is null");
    try (ModelFolder folder = ModelFolder.open(model)) {
      NDManager manager = TorchRuntime.newManager(options.deviceOrDefault());
      boolean loaded = false;
      try {
        if (options.threads() > 0) {
          TorchRuntime.setThreads(options.threads());
        }
        ViewSynthesizer cvs = new ViewSynthesizer(manager, folder, options);
        loaded = true;
        return cvs;
      } finally {
        if (!loaded) {
          manager.close();
        }
      }
    } catch (ClosedByInterruptException e) {
      InterruptedIOException interrupted =
          new InterruptedIOException(model + ": interrupted while the model was loaded");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /**
   * Draws one view. A consistency model takes one network pass, a diffusion model 35, Zero123 50
   * guided ones.
   *
   * @param photo the photograph, with transparency or a plain background
   * @param source the camera of the photograph; its radius sets how large the object is framed
   * @param target the camera of the view
   * @return the view
   * @throws IllegalArgumentException if the photograph cannot be framed, see {@link Photograph}
   */
  public Image generateNovelView(Image photo, CameraPose source, CameraPose target) {
    return generate(request(photo, source, target)).image();
  }

  /**
   * Draws one view in several passes, each of which sharpens the image.
   *
   * @param photo the photograph, with transparency or a plain background
   * @param source the camera of the photograph; its radius sets how large the object is framed
   * @param target the camera of the view
   * @param steps network passes: those of the model's configuration, commonly 1 to 4; a diffusion
   *     model takes 3 or more
   * @return the view
   * @throws IllegalArgumentException if the photograph cannot be framed or the model does not
   *     support this number of steps
   */
  public Image generateRefined(Image photo, CameraPose source, CameraPose target, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + ", expected at least 1");
    }
    return generate(request(photo, source, target).withSteps(steps)).image();
  }

  private static ViewRequest request(Image photo, CameraPose source, CameraPose target) {
    Objects.requireNonNull(photo, "photo is null");
    Objects.requireNonNull(target, "target is null");
    return ViewRequest.of(Photograph.of(photo), source, List.of(target));
  }

  /**
   * Draws several views, each as {@link #generateNovelView} draws it, but for rounding: see above.
   * The photograph is encoded once.
   *
   * @param photo the photograph, with transparency or a plain background
   * @param source the camera of the photograph; its radius sets how large the object is framed
   * @param targets the cameras of the views, at least 1
   * @return the views, in order
   * @throws IllegalArgumentException if the photograph cannot be framed or there is no target
   */
  public List<Image> generateMultiview(Image photo, CameraPose source, List<CameraPose> targets) {
    Objects.requireNonNull(photo, "photo is null");
    return generate(ViewRequest.of(Photograph.of(photo), source, targets)).images();
  }

  /**
   * Draws an orbit around the object.
   *
   * @param photo the photograph, with transparency or a plain background
   * @param source the camera of the photograph; its radius sets how large the object is framed
   * @param orbit the cameras of the views
   * @return the views, in order
   * @throws IllegalArgumentException if the photograph cannot be framed or the orbit passes a pole
   */
  public List<Image> generateMultiview(Image photo, CameraPose source, Orbit orbit) {
    Objects.requireNonNull(orbit, "orbit is null");
    return generateMultiview(photo, source, orbit.around(source));
  }

  /**
   * Draws the views of a request.
   *
   * @param request the photograph, the cameras and all settings
   * @return the views: all samples of the first target, of the second, ...
   * @throws IllegalArgumentException if the photograph cannot be framed or the model does not
   *     support this number of steps or a temperature
   * @throws IllegalStateException if this synthesizer is closed
   */
  public ViewResult generate(ViewRequest request) {
    return generate(request, null);
  }

  /**
   * Draws the views of a request and reports progress.
   *
   * @param request the photograph, the cameras and all settings
   * @param progress gets the number of views drawn, after each batch; may be null
   * @return the views: all samples of the first target, of the second, ...
   * @throws IllegalArgumentException if the photograph cannot be framed or the model does not
   *     support this number of steps or a temperature
   * @throws IllegalStateException if this synthesizer is closed
   */
  public ViewResult generate(ViewRequest request, Progress progress) {
    Objects.requireNonNull(request, "request is null");
    try (SharedArrays.Use use = weights.use()) {
      return draw(use.manager(), request, progress);
    }
  }

  private ViewResult draw(NDManager scope, ViewRequest request, Progress progress) {
    final long start = System.nanoTime();
    sampler.requireSteps(request.steps());
    origin.requireVolume(request.photographs().size());
    EncodedObject object = EncodedObject.of(scope, request, sampler, config);
    List<ViewResult.View> views =
        drawing(request.sampling(), request.batchSize())
            .draw(scope, object, ViewRows.of(request, config), progress);
    return new ViewResult(request, views, Duration.ofNanos(System.nanoTime() - start));
  }

  private ViewDrawing drawing(Sampling sampling, int batchSize) {
    int batch = batchSize == 0 ? sampler.batch() : batchSize;
    return new ViewDrawing(sampling.of(sampler).withBatch(batch), sampling.steps());
  }

  /**
   * Encodes a photograph, to draw views of it whenever they are asked for.
   *
   * @param photo the photograph, with transparency or a plain background
   * @param source its camera
   * @return the code; {@link ObjectCode#fuse} joins it with those of other photographs
   * @throws IllegalArgumentException if the photograph cannot be framed
   * @throws IllegalStateException if this synthesizer is closed
   */
  public ObjectCode encode(Image photo, CameraPose source) {
    return encode(request(photo, source, source));
  }

  /**
   * Encodes the photographs of a request.
   *
   * @param request the photographs and how they are framed; the rest does not matter
   * @return the code
   * @throws IllegalArgumentException if a photograph cannot be framed
   * @throws IllegalStateException if this synthesizer is closed
   */
  public ObjectCode encode(ViewRequest request) {
    Objects.requireNonNull(request, "request is null");
    try (SharedArrays.Use use = weights.use()) {
      return ObjectCode.of(
          origin.fingerprint(), EncodedObject.of(use.manager(), request, sampler, config));
    }
  }

  /**
   * Draws views of an encoded object, each as {@link #generate(ViewRequest)} draws it from the
   * photographs.
   *
   * @param code a code that this model made
   * @param targets the cameras, at least 1
   * @param sampling passes, seed, samples, guidance and temperature
   * @return the views: all samples of the first target, of the second, ...
   * @throws IllegalArgumentException if the code is another model's, there is no target, or the
   *     model does not support the settings
   * @throws IllegalStateException if this synthesizer is closed
   */
  public List<ViewResult.View> generate(
      ObjectCode code, List<CameraPose> targets, Sampling sampling) {
    Objects.requireNonNull(code, "code is null");
    Objects.requireNonNull(sampling, "sampling is null");
    List<CameraPose> cameras = ViewRequest.checked(targets);
    try (SharedArrays.Use use = weights.use()) {
      origin.require(code, sampling, use.manager());
      EncodedObject object = code.on(use.manager());
      ViewRows rows = new ViewRows(object.source(), cameras, sampling, config.imageSize());
      return drawing(sampling, 0).draw(use.manager(), object, rows, null);
    }
  }

  /**
   * Draws views of several encoded objects, those of equal passes, guidance and temperature in one
   * pass of the network.
   *
   * @param views the views
   * @return the views' images, in order; each as {@link #generate(ViewRequest)} draws it, but for
   *     rounding
   * @throws IllegalArgumentException as {@link #generate(ObjectCode, List, Sampling)} does
   * @throws IllegalStateException if this synthesizer is closed
   */
  public List<Image> draw(List<EncodedView> views) {
    Objects.requireNonNull(views, "views is null");
    try (SharedArrays.Use use = weights.use()) {
      views.forEach(view -> origin.require(view.code(), view.sampling(), use.manager()));
      return new EncodedViews(sampler, config).draw(use.manager(), views);
    }
  }

  /**
   * Renders the photograph's volume: how much of each pixel its object covers, and how far it is.
   *
   * @param request the photograph and the cameras
   * @return a view for each target
   * @throws IllegalArgumentException if the photograph cannot be framed
   * @throws IllegalStateException if the model has no volume, or this synthesizer is closed
   */
  public List<VolumeView> volumeViews(ViewRequest request) {
    Objects.requireNonNull(request, "request is null");
    try (SharedArrays.Use use = weights.use()) {
      return new VolumeReader(network, request).views(use.manager());
    }
  }

  /**
   * Reads the photograph's volume cell by cell; Gaussians can be made of them at once.
   *
   * @param request the photograph; its targets do not matter
   * @return the cells, in the world of the source camera
   * @throws IllegalArgumentException if the photograph cannot be framed
   * @throws IllegalStateException if the model has no volume, or this synthesizer is closed
   */
  public FrustumCells volumeCells(ViewRequest request) {
    Objects.requireNonNull(request, "request is null");
    try (SharedArrays.Use use = weights.use()) {
      return new VolumeReader(network, request).cells(use.manager());
    }
  }

  /**
   * Returns the model's configuration.
   *
   * @return the content of {@code config.json}
   */
  public ModelConfig config() {
    return config;
  }

  /**
   * Returns the origin of the model's weights.
   *
   * @return the content of {@code provenance.json}
   */
  public Provenance provenance() {
    return provenance;
  }

  /**
   * Frees the network's memory. Waits for views that other threads are drawing, unless it is called
   * from inside a drawing call or the thread is interrupted: then the last drawing call frees the
   * memory. Closing again is harmless.
   */
  @Override
  public void close() {
    weights.close();
  }
}
