package ai.fresnel.cvs.examples.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.NormalInitializer;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.Guidance;
import ai.fresnel.cvs.diffusion.NullCondition;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.Precision;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.train.Recipes;
import ai.fresnel.cvs.train.config.StageConfig;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.memory.MemoryModel;
import ai.fresnel.cvs.train.memory.MemoryPlan;
import ai.fresnel.cvs.train.run.TrainingBench;
import ai.fresnel.cvs.train.stage.LatentConsistencyPlan;
import ai.fresnel.cvs.view.ViewModel;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench zero123}: times a network of Zero123's published size with random weights. */
@Command(
    name = "zero123",
    description = "Time a network of Zero123's published size, with random weights.",
    footer = {
      "",
      "It needs 6 GB of memory in float32, 4.5 GB in bfloat16; a training step needs 7 GB."
    })
final class BenchZero123Verb extends Verb {

  /** Small enough that nothing overflows, and far from numbers that processors are slow with. */
  private static final float SPREAD = 0.02f;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description = "FLOAT32, BFLOAT16 or FLOAT16 (default ${DEFAULT-VALUE}).")
  Precision precision = Precision.FLOAT32;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs to take the median of (default ${DEFAULT-VALUE}).")
  int runs = 3;

  @Option(names = "--threads", paramLabel = "N", description = "Number of threads on the CPU.")
  Integer threads;

  @Option(
      names = "--train",
      description =
          "Time steps of the recipe lcm instead, one sample each, without a warm-up:"
              + " the adapter of rank 64, all levels checkpointed.")
  boolean train;

  @Override
  public Integer call() throws IOException {
    require(runs >= 1, "--runs is " + runs + ", expected 1 or more");
    require(threads == null || threads >= 1, "--threads is " + threads + ", expected 1 or more");
    if (threads != null) {
      TorchRuntime.setThreads(threads);
    }
    line("model       zero123, random weights, %s", precision);
    line("device      %s, %d threads", device(), TorchRuntime.threads());
    if (train) {
      train();
    } else {
      infer();
    }
    line("memory      %.1f GB at most", ResidentMemory.peak() / (double) (1L << 30));
    return 0;
  }

  /** Makes the steps of a run, beside what they were planned to need. */
  private void train() throws IOException {
    ModelConfig teacher = ModelConfig.zero123();
    List<Integer> levels = IntStream.range(0, teacher.levels()).boxed().toList();
    TrainingConfig config =
        Recipes.named("lcm", TrainingConfig.consistency()).toBuilder()
            .run(r -> r.withSeed(seed))
            .data(d -> d.withBatchSize(1))
            .compute(c -> c.withPrecision(precision).withCheckpointLevels(levels))
            .build();
    StageConfig.LatentConsistency stage = (StageConfig.LatentConsistency) config.stage();
    MemoryModel memory =
        MemoryModel.consistency(LatentConsistencyPlan.student(teacher, stage), teacher);
    // Any budget will do where nothing is left to decide.
    MemoryPlan plan = MemoryPlan.of(Long.MAX_VALUE, memory, config, MemoryPlan.SETTINGS);
    out().print("planned" + System.lineSeparator() + plan.estimate());
    try (TrainingBench bench = TrainingBench.latentConsistency(teacher, config, device())) {
      line("made        %.1f GB resident", ResidentMemory.now() / (double) (1L << 30));
      for (int i = 0; i < runs; i++) {
        long start = System.nanoTime();
        bench.step();
        double loss = bench.loss();
        line("step        %.1f s, loss %.5f", (System.nanoTime() - start) / 1e9, loss);
      }
    }
  }

  @SuppressWarnings("try") // the handle of the gradient mode is only closed
  private void infer() {
    ModelConfig config = ModelConfig.zero123();
    try (NDManager manager = TorchRuntime.newManager(device());
        TorchRuntime.GradientMode off = TorchRuntime.noGradient()) {
      ViewModel network = new ViewModel(config, precision);
      for (Parameter parameter : Weights.parameters(network).values()) {
        parameter.setInitializer(new NormalInitializer(SPREAD));
      }
      Weights.initialize(network, manager, seed);
      Weights.freeze(network, true);
      network.narrowed();
      NetworkReport.print(out(), network);
      measure(network, manager);
    }
  }

  private void measure(ViewModel network, NDManager manager) {
    ModelConfig config = network.config();
    int size = config.imageSize();
    ParameterStore store = new ParameterStore(manager, false);
    NDArray photograph = SampleNoise.uniform(manager, new long[] {0}, 0, new Shape(3, size, size));
    double encode =
        NetworkBenchVerb.median(
            runs,
            () -> {
              PhotographCode code = network.encode(store, photograph);
              code.get(PhotographCode.EMBEDDING).close();
              return code.get(PhotographCode.PHOTOGRAPH);
            });
    line("encode      %.2f s a photograph (medians of %d)", encode, runs);
    PhotographCode code = network.encode(store, photograph);
    Conditioning conditioning = network.condition(store, code, move(manager));
    Denoiser denoiser = network.denoiser(store, config.scaling().scaling());
    Denoiser guided = Guidance.of(denoiser, 2, NullCondition.ZEROS);
    Shape state = network.codec().stateShape(new Shape(3, size, size));
    NDArray x = SampleNoise.normal(manager, new long[] {1}, 0, state);
    NDArray sigma = manager.create(new float[] {1});
    double operations = NetworkReport.pass(network.multiplyAdds());
    double step = NetworkBenchVerb.median(runs, () -> guided.denoise(x, sigma, conditioning));
    line("guided step %.2f s, %.0f GFLOP/s", step, 2 * operations / step);
    double decode = NetworkBenchVerb.median(runs, () -> network.codec().decode(x));
    line("decode      %.2f s a view", decode);
  }

  private static NDArray move(NDManager manager) {
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, 256);
    CameraPose source = CameraPose.orbit(0, 0.3, 1.7);
    CameraPose target = CameraPose.orbit(1, 0.1, 1.7);
    float[] features = RelativePose.features(source, lens, target, lens);
    return manager.create(features, new Shape(1, RelativePose.FEATURES));
  }

  private void line(String format, Object... values) {
    out().println(String.format(Locale.ROOT, format, values));
    out().flush();
  }
}
