package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.view.ViewModel;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Prints the parameters and operations of a network by part. */
public final class NetworkReport {

  private NetworkReport() {}

  /**
   * Prints the report.
   *
   * @param out receives the lines
   * @param network initialised
   */
  public static void print(PrintWriter out, ViewModel network) {
    Map<String, Long> counts = Weights.counts(network);
    long total = counts.values().stream().mapToLong(Long::longValue).sum();
    out.println(String.format(Locale.ROOT, "parameters  %,d", total));
    counts.forEach(
        (part, count) -> out.println(String.format(Locale.ROOT, "  %-12s %,13d", part, count)));
    Map<String, Long> adds = network.multiplyAdds();
    // A multiply-add is two operations.
    out.println(
        String.format(
            Locale.ROOT,
            "operations  %.2f GFLOP a pass, %.2f GFLOP a photograph",
            pass(adds),
            2e-9 * photograph(adds)));
  }

  /** Multiply-adds of encoding a photograph, without a frozen DINOv2. */
  private static long photograph(Map<String, Long> adds) {
    return Stream.of("detail", "volume", "clip", "encode")
        .mapToLong(part -> adds.getOrDefault(part, 0L))
        .sum();
  }

  /**
   * Returns the GFLOP of one pass from the counts of {@link ViewModel#multiplyAdds}; a multiply-add
   * is two operations.
   */
  static double pass(Map<String, Long> adds) {
    return 2e-9 * (adds.get("unet") + adds.getOrDefault("refine", 0L));
  }
}
