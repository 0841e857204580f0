package ai.fresnel.cvs.examples.cli;

import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** The options of an orbit of drawn Gaussians. */
final class OrbitOptions {

  @Option(
      names = "--orbit-views",
      paramLabel = "N",
      description = "Images of the drawn orbit (default ${DEFAULT-VALUE}).")
  int views = 24;

  @Option(
      names = "--orbit-size",
      paramLabel = "S",
      description = "Their sides in pixels (default ${DEFAULT-VALUE}).")
  int size = 256;

  @Option(
      names = "--elevation",
      paramLabel = "D",
      description = "Degrees of their cameras above the horizon (default ${DEFAULT-VALUE}).")
  double elevation = 20;

  @Option(
      names = "--radius",
      paramLabel = "R",
      description =
          "Distance of their cameras from the middle of the Gaussians (default: so that they fill"
              + " the image).")
  Double radius;

  /** Refuses values out of range. */
  void check(BiConsumer<Boolean, String> require) {
    require.accept(
        views >= 1 && views <= 1000, "--orbit-views is " + views + ", expected 1 to 1000");
    require.accept(size >= 8 && size <= 2048, "--orbit-size is " + size + ", expected 8 to 2048");
    require.accept(
        elevation >= -90 && elevation <= 90,
        "--elevation is " + elevation + ", expected -90 to 90 degrees");
    require.accept(
        radius == null || (radius > 0 && radius <= 1e6),
        "--radius is " + radius + ", expected above 0");
  }
}
