package ai.fresnel.cvs.examples.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.diffusion.SampleNoise;
import ai.fresnel.cvs.geometry.RelativePose;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.nn.ObjectCode;
import ai.fresnel.cvs.nn.ViewNetwork;
import ai.fresnel.cvs.nn.ViewSampler;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench view}: the time of one view, with random weights. */
@Command(name = "view", description = "Time one view in one pass, with random weights.")
final class BenchViewVerb extends Verb {

  @Option(
      names = "--model-preset",
      paramLabel = "NAME",
      description = "tiny64 or base256 (default ${DEFAULT-VALUE}).")
  String preset = "base256";

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Views at once (default ${DEFAULT-VALUE}).")
  int batch = 1;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Runs to take the median of (default ${DEFAULT-VALUE}).")
  int runs = 5;

  @Option(names = "--threads", paramLabel = "N", description = "Threads on the CPU.")
  Integer threads;

  @Override
  public Integer call() {
    require(batch >= 1 && batch <= 1024, "--batch is " + batch + ", expected 1 to 1024");
    require(runs >= 1, "--runs is " + runs + ", expected 1 or more");
    require(threads == null || threads >= 1, "--threads is " + threads + ", expected 1 or more");
    ModelConfig config;
    try {
      config = ModelConfig.preset(preset);
    } catch (IllegalArgumentException e) {
      throw usage("--model-" + e.getMessage());
    }
    config = config.toBuilder().kind(ModelConfig.Kind.CONSISTENCY).build();
    if (threads != null) {
      TorchRuntime.setThreads(threads);
    }
    Device where = device();
    try (NDManager manager = TorchRuntime.newManager(where)) {
      ViewNetwork network = new ViewNetwork(config);
      Weights.initialize(network, manager, seed);
      Weights.freeze(network, true);
      out().println("model       " + preset + ", random weights");
      NetworkReport.print(out(), network);
      out().println("device      " + where + ", " + TorchRuntime.threads() + " threads");
      measure(network, manager);
    }
    return 0;
  }

  private void measure(ViewNetwork network, NDManager manager) {
    int size = network.config().pictureSize();
    long[] seeds = SampleNoise.seeds(seed, 0, batch);
    Shape picture = new Shape(3, size, size);
    NDArray source = SampleNoise.uniform(manager, new long[] {seed}, 0, picture).mul(2).sub(1);
    NDArray pose = SampleNoise.normal(manager, seeds, 1, new Shape(RelativePose.FEATURES));
    ViewSampler sampler = ViewSampler.of(network);
    ObjectCode code = sampler.encode(source);
    double encode = median(() -> sampler.encode(source).tokens());
    double pass = median(() -> sampler.sample(code, pose, seeds, 1));
    Map<String, Long> adds = network.multiplyAdds();
    long operations = 2 * (adds.get("unet") + adds.getOrDefault("refine", 0L));
    out().println(String.format(Locale.ROOT, "encode      %.1f ms a photograph", 1e3 * encode));
    out()
        .println(
            String.format(
                Locale.ROOT,
                "pass        %.1f ms for %d, %.1f ms a view, %.0f GFLOP/s (median of %d)",
                1e3 * pass,
                batch,
                1e3 * pass / batch,
                1e-9 * operations * batch / pass,
                runs));
  }

  /** Seconds of a run; the first, which compiles, does not count. */
  private double median(Supplier<NDArray> work) {
    double[] seconds = new double[runs];
    for (int i = -1; i < runs; i++) {
      long start = System.nanoTime();
      try (NDArray result = work.get()) {
        // A GPU works behind the program's back: reading waits for it.
        result.get(0).sum().toFloatArray();
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds[runs / 2];
  }
}
