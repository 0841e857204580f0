package ai.fresnel.cvs.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.NormalInitializer;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.checkpoint.Safetensors;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.data.TrainingBatch;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.stage.ConsistencyPlan;
import ai.fresnel.cvs.train.stage.DiffusionPlan;
import ai.fresnel.cvs.train.stage.LatentConsistencyPlan;
import ai.fresnel.cvs.train.stage.StagePlan;
import ai.fresnel.cvs.train.stage.StepInputs;
import ai.fresnel.cvs.view.Outputs;
import ai.fresnel.cvs.view.ViewContext;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the steps that a run makes, without a run: on images of noise, from random weights, with
 * nothing saved or drawn. For measuring.
 */
public final class TrainingBench implements AutoCloseable {

  /** The file that {@link #writeExample} adds to a model folder's. */
  public static final String EXAMPLE = "example.safetensors";

  /**
   * Deviation of the noise that is added to all weights: layers that start at zero would hide
   * errors.
   */
  private static final double SPREAD = 0.01;

  /** Deviation of a latent teacher's weights, with which activations keep their size. */
  private static final float TEACHER_SPREAD = 0.02f;

  private final NDManager teachers;
  private final TrainingSetup setup;
  private final TrainingLoop loop;
  private final BatchSource source;

  private TrainingBench(
      NDManager teachers,
      ModelConfig model,
      TrainingConfig config,
      StagePlan plan,
      List<Device> devices)
      throws IOException {
    this.teachers = teachers;
    setup = new TrainingSetup(model, config, plan, devices);
    source = source(model, config);
    loop =
        new TrainingLoop(
            setup.trainer(), setup.stage(), source, config, null, null, p -> {}, () -> false);
  }

  /**
   * Prepares stage 1.
   *
   * @param model the network
   * @param config how it is trained
   * @param devices where, at least one
   * @return the bench
   * @throws IOException if the network cannot be made, as in a run
   */
  public static TrainingBench diffusion(
      ModelConfig model, TrainingConfig config, List<Device> devices) throws IOException {
    StagePlan plan = new DiffusionPlan(config, Optional.empty());
    return new TrainingBench(TorchRuntime.newManager(devices.get(0)), model, config, plan, devices);
  }

  /**
   * Prepares stage 2 with a random teacher.
   *
   * @param model the teacher's network
   * @param config how the student is trained, by losses that need no files
   * @param devices where, at least one
   * @return the bench
   * @throws IOException if the network cannot be made, as in a run
   */
  public static TrainingBench consistency(
      ModelConfig model, TrainingConfig config, List<Device> devices) throws IOException {
    NDManager manager = TorchRuntime.newManager(devices.get(0));
    ViewModel teacher = new ViewModel(model, config.compute().precision());
    Weights.initialize(teacher, manager, config.run().seed());
    Weights.freeze(teacher, !config.stage().trainsTeacher());
    StagePlan plan =
        new ConsistencyPlan(
            config, config.student().sigmas().pairs(), Optional.empty(), Optional.of(teacher));
    return new TrainingBench(
        manager, ConsistencyPlan.student(model, config), config, plan, devices);
  }

  /**
   * Prepares stage 2 of a latent model with a random teacher.
   *
   * @param model the teacher's network
   * @param config how the student is trained, in a {@link StageConfig.LatentConsistency}
   * @param device where
   * @return the bench
   * @throws IOException if the network cannot be made, as in a run
   */
  public static TrainingBench latentConsistency(
      ModelConfig model, TrainingConfig config, Device device) throws IOException {
    NDManager manager = TorchRuntime.newManager(device);
    ViewModel teacher = new ViewModel(model, config.compute().precision());
    // A network whose last layer starts at zero is a student that has nothing to learn.
    for (Parameter parameter : Weights.parameters(teacher).values()) {
      if (parameter.getShape().dimension() > 1) {
        parameter.setInitializer(new NormalInitializer(TEACHER_SPREAD));
      }
    }
    Weights.initialize(teacher, manager, config.run().seed());
    Weights.freeze(teacher, true);
    ModelConfig student =
        LatentConsistencyPlan.student(model, (StageConfig.LatentConsistency) config.stage());
    StagePlan plan = new LatentConsistencyPlan(config, teacher);
    return new TrainingBench(manager, student, config, plan, List.of(device));
  }

