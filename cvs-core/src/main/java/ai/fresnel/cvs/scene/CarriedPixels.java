package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ModelConfig;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Map;

/**
 * Carries the photograph's pixels to a target view through the depth that its volume renders there,
 * sharp where a surface is, while the rendered colours are a mean along each ray. Beside them it
 * says how far they can be trusted:
 *
 * <ul>
 *   <li>{@link #COLOUR}: the photograph, interpolated where the target's surface projects to
 *   <li>{@link #VISIBILITY}: in [0, 1], the target's opacity, less where the photograph's camera
 *       sees another surface in front of that point, 0 beside the photograph
 *   <li>{@link #FACING}: the cosine of the angle between both cameras' rays at the surface: 1 for
 *       the photograph's own camera, less than 0 from behind
 * </ul>
 */
public final class CarriedPixels {

  /** The photograph's colours. */
  public static final String COLOUR = "carried";

  /** Whether the photograph shows them. */
  public static final String VISIBILITY = "visibility";

  /** The angle between the cameras. */
  public static final String FACING = "facing";

  /** Less opacity than this has no depth of its own. */
  private static final double CLEAR = 0.01;

  /** How fast visibility falls a slice behind the photograph's surface, in 1 per slice. */
  private static final double FALL = 4;

  /** Calls the method {@code carry} with the object's depths on the axes of both cameras. */
  private static final String CARRY =
      """
      n = torch.size(pose, 0)
      forward = torch.select(self.rotation(pose), 2, 2)
      source = torch.reshape(self.meeting(pose, 1), [n, 1, 1])
      target = torch.select(self.translation(pose), 1, 2)
      target = torch.reshape(target, [n, 1, 1])
      target = target + torch.reshape(torch.select(forward, 1, 2), [n, 1, 1]) * source
      return self.carry(view, pose, volume, folded, source, target)
      """;

  private static final String SCRIPT =
      """
      n = torch.size(pose, 0)
      # The target's surface, in source axes.
      opacity = torch.slice(view, 1, %OPACITY, %OPACITY + 1)
      depth = torch.slice(view, 1, %OPACITY + 1, %OPACITY + 2)
      depth = torch.div(depth, torch.clamp(opacity, %CLEAR))
      z = torch.reshape(depth, [n, -1, 1]) + target
      points = self.to_source(pose, self.rays(self.target_focal(pose), %SIDE) * z)
      uv = self.project(points, self.source_focal(pose))
      at = torch.reshape(uv, [n, %SIDE, %SIDE, 2])
      photo = torch.type_as(%PHOTO, pose)
      colour = torch.grid_sampler(photo, at, 0, 1, False)
      # The surface that the photograph's camera sees at the same pixels.
      thickness = self.thickness(torch.slice(volume, 1, 0, %SLICES), pose)
      light = self.light(torch.unsqueeze(thickness, 1))
      line = torch.reshape(self.slice_line(pose, %SLICES), [1, 1, -1, 1, 1])
      front = torch.div(self.expected(light, line), torch.clamp(self.opacity(light), %CLEAR))
      front = torch.reshape(torch.grid_sampler(front, at, 0, 1, False), [n, -1, 1])
      behind = torch.slice(points, 2, 2, 3) - source - front
      seen = torch.sigmoid(torch.rsub(torch.div(behind, %GAP), 1.) * %FALL)
      seen = seen * torch.type_as(torch.lt(torch.amax(torch.abs(uv), [2], True), 1.), pose)
      seen = seen * torch.type_as(torch.gt(torch.slice(points, 2, 2, 3), %CLOSEST), pose)
      seen = torch.reshape(seen, [n, 1, %SIDE, %SIDE]) * opacity
      camera = self.to_source(pose, torch.zeros_like(torch.slice(points, 1, 0, 1)))
      ray = points - camera
      lengths = torch.norm(points, 2, [2], True) * torch.norm(ray, 2, [2], True)
      facing = torch.div(torch.sum(points * ray, [2], True), torch.clamp(lengths, 1.0e-6))
      facing = torch.reshape(facing, [n, 1, %SIDE, %SIDE])
      return torch.cat([colour, seen, facing], 1)
      """;

  private final int image;
  private final TorchFunction carried;

  /**
   * Prepares for the views of a model's volume.
   *
   * @param config a configuration with a volume
   * @param side height and width of the views
   */
  public CarriedPixels(ModelConfig config, int side) {
    image = config.codec().channels();
    carried =
        SceneScript.function(
            method(config, side),
            "view: Tensor, pose: Tensor, volume: Tensor, folded: Tensor",
            CARRY);
  }

  /**
   * Returns the TorchScript method {@code carry(view, pose, volume, folded, source, target)}, which
   * carries the pixels of N photographs whose objects are at the depths {@code source} on their
   * axes and {@code target} on those of the targets, both (N, 1, 1).
   */
  static String method(ModelConfig config, int side) {
    Map<String, Object> values =
        Map.of(
            "OPACITY",
            config.volume().features(),
            "CLEAR",
            CLEAR,
            "GAP",
            2 * Frustum.REACH / config.volume().slices(),
            "FALL",
            FALL,
            "CLOSEST",
            Rays.CLOSEST,
            "SIDE",
            side,
            "SLICES",
            config.volume().slices(),
            "PHOTO",
            SceneScript.unfolded("folded", config.codec().fold()));
    return TorchFunction.helper(
        "carry",
        "view: Tensor, pose: Tensor, volume: Tensor, folded: Tensor, source: Tensor, target: Tensor",
        "Tensor",
        SceneScript.filled(SCRIPT, values));
  }

  /**
   * Returns the layout of the channels.
   *
   * @return colour, visibility and facing, by name
   */
  public ChannelLayout layout() {
    return ChannelLayout.empty().with(COLOUR, image).with(VISIBILITY, 1).with(FACING, 1);
  }

  /**
   * Carries the pixels. Gradients pass through.
   *
   * @param manager owns the result
   * @param cameras N moves
   * @param volume the photographs' volumes
   * @param view (N, C', S, S), their views from these cameras by a {@link FrustumRenderer} of this
   *     size
   * @return (N, {@link #layout}'s channels, S, S)
   */
  public NDArray carry(NDManager manager, CameraBatch cameras, FrustumVolume volume, NDArray view) {
    return carried.call(
        manager, new NDList(view, cameras.features(), volume.slices(), volume.photograph()));
  }
}
