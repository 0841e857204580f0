package ai.fresnel.cvs;

import ai.djl.Device;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Orbit;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.nn.ObjectCode;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws an object from a new camera, given one photograph of it.
 *
 * <pre>{@code
 * CameraPose source = CameraPose.orbit(0, Math.toRadians(20), 1.7);
 * CameraPose target = CameraPose.orbit(Math.toRadians(60), Math.toRadians(20), 1.7);
 * try (ViewSynthesizer cvs = ViewSynthesizer.load(Path.of("model"))) {
 *   Image view = cvs.generateNovelView(photo, source, target);
 *   List<Image> orbit = cvs.generateMultiview(photo, source, Orbit.ring(16));
 * }
 * }</pre>
 *
 * <p>Cameras look at the object, one unit long, around the world's origin; the lens is {@linkplain
 * Intrinsics#ZERO123_FIELD_OF_VIEW Zero123's} on both sides. Only the move between the cameras and
 * the source's tilt count, so the source's azimuth is free. Photographs are framed by {@link
 * Framing#OBJECT} and put on white; views are S×S pixels on white, S the model's picture size. The
 * same photograph, cameras and seed give the same picture.
 *
 * <p>Safe for use by several threads. Not closed while another thread still draws.
 */
public final class ViewSynthesizer implements AutoCloseable {

  private final NDManager manager;
  private final ModelConfig config;
  private final Provenance provenance;
  private final ViewSampler sampler;

  private ViewSynthesizer(NDManager manager, ModelFolder folder) throws IOException {
    this.manager = manager;
    config = folder.config();
    provenance = folder.provenance();
    if (config.pictureChannels() != 3) {
      throw new IOException(
          folder.path() + ": model has " + config.pictureChannels() + " channels, expected 3");
    }
    sampler = ViewSampler.of(ViewNetwork.load(folder, manager));
  }

  /**
   * Loads a model onto the engine's default device: the first GPU, or the CPU.
   *
   * @param model a model folder
   * @return the synthesizer; close it after use
   * @throws IOException if the folder is missing, damaged or of a newer version; names the file and
   *     the part
   */
  public static ViewSynthesizer load(Path model) throws IOException {
    return load(model, TorchRuntime.engine().defaultDevice());
  }

  /**
   * Loads a model.
   *
   * @param model a model folder
   * @param device where the network runs
   * @return the synthesizer; close it after use
   * @throws IOException if the folder is missing, damaged or of a newer version; names the file and
   *     the part
   */
  public static ViewSynthesizer load(Path model, Device device) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model)) {
      NDManager manager = TorchRuntime.newManager(device);
      try {
        return new ViewSynthesizer(manager, folder);
      } catch (IOException | RuntimeException e) {
        manager.close();
        throw e;
      }
    }
  }

  /**
   * Draws one view, in one pass of the network if the model is a consistency model; a diffusion
   * model takes 35.
   *
   * @param photo the photograph, with transparency, on white, or square and framed
   * @param source where it was taken from; its radius says how large the object is framed
   * @param target where to look from
   * @return the view
   * @throws IllegalArgumentException if the photograph cannot be framed, see {@link Photograph}
   */
  public Image generateNovelView(Image photo, CameraPose source, CameraPose target) {
    return generate(ViewRequest.of(Photograph.of(photo), source, List.of(target))).get(0);
  }

  /**
   * Draws one view in several passes, each of which sharpens the last.
   *
   * @param photo the photograph, with transparency, on white, or square and framed
   * @param source where it was taken from; its radius says how large the object is framed
   * @param target where to look from
   * @param steps network passes: those of the model's configuration, commonly 1 to 4; a diffusion
   *     model takes 3 or more
   * @return the view
   * @throws IllegalArgumentException if the photograph cannot be framed or the model cannot be
   *     sampled in so many steps
   */
  public Image generateRefined(Image photo, CameraPose source, CameraPose target, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + ", expected at least 1");
    }
    return generate(ViewRequest.of(Photograph.of(photo), source, List.of(target)).withSteps(steps))
        .get(0);
  }

  /**
   * Draws several views; the photograph is encoded once, and each view is what {@link
   * #generateNovelView} draws.
   *
   * @param photo the photograph, with transparency, on white, or square and framed
   * @param source where it was taken from; its radius says how large the object is framed
   * @param targets where to look from, at least 1
   * @return the views, in order
   * @throws IllegalArgumentException if the photograph cannot be framed or there is no target
   */
  public List<Image> generateMultiview(Image photo, CameraPose source, List<CameraPose> targets) {
    return generate(ViewRequest.of(Photograph.of(photo), source, targets));
  }

  /**
   * Draws an orbit around the object.
   *
   * @param photo the photograph, with transparency, on white, or square and framed
   * @param source where it was taken from; its radius says how large the object is framed
   * @param orbit where to look from
   * @return the views, in order
   * @throws IllegalArgumentException if the photograph cannot be framed or the orbit leads over a
   *     pole
   */
  public List<Image> generateMultiview(Image photo, CameraPose source, Orbit orbit) {
    return generateMultiview(photo, source, orbit.around(source));
  }

  /**
   * Draws what a request says.
   *
   * @param request the photograph, the cameras and all settings
   * @return the views: all samples of the first target, of the second, ...
   * @throws IllegalArgumentException if the photograph cannot be framed or the model cannot be
   *     sampled in so many steps
   */
  public List<Image> generate(ViewRequest request) {
    sampler.requireSteps(request.steps());
    int size = config.pictureSize();
    float[] photo = request.photograph().framed(request.framing(), request.source().radius(), size);
    int count = Math.multiplyExact(request.targets().size(), request.samples());
    float[] pictures;
    try (NDManager scope = manager.newSubManager()) {
      NDArray source = scope.create(photo, new Shape(1, 3, size, size));
      ObjectCode code = sampler.encode(source);
      NDArray pose = scope.create(poses(request, size), new Shape(count, RelativePose.FEATURES));
      long[] seeds = new long[count];
      for (int i = 0; i < count; i++) {
        seeds[i] = request.seed() + i % request.samples();
      }
      pictures =
          sampler
              .withGuidance(request.guidance())
              .sample(code, pose, seeds, request.steps())
              .toFloatArray();
    }
    List<Image> views = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      views.add(image(pictures, i, size));
    }
    return views;
  }

  private static float[] poses(ViewRequest request, int size) {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    int samples = request.samples();
    float[] all = new float[request.targets().size() * samples * RelativePose.FEATURES];
    int at = 0;
    for (CameraPose target : request.targets()) {
      float[] one = RelativePose.features(request.source(), lens, target, lens);
      for (int k = 0; k < samples; k++) {
        System.arraycopy(one, 0, all, at, one.length);
        at += one.length;
      }
    }
    return all;
  }

  private static Image image(float[] pictures, int index, int size) {
    int plane = size * size;
    int[] argb = new int[plane];
    for (int i = 0; i < plane; i++) {
      int at = 3 * plane * index + i;
      argb[i] =
          0xFF000000
              | level(pictures[at]) << 16
              | level(pictures[at + plane]) << 8
              | level(pictures[at + 2 * plane]);
    }
    return ImageFactory.getInstance().fromPixels(argb, size, size);
  }

  private static int level(float value) {
    return Math.round(Math.min(1, Math.max(-1, value)) * 127.5f + 127.5f);
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
   * Returns where the model came from.
   *
   * @return the content of {@code provenance.json}
   */
  public Provenance provenance() {
    return provenance;
  }

  /** Frees the network's memory. */
  @Override
  public void close() {
    manager.close();
  }
}
