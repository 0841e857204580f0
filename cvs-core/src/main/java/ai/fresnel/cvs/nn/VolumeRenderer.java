package ai.fresnel.cvs.nn;

import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.block.FusedBlock;
import ai.fresnel.cvs.model.ModelConfig;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The photograph's volume seen from the target camera. The volume fills the photograph's frustum
 * around the object: its slices are parallel to the picture, spaced evenly, and reach {@value
 * #REACH} object lengths to either side of where the object is. That is where the source camera's
 * optical axis passes nearest to the target's, for both look at the object; a single photograph
 * does not tell how far away a thing of unknown size is, and with it the cameras need not. Each
 * position of the target's grid sends out a ray of points, evenly spaced around the same place;
 * density and features there are interpolated (Mildenhall et al. 2019 and Tucker and Snavely 2020
 * render such slices in the same way), and composited front to back (Max 1995).
 *
 * <p>The first features are colours, as their difference from the photograph's at the same place:
 * what is on the surface that it shows has the colour it has there. Behind everything is the mean
 * colour of the photograph's edge.
 *
 * <p>Inputs: the pose features (N, 16) of {@link ai.fresnel.cvs.geometry.RelativePose}, the volume
 * (N, (1 + features)·slices, G, G) of {@link VolumeEncoder} and the folded source picture (N,
 * C·fold², G, G). Output: (N, features + 2, G, G): the view's C colours, the other features,
 * opacity in [0, 1], and opacity times depth from the middle, in object lengths. There are no
 * parameters.
 */
final class VolumeRenderer extends FusedBlock {

  /** Half of an object's diagonal and a little more, for corners that point at the camera. */
  private static final double REACH = 0.75;

  /** Where an object is whose cameras look the same way, so that their axes do not tell. */
  private static final double USUAL = 1.8;

  /** From this squared sine of the angle between the cameras on, their axes do. */
  private static final double PARALLEL = 1e-4;

  /** Nothing nearer to a camera projects into its picture. */
  private static final double CLOSEST = 0.1;

  /** Turns the softplus of what the volume says into a density, 1 per object length. */
  private static final double DENSITY = 12;

  /** What is subtracted before: an untrained volume stops half of the light. */
  private static final double THIN = 3;

  private static final String SCRIPT =
      """
      n = torch.size(pose, 0)
      # The rotation's columns are the source camera's axes as the target sees them.
      a = torch.slice(pose, 1, 0, 3)
      b = torch.slice(pose, 1, 3, 6)
      c = torch.linalg_cross(a, b)
      axes = torch.stack([a, b, c], 2)
      move = torch.slice(pose, 1, 6, 9)
      # Where the object is on either camera's axis.
      across = torch.slice(c, 1, 0, 2)
      level = torch.sum(torch.slice(move, 1, 0, 2) * across, [1])
      sine = torch.sum(across * across, [1])
      source = torch.clamp(torch.div(torch.rsub(level, %MEETING), sine + %PARALLEL), %NEAREST)
      target = torch.select(move, 1, 2) + torch.select(c, 1, 2) * source
      # Points in target axes, (N, K, G, G, 3), then in source axes.
      lens = torch.reshape(torch.slice(pose, 1, 9, 13), [n, 4, 1, 1, 1])
      along = torch.arange(%POINTS, dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))
      along = along * %GAP - %REACH
      z = torch.reshape(torch.unsqueeze(target, 1) + torch.unsqueeze(along, 0), [n, -1, 1, 1])
      u = torch.arange(%SIDE, dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))
      u = (u + 0.5) * %PIXEL - 0.5
      x = z * torch.div(torch.reshape(u, [1, 1, 1, -1]), torch.select(lens, 1, 2))
      y = z * torch.div(torch.reshape(u, [1, 1, -1, 1]), torch.select(lens, 1, 3))
      size = [n, %POINTS, %SIDE, %SIDE]
      p = torch.stack([torch.expand(x, size), torch.expand(y, size), torch.expand(z, size)], 4)
      p = torch.reshape(p, [n, -1, 3]) - torch.unsqueeze(move, 1)
      s = torch.matmul(p, axes)
      # Where they fall in the photograph and between its slices, from -1 to 1.
      d = torch.slice(s, 2, 2, 3)
      f = torch.reshape(torch.slice(pose, 1, 9, 11), [n, 1, 2])
      uv = torch.div(torch.slice(s, 2, 0, 2) * f * 2., torch.clamp(d, %CLOSEST))
      w = torch.div(d - torch.reshape(source, [n, 1, 1]), %REACH)
      at = torch.cat([uv, w], 2)
      inside = torch.lt(torch.amax(torch.abs(at), [2]), 1.)
      inside = torch.reshape(inside, [n, 1, %POINTS, %SIDE, %SIDE])
      before = torch.gt(torch.reshape(z, [n, 1, %POINTS, 1, 1]), %CLOSEST)
      inside = torch.type_as(torch.logical_and(inside, before), pose)
      cells = torch.reshape(torch.type_as(volume, pose), [n, %CELL, %SLICES, %SIDE, %SIDE])
      at = torch.reshape(at, [n, %POINTS, %SIDE, %SIDE, 3])
      found = torch.grid_sampler(cells, at, 0, 1, False)
      photo = torch.type_as(%PHOTO, pose)
      there = torch.grid_sampler(photo, torch.reshape(uv, [n, %ROWS, %SIDE, 2]), 0, 1, False)
      there = torch.reshape(there, [n, %PICTURE, %POINTS, %SIDE, %SIDE])
      # Front to back: the light that reaches a point times what stops there.
      density = torch.softplus(torch.slice(found, 1, 0, 1) - %THIN) * inside
      t = density * %STEP
      light = torch.exp(t - torch.cumsum(t, 2)) * torch.rsub(torch.exp(torch.neg(t)), 1.)
      seen = torch.sum(light * torch.slice(found, 1, 1, %CELL), [2])
      colour = torch.slice(seen, 1, 0, %PICTURE) + torch.sum(light * there, [2])
      opacity = torch.sum(light, [2])
      depth = torch.sum(light * torch.reshape(along, [1, 1, -1, 1, 1]), [2])
      inner = torch.slice(torch.slice(photo, 2, 1, -1), 3, 1, -1)
      edge = torch.div(torch.sum(photo, [2, 3], True) - torch.sum(inner, [2, 3], True), %EDGE)
      colour = colour + torch.rsub(opacity, 1.) * edge
      return torch.cat([colour, torch.slice(seen, 1, %PICTURE, %FEATURES), opacity, depth], 1)
      """;

  private final int picture;
  private final int fold;
  private final int features;
  private final int slices;
  private final int points;
  private final int side;

  VolumeRenderer(ModelConfig config) {
    picture = config.codec().channels();
    fold = config.codec().fold();
    features = config.volume().features();
    slices = config.volume().slices();
    points = points(slices);
    side = config.gridSize(0);
    define("pose, volume, folded", body());
  }

  /** Channels of the output: colours and features, opacity, depth. */
  static int channels(ModelConfig config) {
    return config.hasVolume() ? config.volume().features() + 2 : 0;
  }

  /** A ray's points are a little closer to each other than slices. */
  private static int points(int slices) {
    return slices + slices / 4;
  }

  private String body() {
    double gap = 2 * REACH / (points - 1);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("PARALLEL", PARALLEL);
    values.put("MEETING", PARALLEL * USUAL);
    values.put("NEAREST", REACH + CLOSEST);
    values.put("CLOSEST", CLOSEST);
    values.put("REACH", REACH);
    values.put("POINTS", points);
    values.put("SIDE", side);
    values.put("PIXEL", 1.0 / side);
    values.put("SLICES", slices);
    values.put("CELL", features + 1);
    values.put("PHOTO", fold == 1 ? "folded" : "torch.pixel_shuffle(folded, " + fold + ")");
    values.put("ROWS", points * side);
    values.put("PICTURE", picture);
    values.put("THIN", THIN);
    values.put("GAP", gap);
    values.put("STEP", DENSITY * gap);
    values.put("EDGE", 4.0 * (side * fold - 1));
    values.put("FEATURES", features);
    String body = SCRIPT.replaceAll("(?m)^#.*\n", "");
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      Object value = entry.getValue();
      String text = value instanceof Double d ? String.format(Locale.ROOT, "%.17g", d) : "" + value;
      body = body.replace("%" + entry.getKey(), text);
    }
    return body;
  }

  /** What one sample's view keeps; the points on rays count most. */
  KeptNumbers kept() {
    long pixels = (long) side * side;
    long all = points * pixels;
    // Places, cells, colours, density and light.
    long wide = (20L + features + 1 + 2L * picture) * all;
    long cells = (features + 1L) * slices * pixels;
    long result = (features + 2L) * pixels;
    return new KeptNumbers(0, 0, wide + cells + result, 0, 0, false, (features + 1L) * all, 0);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {new Shape(inputShapes[0].get(0), features + 2L, side, side)};
  }
}
