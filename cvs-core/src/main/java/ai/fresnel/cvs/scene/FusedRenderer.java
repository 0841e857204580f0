package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Renders the volumes of several photographs of one object as one, and carries the pixels of all of
 * them, as {@link FrustumRenderer} and {@link CarriedPixels} do for one.
 *
 * <p>At each point on a target's ray, density is the mean of what the volumes say, weighted by
 * visibility: the transmittance from a photograph's camera to the point. A photograph knows what is
 * in front of the surface it shows, empty space above all, and guesses what is behind; so one that
 * sees a place empty outweighs another's guess about it. Colours and features are means weighted by
 * visibility and density. Carried pixels are mixed by visibility and facing, sharply, so that each
 * comes from the photograph that sees it best.
 *
 * <p>All cameras look at the object. It is where the first camera's axis is nearest to the others'.
 */
public final class FusedRenderer {

  /** The weight of what a photograph does not see. */
  private static final double GUESS = 0.005;

  /** The sharpness of the choice among carried pixels. */
  private static final double SHARP = 4;

  /** The weight of pixels that no photograph sees. */
  private static final double UNSEEN = 1e-6;

  /**
   * The object's depth on the axis of each photograph (K·N) and of each target (N); the moves from
   * all photographs to all targets, photograph by photograph.
   */
  private static final String CAMERAS =
      """
      k = torch.size(places, 0)
      n = torch.size(pose, 0)
      poses = self.onward(pose, places)
      first = self.meeting(torch.slice(places, 0, 1, k), k - 1)
      deep = torch.select(torch.select(self.rotation(places), 2, 2), 1, 2) * first
      deep = torch.select(self.translation(places), 1, 2) + deep
      source = torch.repeat_interleave(deep, n)
      target = torch.select(torch.select(self.rotation(pose), 2, 2), 1, 2) * first
      target = torch.select(self.translation(pose), 1, 2) + target
      volumes = torch.repeat_interleave(volume, n, 0)
      """;

  private static final String RENDER =
      CAMERAS
          + """
          m = k * n
          along = torch.arange(%POINTS, dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))
          along = along * %GAP - %REACH
          z = torch.unsqueeze(target, 1) + torch.unsqueeze(along, 0)
          points = self.points(self.rays(self.target_focal(pose), %SIDE), z)
          points = self.to_source(poses, torch.repeat(points, [k, 1, 1]))
          uv = self.project(points, self.source_focal(poses))
          deep = torch.slice(points, 2, 2, 3)
          w = deep - torch.reshape(source, [m, 1, 1])
          at = torch.cat([uv, torch.div(w, %REACH)], 2)
          inside = torch.lt(torch.amax(torch.abs(at), [2], True), 1.)
          inside = torch.logical_and(inside, torch.gt(deep, %CLOSEST))
          inside = torch.reshape(torch.type_as(inside, pose), [m, 1, %POINTS, %SIDE, %SIDE])
          before = torch.type_as(torch.gt(z, %CLOSEST), pose)
          before = torch.reshape(before, [1, n, 1, %POINTS, 1, 1])
          at = torch.reshape(at, [m, %POINTS, %SIDE, %SIDE, 3])
          cells = torch.reshape(torch.type_as(volumes, pose), [m, %CELL, %SLICES, %GRID, %GRID])
          found = torch.grid_sampler(cells, at, 0, 1, False)
          photo = torch.type_as(%PHOTO, pose)
          photos = torch.repeat_interleave(photo, n, 0)
          there = torch.grid_sampler(photos, torch.reshape(uv, [m, %ROWS, %SIDE, 2]), 0, 1, False)
          there = torch.reshape(there, [m, %IMAGE, %POINTS, %SIDE, %SIDE])
          # What each photograph's camera sees of a point.
          thickness = self.thickness(torch.slice(volumes, 1, 0, %SLICES), pose)
          clear = torch.exp(thickness - torch.cumsum(thickness, 1))
          clear = torch.grid_sampler(torch.unsqueeze(clear, 1), at, 0, 1, False)
          # Nothing of the object is in front of the first slice or behind the last.
          beyond = torch.type_as(torch.ge(torch.abs(w), %REACH), pose)
          beyond = torch.reshape(beyond, [m, 1, %POINTS, %SIDE, %SIDE])
          trust = clear * inside + beyond + %GUESS
          density = torch.softplus(torch.slice(found, 1, 0, 1) - %THIN) * inside
          solid = trust * density
          weight = torch.reshape(solid, [k, n, 1, %POINTS, %SIDE, %SIDE])
          total = torch.sum(weight, [0])
          density = torch.div(total, torch.sum(torch.reshape(trust, [k, n, 1, %POINTS, %SIDE, %SIDE]), [0]))
          density = density * torch.squeeze(before, 0)
          share = torch.div(weight, torch.unsqueeze(torch.clamp(total, 1.0e-12), 0))
          colour = torch.slice(found, 1, 1, %IMAGE + 1) + there
          values = torch.cat([colour, torch.slice(found, 1, %IMAGE + 1, %CELL)], 1)
          values = torch.reshape(values, [k, n, %FEATURES, %POINTS, %SIDE, %SIDE])
          values = torch.sum(values * share, [0])
          light = self.light(density * %STEP)
          seen = self.expected(light, values)
          opacity = self.opacity(light)
          depth = self.expected(light, torch.reshape(along, [1, 1, -1, 1, 1]))
          inner = torch.slice(torch.slice(photo, 2, 1, -1), 3, 1, -1)
          edge = torch.sum(photo, [2, 3], True) - torch.sum(inner, [2, 3], True)
          edge = torch.mean(torch.div(edge, %EDGE), [0], True)
          colour = self.over(torch.slice(seen, 1, 0, %IMAGE), opacity, edge)
          return torch.cat([colour, torch.slice(seen, 1, %IMAGE, %FEATURES), opacity, depth], 1)
          """;

