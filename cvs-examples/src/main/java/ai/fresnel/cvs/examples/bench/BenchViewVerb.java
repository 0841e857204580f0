package ai.fresnel.cvs.examples.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.condition.PhotographCode;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.ModelFolder;
import ai.fresnel.cvs.model.Provenance;
import ai.fresnel.cvs.torch.TorchRuntime;
import ai.fresnel.cvs.view.ViewModel;
import ai.fresnel.cvs.view.ViewSampler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench view}: measures the time and memory of views with random weights. */
@Command(
    name = "view",
    description = "Time views and measure their memory, with random weights.",
    footer = {
      "",
      "Memory is the resident memory of the process (Linux only) beyond that of the loaded network."
    })
final class BenchViewVerb extends NetworkBenchVerb {

  @Option(
      names = "--steps",
      split = ",",
      paramLabel = "N",
      description = "Numbers of network passes, 1 to 4 (default ${DEFAULT-VALUE}).")
  int[] steps = {1, 2, 4};

  @Option(
      names = "--views",
      split = ",",
      paramLabel = "N",
      description = "Numbers of views at once (default ${DEFAULT-VALUE}).")
  int[] views = {1, 4, 16};

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs to take the median of (default ${DEFAULT-VALUE}).")
  int runs = 5;

  @Option(
      names = "--soak",
      description = "Draw 200 views one by one and print what the last 150 left in memory.")
  boolean soak;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write the model, to time it in another program.")
  Path output;

  @Override
  public Integer call() throws IOException {
    for (int n : views) {
      require(n >= 1 && n <= 1024, "--views is " + n + ", expected 1 to 1024");
    }
    for (int n : steps) {
      require(n >= 1 && n <= 4, "--steps is " + n + ", expected 1 to 4");
    }
    require(runs >= 1, "--runs is " + runs + ", expected 1 or more");
    ModelConfig config = model().toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build();
    setThreads();
    Device where = device();
    try (NDManager manager = TorchRuntime.newManager(where)) {
      ViewModel network = new ViewModel(config);
      Weights.initialize(network, manager, seed);
      Weights.freeze(network, true);
      out().println("model       " + preset + ", random weights, float32");
      NetworkReport.print(out(), network);
      out().println("device      " + where + ", " + TorchRuntime.threads() + " threads");
      try (NDManager scope = manager.newSubManager()) {
        measure(network, scope);
      }
      if (output != null) {
        Provenance origin =
            Provenance.builder().data("none: random weights").created(Instant.now()).build();
        ModelFolder.write(output, config, Weights.arrays(network), origin);
      }
      if (soak) {
        soak(network, manager);
      }
    }
    return 0;
  }

  private void measure(ViewModel network, NDManager manager) {
    ViewSampler sampler = ViewSampler.of(network);
    NDArray source = source(network, manager);
    PhotographCode code = sampler.encode(source);
    double encode = median(runs, () -> sampler.encode(source).get(PhotographCode.TOKENS));
    line("encode      %.1f ms a photograph (medians of %d)", 1e3 * encode, runs);
    line("passes  views       ms  ms a view  GFLOP/s  peak MB");
    double operations = NetworkReport.pass(network.multiplyAdds());
    for (int passes : steps) {
      for (int n : views) {
        long[] seeds = SampleNoise.seeds(seed, 0, n);
        NDArray poses = SampleNoise.normal(manager, seeds, 1, new Shape(RelativePose.FEATURES));
        final long before = ResidentMemory.now();
        ResidentMemory.resetPeak();
        double seconds = median(runs, () -> sampler.sample(code, poses, seeds, passes));
        long peak = ResidentMemory.peak();
        String memory =
            peak == ResidentMemory.UNKNOWN
                ? "-"
                : String.format(Locale.ROOT, "%.0f", (peak - before) / MEGABYTE);
        line(
            "%6d  %5d  %7.1f  %9.1f  %7.0f  %7s",
            passes, n, 1e3 * seconds, 1e3 * seconds / n, operations * passes * n / seconds, memory);
      }
    }
  }

  private static NDArray source(ViewModel network, NDManager manager) {
    int size = network.config().imageSize();
    Shape image = new Shape(3, size, size);
    return SampleNoise.uniform(manager, new long[] {0}, 0, image).mul(2).sub(1);
  }

  /**
   * Draws views like separate calls of a user, each with its own arrays, and prints what stays in
   * memory.
   */
  private void soak(ViewModel network, NDManager manager) {
    ViewSampler sampler = ViewSampler.of(network);
    int arrays = 0;
    long resident = 0;
    for (int i = 0; i < 200; i++) {
      if (i == 50) {
        System.gc();
        arrays = manager.getManagedArrays().size();
        resident = ResidentMemory.now();
      }
      try (NDManager scope = manager.newSubManager()) {
        PhotographCode code = sampler.encode(source(network, scope));
        long[] seeds = {seed + i};
        NDArray pose = SampleNoise.normal(scope, seeds, 1, new Shape(RelativePose.FEATURES));
        sampler.sample(code, pose, seeds, 1).toFloatArray();
      }
    }
    System.gc();
    line(
        "soak        views 51 to 200 left %d arrays and %.1f MB of resident memory",
        manager.getManagedArrays().size() - arrays, (ResidentMemory.now() - resident) / MEGABYTE);
  }
}