  /** Makes one step: a batch, the passes, the update, the averages. */
  public void step() {
    loop.step();
  }

  /**
   * Returns the last step's loss.
   *
   * @return the mean over its samples
   */
  public double loss() {
    return setup.trainer().lastLoss();
  }

  /**
   * Writes what another program needs to show that it computes the same in stage 1: a model folder
   * of weights that are random in every layer, and in {@value #EXAMPLE} the first step's inputs
   * with the network's output; then makes that step, whose loss and norm of the gradient are in the
   * metadata.
   *
   * @param folder the model folder
   * @throws IOException if it cannot be written
   */
  public void writeExample(Path folder) throws IOException {
    ViewModel network = setup.network();
    try (NDManager manager = setup.manager().newSubManager()) {
      long[] names = {0};
      for (NDArray weight : Weights.arrays(network).values()) {
        long[] seed = SampleNoise.seeds(1, names[0]++, 1);
        try (NDManager scope = manager.newSubManager();
            TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
          NDArray noise = SampleNoise.normal(scope, seed, 0, new Shape(weight.size()));
          weight.addi(noise.mul((float) SPREAD).reshape(weight.getShape()));
        }
      }
      ModelFolder.write(
          folder,
          network.config(),
          Weights.arrays(network),
          Provenance.builder().data("none: random weights").created(Instant.now()).build());
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      Worker worker = setup.trainer().worker(setup.stage());
      StepInputs inputs;
      try (TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
        inputs = setup.stage().prepare(manager, source.batch(manager, 0), 0);
        ViewContext context = inputs.condition().context();
        tensors.put("x", inputs.x());
        tensors.put("sigma", inputs.sigma());
        tensors.put("source", context.source());
        tensors.put("pose", context.cameras());
        tensors.put("keep", context.keep().orElseThrow());
        tensors.put("x0", ((Label) inputs.labels().get("denoising")).target());
        Outputs outputs = worker.run(inputs);
        outputs.attach(manager);
        tensors.put("output", outputs.x0());
      }
      setup.trainer().accumulate(worker, inputs, 1);
      setup.trainer().update();
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put("loss", Double.toString(loss()));
      metadata.put("gradient_norm", Double.toString(setup.trainer().lastNorm()));
      Safetensors.write(folder.resolve(EXAMPLE), tensors, metadata);
    }
  }

  /** Always the same images, so that making them costs nothing. */
  private static BatchSource source(ModelConfig model, TrainingConfig config) {
    int n = config.data().batchSize();
    int size = model.imageSize();
    long[] seeds = SampleNoise.seeds(config.run().seed(), 0, n);
    float[][] images = new float[2][3 * size * size * n];
    float[] poses = new float[n * RelativePose.FEATURES];
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    CameraPose from = CameraPose.orbit(0, 0.3, 1.7);
    for (int i = 0; i < n; i++) {
      for (int view = 0; view < 2; view++) {
        float[] image = SampleNoise.uniform(seeds[i], view + 10, 3 * size * size);
        for (int p = 0; p < image.length; p++) {
          images[view][i * image.length + p] = 2 * image[p] - 1;
        }
      }
      CameraPose to = CameraPose.orbit(2 * Math.PI * i / n, 0.3, 1.7);
      float[] features = RelativePose.features(from, lens, to, lens);
      System.arraycopy(features, 0, poses, i * features.length, features.length);
    }
    Shape shape = new Shape(n, 3, size, size);
    return (manager, index) ->
        TrainingBatch.of(
            manager.create(images[0], shape),
            ViewContext.of(
                manager.create(images[1], shape),
                manager.create(poses, new Shape(n, RelativePose.FEATURES))),
            SampleNoise.seeds(config.run().seed(), index * n, n));
  }

  /** Frees all. */
  @Override
  public void close() {
    setup.close();
    teachers.close();
  }
}
