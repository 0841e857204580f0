package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.block.Product;
import ai.fresnel.cvs.block.Weights;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.Locale;

/**
 * The photograph's features seen from the target camera: pixel-aligned features (Yu et al. 2021,
 * pixelNeRF) rendered to a feature map that the diffusion model then draws from (Chan et al. 2023,
 * GeNVS). Each position of the target's grid sends out a ray; points along it are projected into
 * the photograph, and a small network turns the features found there and the point's place into a
 * density and features, which are composited front to back (Max 1995).
 *
 * <p>So the geometry of the move is computed, and what is learned is only how deep each part of the
 * photograph lies. Without it a network has to find out from examples which part of one picture
 * belongs to which part of another.
 *
 * <p>Inputs: the feature map (N, F, G, G) and the pose features (N, 16) of {@link
 * ai.fresnel.cvs.geometry.RelativePose}. Output: (N, lift + 2, H, W) on the grid of the folded
 * picture: the features, opacity in [0, 1] and opacity times depth.
 */
final class FeatureLift extends FusedBlock {

  /**
   * Depths, in object lengths, between which rays are sampled: an object one unit long seen from
   * the radii of the training views, 1.5 to 2.2, with its corners.
   */
  private static final double NEAR = 0.8;

  private static final double FAR = 2.9;

  /** What a point's depth in the photograph is counted from. */
  private static final double MIDDLE = 1.8;

  /** Nothing nearer to the photograph's camera projects into it. */
  private static final double CLOSEST = 0.1;

  /** Turns the softplus of what the small network says into a density, 1 per object length. */
  private static final double DENSITY = 8;

  /** Angular frequencies of a point's place, per object length. */
  private static final int[] FREQUENCIES = {2, 4, 8, 16};

  private static final int PLACE = 3 + 3 * 2 * FREQUENCIES.length + 1;

  private final Product enter;
  private final Product place;
  private final Product mid;
  private final Product out;
  private final int width;
  private final int samples;
  private final int grid;
  private final int side;

  FeatureLift(ModelConfig config) {
    int in = config.detailChannels().get(config.detailChannels().size() - 1);
    width = config.liftChannels();
    samples = config.liftSamples();
    grid = config.tokenGrid();
    side = config.gridSize(0);
    enter = convolution("in", 1, in, width, 1);
    place = linear("place", 1, PLACE, width);
    mid = linear("mid", 1, width, width);
    out = linear("out", 1, width, width + 1L);
    define("features, pose", body());
  }

  /** Channels of the output: features, opacity, depth. */
  static int channels(ModelConfig config) {
    return config.liftChannels() == 0 ? 0 : config.liftChannels() + 2;
  }

