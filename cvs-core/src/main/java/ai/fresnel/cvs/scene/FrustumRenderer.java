package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.model.VolumeConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Renders a photograph's volume from the target camera. The volume fills the photograph's frustum
 * around the object: its slices are parallel to the image, spaced evenly, and reach {@value
 * Frustum#REACH} object lengths to either side of the object's depth. That is the depth at which
 * the source camera's optical axis is nearest to the target's, since both look at the object. It
 * makes the volume independent of the object's distance, which a single photograph of an object of
 * unknown size does not tell. Each position of the target's grid casts a ray of points, evenly
 * spaced around the same depth. Density and features there are interpolated (Mildenhall et al. 2019
 * and Tucker and Snavely 2020 render such slices in the same way) and composited front to back (Max
 * 1995).
 *
 * <p>The first features are colours, as differences from the photograph's colour at the same
 * position: a difference of 0 projects the photograph onto its visible surface. The background is
 * the mean colour of the photograph's edge.
 *
 * <p>A view's channels are C colours, the other features, opacity in [0, 1], and opacity times
 * depth relative to the object's depth, in object lengths: see {@link #layout}. There are no
 * parameters.
 */
public final class FrustumRenderer {

  private static final String SCRIPT =
      """
      n = torch.size(pose, 0)
      move = self.translation(pose)
      forward = torch.select(self.rotation(pose), 2, 2)
      # Where the object is on either camera's axis.
      source = self.meeting(pose, 1)
      target = torch.select(move, 1, 2) + torch.select(forward, 1, 2) * source
      # Points along the rays of the target's grid, K·G·G of them, in source axes.
      along = torch.arange(%POINTS, dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))
      along = along * %GAP - %REACH
      z = torch.unsqueeze(target, 1) + torch.unsqueeze(along, 0)
      points = self.points(self.rays(self.target_focal(pose), %SIDE), z)
      points = self.to_source(pose, points)
      # Where they fall in the photograph and between its slices, from -1 to 1.
      uv = self.project(points, self.source_focal(pose))
      w = torch.slice(points, 2, 2, 3) - torch.reshape(source, [n, 1, 1])
      at = torch.cat([uv, torch.div(w, %REACH)], 2)
      inside = torch.lt(torch.amax(torch.abs(at), [2]), 1.)
      inside = torch.reshape(inside, [n, 1, %POINTS, %SIDE, %SIDE])
      before = torch.gt(torch.reshape(z, [n, 1, %POINTS, 1, 1]), %CLOSEST)
      inside = torch.type_as(torch.logical_and(inside, before), pose)
      cells = torch.reshape(torch.type_as(volume, pose), [n, %CELL, %SLICES, %GRID, %GRID])
      at = torch.reshape(at, [n, %POINTS, %SIDE, %SIDE, 3])
      found = torch.grid_sampler(cells, at, 0, 1, False)
      photo = torch.type_as(%PHOTO, pose)
      there = torch.grid_sampler(photo, torch.reshape(uv, [n, %ROWS, %SIDE, 2]), 0, 1, False)
      there = torch.reshape(there, [n, %IMAGE, %POINTS, %SIDE, %SIDE])
      density = torch.softplus(torch.slice(found, 1, 0, 1) - %THIN) * inside
      light = self.light(density * %STEP)
      seen = self.expected(light, torch.slice(found, 1, 1, %CELL))
      colour = torch.slice(seen, 1, 0, %IMAGE) + self.expected(light, there)
      opacity = self.opacity(light)
      depth = self.expected(light, torch.reshape(along, [1, 1, -1, 1, 1]))
      inner = torch.slice(torch.slice(photo, 2, 1, -1), 3, 1, -1)
      edge = torch.div(torch.sum(photo, [2, 3], True) - torch.sum(inner, [2, 3], True), %EDGE)
      colour = self.over(colour, opacity, edge)
      return torch.cat([colour, torch.slice(seen, 1, %IMAGE, %FEATURES), opacity, depth], 1)
      """;

  private final int image;
  private final int fold;
  private final int features;
  private final int slices;
  private final int points;
  private final int side;
  private final int grid;
  private final TorchFunction view;

  /**
   * Makes the renderer of a network's volumes, whose views have the size of its grid.
   *
   * @param config a configuration with a volume
   */
  public FrustumRenderer(ModelConfig config) {
    this(config, config.gridSize(0));
  }

  /**
   * Makes the renderer of a network's volumes.
   *
   * @param config a configuration with a volume
   * @param side height and width of the views
   */
  public FrustumRenderer(ModelConfig config, int side) {
    image = config.codec().channels();
    fold = config.codec().fold();
    features = config.volume().features();
    slices = config.volume().slices();
    points = points(config.volume());
    this.side = side;
    grid = config.gridSize(0);
    view =
        SceneScript.function(
            "pose: Tensor, volume: Tensor, folded: Tensor",
            SceneScript.filled(SCRIPT, constants()));
  }

  /**
   * Counts the channels of a view.
   *
   * @param config a configuration
   * @return the channels of {@link #layout}, 0 where the configuration has no volume
   */
  public static int channels(ModelConfig config) {
    return config.hasVolume() ? config.volume().features() + 2 : 0;
  }

  /**
   * Returns the points per ray, which are a little closer to each other than slices. The view of a
   * residual model is its image but for a difference: twice as many points draw no stripes on
   * surfaces that cross many slices.
   */
  private static int points(VolumeConfig volume) {
    int once = volume.slices() + volume.slices() / 4;
    return volume.residual() ? 2 * once : once;
  }

  /** Returns the constants of a script that renders. */
  Map<String, Object> constants() {
    double gap = 2 * Frustum.REACH / (points - 1);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("CLOSEST", Rays.CLOSEST);
    values.put("REACH", Frustum.REACH);
    values.put("POINTS", points);
    values.put("SIDE", side);
    values.put("GRID", grid);
    values.put("SLICES", slices);
    values.put("CELL", features + 1);
    values.put("PHOTO", SceneScript.unfolded("folded", fold));
    values.put("ROWS", points * side);
    values.put("IMAGE", image);
    values.put("THIN", Frustum.THIN);
    values.put("GAP", gap);
    values.put("STEP", Frustum.DENSITY * gap);
    values.put("EDGE", 4.0 * (grid * fold - 1));
    values.put("FEATURES", features);
    return values;
  }

  /**
   * Returns the layout of a view's channels.
   *
   * @return colours, the other features, opacity and depth, by the names of {@link Rendering}
   */
  public ChannelLayout layout() {
    return ChannelLayout.empty()
        .with(Rendering.COLOUR, image)
        .with(Rendering.FEATURES, features - image)
        .with(Rendering.OPACITY, 1)
        .with(Rendering.DEPTH, 1);
  }

  /**
   * Makes a scene from the volumes of an encoder.
   *
   * @param slices (N, (1 + features)·slices, G, G)
   * @param photograph the folded photographs, (N, C·fold², G, G)
   * @return the scene, which uses this renderer
   */
  public FrustumVolume volume(NDArray slices, NDArray photograph) {
    return new FrustumVolume(this, slices, photograph);
  }

  /** Renders pose features (N, 16), slices and folded photographs; owned by {@code manager}. */
  NDArray render(NDManager manager, NDArray... inputs) {
    return view.call(manager, new NDList(inputs));
  }

  /**
   * Counts the values that the backward pass of one sample's view needs. Most are points on rays.
   *
   * @return values, float32 in any precision of the network
   */
  public long keptNumbers() {
    long pixels = (long) side * side;
    // Positions, cells, colours, density and weights; cameras have no gradient.
    long wide = (12L + features + 1 + image) * points * pixels;
    long cells = (features + 1L) * slices * grid * grid;
    long result = (features + 2L) * pixels;
    return wide + cells + result;
  }

  /**
   * Counts the values that gradients add to {@link #keptNumbers} at the most: by the time that of
   * the features is there, as much has been freed.
   *
   * @return values per sample
   */
  public long widestNumbers() {
    return (long) points * side * side;
  }
}