  private static final String CARRY =
      CAMERAS
          + """
          views = torch.repeat(view, [k, 1, 1, 1])
          photos = torch.repeat_interleave(folded, n, 0)
          source = torch.reshape(source, [-1, 1, 1])
          target = torch.reshape(torch.repeat(target, [k]), [-1, 1, 1])
          all = self.carry(views, poses, volumes, photos, source, target)
          all = torch.reshape(all, [k, n, torch.size(all, 1), torch.size(all, 2), torch.size(all, 3)])
          seen = torch.slice(all, 2, %IMAGE, %IMAGE + 1)
          facing = torch.slice(all, 2, %IMAGE + 1, %IMAGE + 2)
          weight = torch.pow(seen * torch.clamp(facing, 0.), %SHARP) + %UNSEEN
          weight = torch.div(weight, torch.sum(weight, [0], True))
          return torch.sum(all * weight, [0])
          """;

  private final FrustumRenderer single;
  private final TorchFunction rendered;
  private final TorchFunction carried;

  /**
   * Makes the renderer of a network's volumes.
   *
   * @param config a configuration with a volume
   * @param side height and width of the views
   */
  public FusedRenderer(ModelConfig config, int side) {
    single = new FrustumRenderer(config, side);
    Map<String, Object> values = new LinkedHashMap<>(single.constants());
    values.put("GUESS", GUESS);
    values.put("SHARP", SHARP);
    values.put("UNSEEN", UNSEEN);
    rendered =
        SceneScript.function(
            "pose: Tensor, places: Tensor, volume: Tensor, folded: Tensor",
            SceneScript.filled(RENDER, values));
    carried =
        SceneScript.function(
            CarriedPixels.method(config, side),
            "view: Tensor, pose: Tensor, places: Tensor, volume: Tensor, folded: Tensor",
            SceneScript.filled(CARRY, values));
  }

  /**
   * Returns the layout of a view's channels.
   *
   * @return that of {@link FrustumRenderer#layout}
   */
  public ChannelLayout layout() {
    return single.layout();
  }

  /** Renders from N targets; owned by {@code manager}. */
  NDArray render(NDManager manager, CameraBatch cameras, FusedVolumes scene) {
    return rendered.call(
        manager,
        new NDList(
            cameras.features(), scene.places().features(), scene.slices(), scene.photographs()));
  }

  /** Carries the pixels of all photographs to N views of this renderer. */
  NDArray carry(NDManager manager, CameraBatch cameras, FusedVolumes scene, NDArray view) {
    return carried.call(
        manager,
        new NDList(
            view,
            cameras.features(),
            scene.places().features(),
            scene.slices(),
            scene.photographs()));
  }
}
