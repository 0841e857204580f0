package ai.fresnel.cvs.examples.cli;

import ai.fresnel.cvs.train.procedural.MeshVariation;
import ai.fresnel.cvs.train.render.RenderSource;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** The options of variants. All others want {@code --variants}. */
final class VariantOptions {

  // Named, since picocli does not show the defaults of groups.
  private static final double STRETCH = 0.25;
  private static final double HUE = 30;
  private static final double TEXTURE_SWAP = 0.3;

  @Option(
      names = "--variants",
      required = true,
      paramLabel = "K",
      description =
          "Render K variants of each object: itself, and K-1 that are stretched and in other colours"
              + " and textures.")
  int variants;

  @Option(
      names = "--stretch",
      paramLabel = "S",
      description =
          "Largest relative change of the length of a side, 0 to 0.5 (default " + STRETCH + ").")
  double stretch = STRETCH;

  @Option(
      names = "--hue",
      paramLabel = "D",
      description =
          "Largest turn of the hue of plain materials either way, in degrees (default "
              + HUE
              + ").")
  double hue = HUE;

  @Option(
      names = "--texture-swap",
      paramLabel = "P",
      description =
          "Share of textures that are replaced by procedural ones (default " + TEXTURE_SWAP + ").")
  double textureSwap = TEXTURE_SWAP;

  /** Refuses values out of range. */
  void check(BiConsumer<Boolean, String> require) {
    int most = RenderSource.Varied.MAX_COUNT;
    require.accept(
        variants >= 1 && variants <= most, "--variants is " + variants + ", expected 1 to " + most);
    require.accept(
        stretch >= 0 && stretch <= 0.5, "--stretch is " + stretch + ", expected 0 to 0.5");
    require.accept(hue >= 0 && hue <= 180, "--hue is " + hue + ", expected 0 to 180 degrees");
    require.accept(
        textureSwap >= 0 && textureSwap <= 1,
        "--texture-swap is " + textureSwap + ", expected 0 to 1");
  }

  /** Adds the variants of each object. */
  RenderSource of(RenderSource objects, long seed) {
    MeshVariation variation = new MeshVariation(stretch, Math.toRadians(hue), textureSwap);
    return new RenderSource.Varied(objects, variants, variation, seed);
  }
}
