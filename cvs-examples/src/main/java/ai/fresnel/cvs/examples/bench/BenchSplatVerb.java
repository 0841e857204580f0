package ai.fresnel.cvs.examples.bench;

import ai.fresnel.cvs.examples.terminal.Verb;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.SplatRenderer;
import ai.fresnel.cvs.train.splat.SplatDensity;
import ai.fresnel.cvs.train.splat.SplatOptimiser;
import ai.fresnel.cvs.train.splat.SplatSettings;
import ai.fresnel.cvs.train.splat.SplatView;
import ai.fresnel.cvs.train.viewset.View;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cvs bench splat}: times images and steps of Gaussians. */
@Command(
    name = "splat",
    description = {
      "Time images and optimisation steps of Gaussians on the processor.",
      "A step is an image, L1 and SSIM, the gradient and Adam. The Gaussians are an even ball."
    })
final class BenchSplatVerb extends Verb {

  /** Runs before the compiler has made its best of the loops. */
  private static final int WARM = 10;

  private static final double FAR = 1.5;

  @Option(
      names = "--gaussians",
      split = ",",
      paramLabel = "N",
      description = "Numbers of Gaussians (default 1000,5000,20000,100000).")
  int[] gaussians = {1_000, 5_000, 20_000, 100_000};

  @Option(
      names = "--size",
      split = ",",
      paramLabel = "S",
      description = "Sides of the image in pixels (default 64,128,256,512).")
  int[] sizes = {64, 128, 256, 512};

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of threads (default 1,2).")
  int[] threads = {1, 2};

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "Steps to take the median of (default ${DEFAULT-VALUE}).")
  int runs = 20;

  @Override
  public Integer call() {
    require(runs >= 1 && runs <= 10_000, "--runs is " + runs + ", expected 1 to 10000");
    require(
        Arrays.stream(gaussians).allMatch(n -> n >= 1 && n <= 10_000_000),
        "--gaussians has a number out of 1 to 10000000");
    require(
        Arrays.stream(sizes).allMatch(s -> s >= 8 && s <= 4096),
        "--size has a number out of 8 to 4096");
    require(
        Arrays.stream(threads).allMatch(t -> t >= 1 && t <= 256),
        "--threads has a number out of 1 to 256");
    out()
        .println(
            "Gaussians   pixels  threads  image ms  step ms  step, processor ms  allocated MB");
    for (int count : gaussians) {
      for (int size : sizes) {
        for (int n : threads) {
          measure(count, size, n);
        }
      }
    }
    return 0;
  }

  private void measure(int count, int size, int n) {
    GaussianArrays ball = ball(count, seed);
    Intrinsics lens = Intrinsics.fromFieldOfView(Intrinsics.ZERO123_FIELD_OF_VIEW, size);
    CameraPose pose = CameraPose.orbit(0, 0, FAR);
    byte[] rgba = new byte[4 * size * size];
    new Random(1).nextBytes(rgba);
    for (int i = 3; i < rgba.length; i += 4) {
      rgba[i] = -1;
    }
    SplatSettings settings =
        SplatSettings.object()
            .withSteps(runs + WARM)
            .withGaussians(count)
            .withDensity(SplatDensity.none());
    SplatOptimiser optimiser =
        new SplatOptimiser(settings, List.of(SplatView.of(View.of(lens, pose, rgba))), ball, n);
    SplatRenderer renderer = SplatRenderer.onWhite().withThreads(n);
    double[] images = new double[runs];
    double[] steps = new double[runs];
    double[] used = new double[runs];
    double allocated = 0;
    for (int i = 0; i < runs + WARM; i++) {
      long start = System.nanoTime();
      renderer.trace(ball, pose, lens);
      long between = System.nanoTime();
      double processor = processorMillis();
      long before = allocatedBytes();
      optimiser.step();
      if (i >= WARM) {
        images[i - WARM] = (between - start) / 1e6;
        steps[i - WARM] = (System.nanoTime() - between) / 1e6;
        used[i - WARM] = processorMillis() - processor;
        allocated = (allocatedBytes() - before) / 1e6;
      }
    }
    out()
        .printf(
            Locale.ROOT,
            "%9d %4d×%-4d %7d %9.1f %8.1f %19.1f %13.1f%n",
            count,
            size,
            size,
            n,
            NetworkBenchVerb.median(images),
            NetworkBenchVerb.median(steps),
            Arrays.stream(used).average().orElseThrow(),
            allocated);
    out().flush();
  }

  /** Gaussians on a sphere of radius 0.35, as large as their distances, of all opacities. */
  private static GaussianArrays ball(int count, long seed) {
    Random random = new Random(seed);
    GaussianArrays ball = GaussianArrays.zeros(count, 0);
    double size = Math.log(0.9 / Math.sqrt(count));
    for (int i = 0; i < count; i++) {
      double z = 2 * random.nextDouble() - 1;
      double angle = 2 * Math.PI * random.nextDouble();
      double radius = Math.sqrt(1 - z * z);
      ball.means()[3 * i] = (float) (0.35 * radius * Math.cos(angle));
      ball.means()[3 * i + 1] = (float) (0.35 * radius * Math.sin(angle));
      ball.means()[3 * i + 2] = (float) (0.35 * z);
      for (int k = 0; k < 4; k++) {
        ball.rotations()[4 * i + k] = (float) random.nextGaussian();
      }
      for (int k = 0; k < 3; k++) {
        ball.logScales()[3 * i + k] = (float) (size + 0.4 * random.nextGaussian());
        ball.sh()[3 * i + k] = (float) (0.5 * random.nextGaussian());
      }
      ball.opacityLogits()[i] = (float) (2 * random.nextGaussian());
    }
    return ball;
  }

  /** The processor time of all threads, in steps of some milliseconds. */
  private static double processorMillis() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e6
        : Double.NaN;
  }

  /** What the calling thread has allocated, which is nearly all. */
  private static long allocatedBytes() {
    return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
        ? threads.getThreadAllocatedBytes(Thread.currentThread().getId())
        : 0;
  }
}
