package ai.fresnel.cvs.view;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.FusedCode;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.ConsistencySampler;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.NoiseSchedule;
import ai.fresnel.cvs.diffusion.NullCondition;
import ai.fresnel.cvs.diffusion.OdeSampler;
import ai.fresnel.cvs.diffusion.OdeSolver;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.diffusion.SigmaGrid;
import ai.fresnel.cvs.diffusion.StepNoise;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.NoiseConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Draws images from a network in memory: what previews, evaluation and {@link
 * ai.fresnel.cvs.ViewSynthesizer} share. It knows from the configuration whether the network is a
 * denoiser (solved by Heun's method) or a consistency function (a few passes), so callers do not.
 *
 * <p>Image i depends on its source, its pose and {@code seeds[i]}, not on the rest of the batch,
 * but for rounding: matrix products of other sizes may add in another order. Both kinds start from
 * the same noise for the same seed, so a student's image can be compared with its teacher's.
 * Immutable; any number of threads may sample at once, unless one of them changes the network's
 * weights.
 */
public final class ViewSampler {

  /** Levels of EDM's sampler, of which Heun's method makes 35 passes. */
  private static final int ODE_LEVELS = 18;

  private static final TorchFunction ENLARGED =
      TorchFunction.of(
          "view: Tensor, like: Tensor",
          """
          side = torch.size(like, 2)
          return torch.upsample_bilinear2d(view, [side, side], False, None, None)
          """);

  private final ViewModel network;
  private final ModelConfig config;
  private final double guidance;
  private final int batch;

  private ViewSampler(ViewModel network, ModelConfig config, double guidance, int batch) {
    this.network = network;
    this.config = config;
    this.guidance = guidance;
    this.batch = batch;
  }

  /**
   * Makes a sampler of a network, as the network's own configuration says.
   *
   * @param network an initialised network, used where it is: later changes of its weights show
   * @return the sampler
   */
  public static ViewSampler of(ViewModel network) {
    return of(network, network.config());
  }

  /**
   * Makes a sampler of a network whose kind or noise settings are not those it was built with: a
   * student in a teacher's network, a measured sigmaData.
   *
   * @param network an initialised network, used where it is: later changes of its weights show
   * @param config kind and noise settings; its shapes must be the network's
   * @return the sampler
   */
  public static ViewSampler of(ViewModel network, ModelConfig config) {
    Device device = Weights.arrays(network).values().iterator().next().getDevice();
    double own = SolverSampler.of(config).map(solver -> solver.config().guidance()).orElse(0.0);
    return new ViewSampler(network, config, own, SamplerBatch.on(device, config.imageSize()));
  }

  /**
   * Returns the weight of guidance.
   *
   * @return 0 = unguided
   */
  public double guidance() {
    return guidance;
  }

  /**
   * Leans away from the unconditional prediction, by another weight than the model's own, which is
   * 0 unless its configuration has a solver. A network that takes the weight as an input gets it as
   * such; any other is run twice a pass.
   *
   * @param weight 0 = unguided, finite; diffusers' scale is 1 more
   * @return a sampler with it
   * @throws IllegalArgumentException if the weight is not finite
   */
  public ViewSampler withGuidance(double weight) {
    if (!Double.isFinite(weight)) {
      throw new IllegalArgumentException("guidance weight is " + weight + ", expected a number");
    }
    return new ViewSampler(network, config, weight, batch);
  }

  /**
   * Scales the noise of the first pass by another factor than the model's own.
   *
   * @param temperature 0 to 1, see {@link ConsistencySampler#withTemperature}
   * @return a sampler with it
   * @throws IllegalArgumentException if it is out of range, or the model is a diffusion model,
   *     whose solver takes noise as it is
   */
  public ViewSampler withTemperature(double temperature) {
    if (!(temperature >= 0 && temperature <= 1)) {
      throw new IllegalArgumentException("temperature is " + temperature + ", expected 0.0 to 1.0");
    }
    if (config.kind() != ModelConfig.Kind.CONSISTENCY) {
      throw new IllegalArgumentException(
          "temperature is "
              + temperature
              + ", expected none: this is a diffusion model, which draws from all of its noise");
    }
    ModelConfig changed = config.toBuilder().sampling(s -> s.withTemperature(temperature)).build();
    return new ViewSampler(network, changed, guidance, batch);
  }

  /**
   * Sets how many images go through the network at once. It changes nothing but rounding.
   *
   * @param images at least 1
   * @return a sampler with it
   * @throws IllegalArgumentException if it is below 1
   */
  public ViewSampler withBatch(int images) {
    if (images < 1) {
      throw new IllegalArgumentException("batch is " + images + ", expected at least 1");
    }
    return new ViewSampler(network, config, guidance, images);
  }

  /**
   * How many images go through the network at once.
   *
   * @return at least 1; unless set, so many that they have 2¹⁸ pixels, on a GPU 2²⁰
   */
  public int batch() {
    return batch;
  }

  /**
   * The passes that {@code steps = 0} stands for.
   *
   * @return 1 for a consistency model; for a diffusion model 35, or those of its solver
   */
  public int defaultSteps() {
    Optional<SolverSampler> solver = SolverSampler.of(config);
    if (solver.isPresent()) {
      return solver.get().config().steps();
    }
    return config.kind() == ModelConfig.Kind.CONSISTENCY ? 1 : 2 * ODE_LEVELS - 1;
  }

  /**
   * Checks a number of passes.
   *
   * @param steps as {@link #sample} takes it
   * @throws IllegalArgumentException if this model cannot be sampled in so many
   */
  public void requireSteps(int steps) {
    if (steps == 0) {
      return;
    }
    if (config.kind() == ModelConfig.Kind.CONSISTENCY) {
      if (!config.fewStepSigmas().containsKey(steps)) {
        throw new IllegalArgumentException(
            "steps is " + steps + ", expected one of " + config.fewStepSigmas().keySet());
      }
    } else if (SolverSampler.of(config).isPresent()) {
      SolverSampler.of(config).get().requireSteps(steps);
    } else if (steps < 3) {
      throw new IllegalArgumentException(
          "steps is "
              + steps
              + ", expected 3 or more: this is a diffusion model, whose default is "
              + defaultSteps());
    }
  }

  /**
   * Encodes photographs, once for any number of {@link #sample(PhotographCode, NDArray, long[],
   * int)}.
   *
   * @param source (N, 3, S, S) in [-1, 1]
   * @return the code, on the source's manager; valid while the source is open
   */
  @SuppressWarnings("try")
  public PhotographCode encode(NDArray source) {
    requireShape("source", source, imageShape(source.getShape().get(0)));
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      return network.encode(store(source), source);
    }
  }

  /**
   * Draws one image a row.
   *
   * @param source (N, 3, S, S) in [-1, 1]
   * @param pose (N, 16), see {@link RelativePose#features}
   * @param seeds N seeds of the noise
   * @param steps network passes, 0 for {@link #defaultSteps}; a diffusion model makes the greatest
   *     odd number of passes that is not more
   * @return (N, 3, S, S), not clipped to [-1, 1], on the pose's manager
   * @throws IllegalArgumentException if shapes or counts do not agree, or the model cannot be
   *     sampled in so many steps
   */
  public NDArray sample(NDArray source, NDArray pose, long[] seeds, int steps) {
    requireShape("source", source, imageShape(seeds.length));
    try (NDManager sub = source.getManager().newSubManager()) {
      NDArray view = source.reshape(source.getShape());
      view.attach(sub);
      return sample(encode(view), pose, seeds, steps);
    }
  }

  /**
   * Draws one image a row from encoded photographs.
   *
   * @param code of one photograph for all rows, or of N
   * @param pose (N, 16), see {@link RelativePose#features}
   * @param seeds N seeds of the noise
   * @param steps network passes, 0 for {@link #defaultSteps}; a diffusion model makes the greatest
   *     odd number of passes that is not more
   * @return (N, 3, S, S), not clipped to [-1, 1], on the pose's manager
   * @throws IllegalArgumentException if shapes or counts do not agree, or the model cannot be
   *     sampled in so many steps
   */
  public NDArray sample(PhotographCode code, NDArray pose, long[] seeds, int steps) {
    int n = seeds.length;
    long codes = code.size();
    if (n == 0 || (codes != 1 && codes != n)) {
      throw new IllegalArgumentException(
          n + " seeds for " + codes + " photographs, expected one an image, at least 1");
    }
    Conditioned each =
        (rows, from, to) ->
            network.condition(store(rows), code.rows(rows.getManager(), from, to), rows);
    return sample(each, pose, seeds, steps);
  }

  /**
   * Draws views of one object from several encoded photographs.
   *
   * @param object the photographs
   * @param pose (N, 16), see {@link RelativePose#features}, from the first photograph
   * @param seeds N seeds of the noise, at least 1
   * @param steps network passes, as above
   * @return (N, 3, S, S), not clipped to [-1, 1], on the pose's manager
   * @throws IllegalArgumentException if shapes or counts do not agree, or the model cannot be
   *     sampled in so many steps
   */
  public NDArray sample(FusedCode object, NDArray pose, long[] seeds, int steps) {
    return sample(
        (rows, from, to) -> network.conditioner().condition(store(rows), object, rows),
        pose,
        seeds,
        steps);
  }

  /** Makes the conditioning of some of the rows, whose poses are given, on their manager. */
  @FunctionalInterface
  private interface Conditioned {
    Conditioning of(NDArray pose, int from, int to);
  }

  @SuppressWarnings("try")
  private NDArray sample(Conditioned conditioned, NDArray pose, long[] seeds, int steps) {
    int n = seeds.length;
    requireShape("pose", pose, new Shape(n, RelativePose.FEATURES));
    requireSteps(steps);
    NDManager owner = pose.getManager();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager manager = owner.newSubManager()) {
      NDList parts = new NDList();
      int passes = steps == 0 ? defaultSteps() : steps;
      for (int from = 0; from < n; from += batch) {
        int to = Math.min(n, from + batch);
        try (NDManager part = manager.newSubManager()) {
          NDArray rows = pose.get(part, new NDIndex("{}:{}", from, to));
          long[] own = Arrays.copyOfRange(seeds, from, to);
          NDArray drawn = draw(rows, conditioned.of(rows, from, to), own, passes);
          drawn.attach(manager);
          parts.add(drawn);
        }
      }
      NDArray all = parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts, 0);
      all.attach(owner);
      return all;
    }
  }

  /**
   * Renders the volumes of photographs, without a pass of the U-Net. A residual model starts from
   * these views; others render at the size of their grid, and the view is enlarged.
   *
   * @param source (N, 3, S, S) in [-1, 1]
   * @param pose (N, 16), see {@link RelativePose#features}
   * @return (N, 3, S, S), not clipped to [-1, 1], on the pose's manager
   * @throws IllegalArgumentException if the shapes do not agree
   * @throws IllegalStateException if the model has no volume
   */
  @SuppressWarnings("try")
  public NDArray render(NDArray source, NDArray pose) {
    long n = pose.getShape().get(0);
    requireShape("source", source, imageShape(n));
    NDManager owner = pose.getManager();
    try (TorchRuntime.GradientMode off = TorchRuntime.noGradient();
        NDManager manager = owner.newSubManager()) {
      ParameterStore store = store(pose);
      NDArray view = network.render(store, source, pose).x0();
      view.attach(manager);
      NDArray image = ENLARGED.call(network.codec().decode(view), source);
      image.attach(owner);
      return image;
    }
  }

  /** A batch of images, on the manager of the poses. */
  private NDArray draw(NDArray pose, Conditioning conditioning, long[] seeds, int steps) {
    return network.codec().decode(state(pose, conditioning, seeds, steps));
  }

  private NDArray state(NDArray pose, Conditioning given, long[] seeds, int steps) {
    NDManager manager = pose.getManager();
    ParameterStore store = store(pose);
    Conditioning conditioning = given;
    Denoiser denoiser = network.denoiser(store, config.scaling().scaling());
    Optional<SolverSampler> solver = SolverSampler.of(config);
    NoiseConfig range = config.noise();
    NoiseSchedule schedule = new NoiseSchedule(range.sigmaMin(), range.sigmaMax(), range.rho());
    boolean few = config.kind() == ModelConfig.Kind.CONSISTENCY;
    if (few) {
      denoiser = config.scaling().consistency(denoiser);
    }
    if (config.conditioner().guidanceInput()) {
      NDArray weights = manager.full(new Shape(seeds.length), (float) guidance);
      conditioning = conditioning.withGuidance(weights);
    } else {
      NullCondition away =
          solver.map(s -> s.config().nullCondition()).orElse(NullCondition.AS_TRAINED);
      denoiser = Guidance.of(denoiser, guidance, away);
    }
    Shape state = network.codec().stateShape(imageShape(1).slice(1));
    NDArray noise = SampleNoise.normal(manager, seeds, 0, state);
    if (solver.isPresent()) {
      return solver.get().sample(denoiser, noise, StepNoise.seeded(seeds), conditioning, steps);
    }
    if (few) {
      List<Double> levels = config.fewStepSigmas().get(steps);
      // The sampler starts at sigmaMax by itself.
      double[] later = levels.stream().skip(1).mapToDouble(Double::doubleValue).toArray();
      return new ConsistencySampler(schedule, later)
          .withTemperature(config.sampling().temperature())
          .sample(denoiser, noise, seeds, conditioning);
    }
    SigmaGrid grid = SigmaGrid.karrasToZero(schedule, (steps + 1) / 2);
    return new OdeSampler(OdeSolver.HEUN, grid).sample(denoiser, noise, conditioning);
  }

  /** A store of one call: nothing is remembered of weights that training replaces. */
  private static ParameterStore store(NDArray like) {
    return new ParameterStore(like.getManager(), false);
  }

  private Shape imageShape(long n) {
    return new Shape(n, config.codec().imageChannels(), config.imageSize(), config.imageSize());
  }

  private static void requireShape(String what, NDArray array, Shape expected) {
    if (!array.getShape().equals(expected)) {
      throw new IllegalArgumentException(
          what + " has shape " + array.getShape() + ", expected " + expected);
    }
  }
}
