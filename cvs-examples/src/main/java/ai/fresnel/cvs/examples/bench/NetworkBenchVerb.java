package ai.fresnel.cvs.examples.bench;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchRuntime;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Common options of the verbs that time networks. */
abstract class NetworkBenchVerb extends Verb {

  static final double MEGABYTE = 1 << 20;

  @Option(
      names = {"--preset", "--model-preset"},
      paramLabel = "NAME",
      description = "tiny64, small64, base256 or latent256 (default ${DEFAULT-VALUE}).")
  String preset = "base256";

  @Option(names = "--threads", paramLabel = "N", description = "Number of threads on the CPU.")
  Integer threads;

  /** Returns the configuration of the preset. */
  final ModelConfig model() {
    try {
      return ModelConfig.preset(preset);
    } catch (IllegalArgumentException e) {
      throw usage("--" + e.getMessage());
    }
  }

  final void setThreads() {
    require(threads == null || threads >= 1, "--threads is " + threads + ", expected 1 or more");
    if (threads != null) {
      TorchRuntime.setThreads(threads);
    }
  }

  final void line(String format, Object... values) {
    out().println(String.format(Locale.ROOT, format, values));
    out().flush();
  }

  /** Returns the median seconds of some runs; the first, which compiles, does not count. */
  static double median(int runs, Supplier<NDArray> work) {
    double[] seconds = new double[runs];
    for (int i = -1; i < runs; i++) {
      long start = System.nanoTime();
      try (NDArray result = work.get()) {
        // A GPU computes asynchronously: reading waits for it.
        result.get(0).sum().toFloatArray();
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) / 1e9;
      }
    }
    return median(seconds);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
