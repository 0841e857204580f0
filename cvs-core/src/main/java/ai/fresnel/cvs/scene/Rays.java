package ai.fresnel.cvs.scene;

import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The geometry of pinhole cameras as TorchScript methods, called through {@link SceneScript}. The
 * principal point is in the image's middle, since poses hold no other. A camera looks along +z,
 * with x to the right and y down.
 */
public final class Rays {

  /** Least depth of a point that can be projected, in object lengths. */
  public static final double CLOSEST = 0.1;

  /**
   * The methods:
   *
   * <ul>
   *   <li>{@code pixel_line(like, side)}: (side), the pixels' centres along an edge of the image,
   *       from −0.5 to 0.5 between its borders; type and device of {@code like}
   *   <li>{@code pixel_grid(like, side)}: (1, side², 2), x and y of all centres, row by row
   *   <li>{@code rays(focal, side)}: (N, side², 3), the rays of the pixels of cameras with the
   *       focal lengths (N, 2), as points at depth 1
   *   <li>{@code points(rays, depth)}: (N, K·P, 3), for each of the depths (N, K) the points on all
   *       the rays (N, P, 3)
   *   <li>{@code unproject(place, focal, depth)}: (N, P, 3), the points at the depths (N, P, 1)
   *       that are seen at the image positions (N or 1, P, 2), in the units of {@code pixel_grid}
   *   <li>{@code project(points, focal)}: (N, P, 2), the image positions of the points (N, P, 3): x
   *       and y from −1 to 1 between the image's borders. Valid only for points at depths above
   *       {@link #CLOSEST}
   *   <li>{@code to_source(pose, points)}: (N, P, 3), points (N, P, 3) in target axes in source
   *       axes
   *   <li>{@code to_target(pose, points)}: the reverse
   * </ul>
   */
  public static final String METHODS =
      TorchFunction.helper(
              "pixel_line",
              "like: Tensor, side: int",
              "Tensor",
              """
              u = torch.arange(side, dtype=ops.prim.dtype(like), device=ops.prim.device(like))
              return (u + 0.5) * torch.div(1., float(side)) - 0.5
              """)
          + TorchFunction.helper(
              "pixel_grid",
              "like: Tensor, side: int",
              "Tensor",
              """
              u = self.pixel_line(like, side)
              u = torch.stack([torch.repeat(u, [side]), torch.repeat_interleave(u, side)], 1)
              return torch.unsqueeze(u, 0)
              """)
          + TorchFunction.helper(
              "rays",
              "focal: Tensor, side: int",
              "Tensor",
              """
              n = torch.size(focal, 0)
              u = self.pixel_line(focal, side)
              f = torch.reshape(focal, [n, 2, 1, 1])
              x = torch.div(torch.reshape(u, [1, 1, -1]), torch.select(f, 1, 0))
              y = torch.div(torch.reshape(u, [1, -1, 1]), torch.select(f, 1, 1))
              x = torch.expand(x, [n, side, side])
              y = torch.expand(y, [n, side, side])
              return torch.reshape(torch.stack([x, y, torch.ones_like(x)], 3), [n, -1, 3])
              """)
          + TorchFunction.helper(
              "points",
              "rays: Tensor, depth: Tensor",
              "Tensor",
              """
              n = torch.size(rays, 0)
              p = torch.unsqueeze(rays, 1) * torch.reshape(depth, [n, -1, 1, 1])
              return torch.reshape(p, [n, -1, 3])
              """)
          + TorchFunction.helper(
              "unproject",
              "place: Tensor, focal: Tensor, depth: Tensor",
              "Tensor",
              """
              xy = torch.div(place * depth, torch.unsqueeze(focal, 1))
              return torch.cat([xy, depth], 2)
              """)
          + TorchFunction.helper(
              "project",
              "points: Tensor, focal: Tensor",
              "Tensor",
              """
              xy = torch.slice(points, 2, 0, 2) * torch.unsqueeze(focal, 1) * 2.
              return torch.div(xy, torch.clamp(torch.slice(points, 2, 2, 3), %s))
              """
                  .formatted(CLOSEST))
          + TorchFunction.helper(
              "to_source",
              "pose: Tensor, points: Tensor",
              "Tensor",
              """
              moved = points - torch.unsqueeze(self.translation(pose), 1)
              return torch.matmul(moved, self.rotation(pose))
              """)
          + TorchFunction.helper(
              "to_target",
              "pose: Tensor, points: Tensor",
              "Tensor",
              """
              turned = torch.matmul(points, torch.transpose(self.rotation(pose), 1, 2))
              return turned + torch.unsqueeze(self.translation(pose), 1)
              """);

  private Rays() {}
}
