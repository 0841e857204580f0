package ai.fresnel.cvs.scene;

import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;

/**
 * Where the cells of a {@link FrustumVolume} are, and how dense, as TorchScript methods, called
 * through {@link SceneScript}. A volume fills the photograph's frustum around the object: its
 * slices are parallel to the image and spaced evenly, and cell (k, y, x) lies on the ray through
 * the middle of the grid's position (y, x).
 */
public final class Frustum {

  /**
   * How far the slices reach to either side of the object's depth, in object lengths: a little more
   * than half of an object's diagonal, for corners that point at the camera.
   */
  public static final double REACH = 0.75;

  /** The object's depth for cameras that look the same way, whose axes do not meet. */
  private static final double USUAL = 1.8;

  /** The least squared sine of the angle between the cameras at which their axes give the depth. */
  private static final double PARALLEL = 1e-4;

  /** Scales the softplus of the volume's raw density, in 1 per object length. */
  public static final double DENSITY = 12;

  /** Subtracted from the raw density, so that an untrained volume has opacity 0.5. */
  public static final double THIN = 3;

  /**
   * The methods:
   *
   * <ul>
   *   <li>{@code meeting(pose, views)}: (N / views), the depth at which a source camera's optical
   *       axis is nearest to those of its target cameras, {@code views} in a row: the object's
   *       depth, since all look at the object
   *   <li>{@code slice_line(like, slices)}: (K), the depths of the slices relative to the object's
   *       depth
   *   <li>{@code cells(pose, depth, slices, side)}: (N, K·side², 3), the middles of the cells in
   *       source axes, slice by slice, for objects at the depths (N)
   *   <li>{@code thickness(raw, like)}: of raw densities (N, K, side, side) the densities times the
   *       distance between slices, 0 or more; of the type of {@code like}
   * </ul>
   */
  public static final String METHODS =
      TorchFunction.helper(
              "meeting",
              "pose: Tensor, views: int",
              "Tensor",
              """
              across = torch.slice(torch.select(self.rotation(pose), 2, 2), 1, 0, 2)
              level = torch.sum(torch.slice(self.translation(pose), 1, 0, 2) * across, [1])
              level = torch.sum(torch.reshape(level, [-1, views]), [1])
              sine = torch.sum(across * across, [1])
              sine = torch.sum(torch.reshape(sine, [-1, views]), [1])
              return torch.clamp(torch.div(torch.rsub(level, %s), sine + %s), %s)
              """
                  .formatted(
                      number(PARALLEL * USUAL), number(PARALLEL), number(REACH + Rays.CLOSEST)))
          + TorchFunction.helper(
              "slice_line",
              "like: Tensor, slices: int",
              "Tensor",
              """
              k = torch.arange(slices, dtype=ops.prim.dtype(like), device=ops.prim.device(like))
              return (k + 0.5) * torch.div(%s, float(slices)) - %s
              """
                  .formatted(number(2 * REACH), number(REACH)))
          + TorchFunction.helper(
              "cells",
              "pose: Tensor, depth: Tensor, slices: int, side: int",
              "Tensor",
              """
              z = torch.unsqueeze(depth, 1) + torch.unsqueeze(self.slice_line(pose, slices), 0)
              return self.points(self.rays(self.source_focal(pose), side), z)
              """)
          + TorchFunction.helper(
              "thickness",
              "raw: Tensor, like: Tensor",
              "Tensor",
              """
              gap = torch.div(%s, float(torch.size(raw, 1)))
              return torch.softplus(torch.type_as(raw, like) - %s) * gap
              """
                  .formatted(number(2 * REACH * DENSITY), number(THIN)));

  private Frustum() {}

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.17g", value);
  }
}