  private String body() {
    double half = 0.5 - 0.5 / grid;
    double spacing = (FAR - NEAR) / (samples - 1);
    return String.join(
        "\n",
        "n = torch.size(pose, 0)",
        // The rotation's columns are the source camera's axes as the target sees them.
        "a = torch.slice(pose, 1, 0, 3)",
        "b = torch.slice(pose, 1, 3, 6)",
        "axes = torch.stack([a, b, torch.linalg_cross(a, b)], 2)",
        "lens = torch.reshape(torch.slice(pose, 1, 9, 13), [n, 4, 1, 1, 1])",
        // Points in target axes, (N, K, G, G, 3), then in source axes.
        "u = " + linspace(-half, half, grid),
        "z = torch.reshape(" + linspace(NEAR, FAR, samples) + ", [1, -1, 1, 1])",
        "x = z * torch.div(torch.reshape(u, [1, 1, 1, -1]), torch.select(lens, 1, 2))",
        "y = z * torch.div(torch.reshape(u, [1, 1, -1, 1]), torch.select(lens, 1, 3))",
        String.format(Locale.ROOT, "size = [n, %d, %d, %d]", samples, grid, grid),
        "p = torch.stack([torch.expand(x, size), torch.expand(y, size), torch.expand(z, size)], 4)",
        "p = torch.reshape(p, [n, -1, 3]) - torch.unsqueeze(torch.slice(pose, 1, 6, 9), 1)",
        "s = torch.matmul(p, axes)",
        // Where they fall in the photograph, from -1 to 1.
        "d = torch.slice(s, 2, 2, 3)",
        "f = torch.reshape(torch.slice(pose, 1, 9, 11), [n, 1, 2])",
        "uv = torch.div(torch.slice(s, 2, 0, 2) * f * 2., torch.clamp(d, " + CLOSEST + "))",
        "seen = torch.type_as(torch.logical_and(torch.lt(torch.amax(torch.abs(uv), [2], True), 1.),"
            + " torch.gt(d, "
            + CLOSEST
            + ")), pose)",
        "image = torch.type_as(" + enter.of("features") + ", pose)",
        String.format(
            Locale.ROOT,
            "found = torch.grid_sampler(image, torch.reshape(uv, [n, %d, %d, 2]), 0, 0, False)",
            samples * grid,
            grid),
        "found = torch.transpose(torch.flatten(found, 2), 1, 2)",
        // Where they are: the place itself, sines and cosines.
        "q = s - torch.type_as(torch.tensor([0., 0., " + MIDDLE + "]), pose)",
        "place = torch.cat([q, " + waves() + ", seen], 2)",
        "h = torch.type_as(found, features) + " + place.of("torch.type_as(place, features)"),
        "h = " + mid.of("torch.silu(h)"),
        "h = torch.type_as(" + out.of("torch.silu(h)") + ", pose)",
        // Front to back: the light that reaches a point times what stops there.
        "density = torch.softplus(torch.slice(h, 2, 0, 1) - 1.) * seen",
        String.format(
            Locale.ROOT,
            "t = torch.reshape(density * %s, [n, %d, -1, 1])",
            DENSITY * spacing,
            samples),
        "w = torch.exp(t - torch.cumsum(t, 1)) * torch.rsub(torch.exp(torch.neg(t)), 1.)",
        String.format(
            Locale.ROOT,
            "g = torch.reshape(torch.slice(h, 2, 1, %d), [n, %d, -1, %d])",
            width + 1,
            samples,
            width),
        "r = torch.cat([torch.sum(w * g, [1]), torch.sum(w, [1]),"
            + " torch.sum(w * torch.reshape(z, [1, -1, 1, 1]), [1])], 2)",
        String.format(
            Locale.ROOT,
            "r = torch.reshape(torch.transpose(r, 1, 2), [n, %d, %d, %d])",
            width + 2,
            grid,
            grid),
        side == grid
            ? "return r"
            : String.format(
                Locale.ROOT,
                "return torch.upsample_bilinear2d(r, [%d, %d], False, None, None)",
                side,
                side));
  }

  private static String linspace(double from, double to, int steps) {
    return String.format(
        Locale.ROOT,
        "torch.linspace(%s, %s, %d, dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))",
        from,
        to,
        steps);
  }

  private static String waves() {
    StringBuilder s = new StringBuilder();
    for (int frequency : FREQUENCIES) {
      s.append(s.length() == 0 ? "" : ", ");
      s.append(String.format(Locale.ROOT, "torch.sin(q * %1$d.), torch.cos(q * %1$d.)", frequency));
    }
    return s.toString();
  }

  /** Multiply-adds of one sample's view. */
  long multiplyAdds() {
    long positions = (long) grid * grid;
    long points = samples * positions;
    return enter.multiplyAdds(positions)
        + place.multiplyAdds(points)
        + mid.multiplyAdds(points)
        + out.multiplyAdds(points);
  }

  /** What one sample's view keeps; the small network's points count most. */
  KeptNumbers kept() {
    long positions = (long) grid * grid;
    long points = samples * positions;
    // Places, both hidden layers and their SiLUs.
    long inside = (PLACE + 4L * width) * points;
    // Where points fall, what the small network says, densities; the map they fall into.
    long wide = (2L + width + 1 + 7) * points + width * positions;
    long result = (width + 2L) * side * side;
    return new KeptNumbers(
        0, inside, wide + result, 0, 0, false, width * points, Weights.count(this));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), width + 2L, side, side)};
  }
}
