package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.scene.Rays;
import ai.fresnel.cvs.scene.SceneScript;
import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;

/**
 * Warps views of one object onto each other through depth: it unprojects each pixel by its depth
 * and projects it into the other camera (Zhou et al. 2017, "Unsupervised Learning of Depth and
 * Ego-Motion from Video", equation 2). Rows 2i and 2i + 1 of a batch are views of one object,
 * called partners.
 *
 * <p>A pixel is visible in the partner if the depth of the partner agrees within the width of 1.5
 * pixels; otherwise it is occluded. Pixels on silhouettes and edges mix two surfaces; neither they
 * nor pixels that fall on them count. Principal points are in the middle, since pose features do
 * not hold them.
 */
public final class ViewWarp {

  /** The largest difference of the depths of one surface, in widths of a pixel at that depth. */
  private static final double AGREEMENT = 1.5;

  /**
   * The steepest slope of a single surface: depth per pixel, in widths of a pixel at that depth.
   */
  private static final double STEEPEST = 3;

  private static final TorchFunction PARTNERS =
      SceneScript.function(
          "depth: Tensor, pose: Tensor",
          String.format(
              Locale.ROOT,
              """
              n = torch.size(depth, 0)
              s = torch.size(depth, 2)
              partner = torch.flip(torch.reshape(pose, [-1, 2, torch.size(pose, 1)]), [1])
              partner = torch.reshape(partner, [n, -1])
              focal = self.target_focal(pose)
              z = torch.transpose(torch.flatten(depth, 2), 1, 2)
              p = self.unproject(self.pixel_grid(pose, s), focal, z)
              q = self.to_target(partner, self.to_source(pose, p))
              at = self.project(q, self.target_focal(partner))
              at = torch.reshape(at, [n, s, s, 2])
              far = torch.reshape(torch.slice(q, 2, 2, 3), [n, 1, s, s])
              width = torch.div(depth, torch.reshape(torch.select(focal, 1, 0), [n, 1, 1, 1]) * s)
              most = torch.max_pool2d(depth, [3, 3], [1, 1], [1, 1], [1, 1], False)
              least = torch.max_pool2d(torch.neg(depth), [3, 3], [1, 1], [1, 1], [1, 1], False)
              least = torch.neg(least)
              whole = torch.logical_and(torch.gt(least, 0.), torch.le(most - least, width * %s))
              whole = torch.type_as(whole, depth)
              both = torch.cat([depth, whole], 1)
              both = torch.flip(torch.reshape(both, [-1, 2, 2 * s * s]), [1])
              both = torch.grid_sampler(torch.reshape(both, [n, 2, s, s]), at, 0, 0, False)
              off = torch.abs(torch.slice(both, 1, 0, 1) - far)
              seen = torch.logical_and(torch.le(off, width * %s), torch.gt(far, %s))
              seen = torch.logical_and(seen, torch.gt(torch.slice(both, 1, 1, 2), 0.999))
              seen = torch.type_as(seen, depth) * whole
              return torch.cat([torch.permute(at, [0, 3, 1, 2]), seen], 1)
              """,
              2 * STEEPEST,
              AGREEMENT,
              Rays.CLOSEST));

  private static final TorchFunction LOOK =
      TorchFunction.of(
          "images: Tensor, where: Tensor",
          """
          size = torch.size(images)
          other = torch.flip(torch.reshape(images, [-1, 2, size[1], size[2], size[3]]), [1])
          other = torch.reshape(other, size)
          at = torch.permute(torch.slice(where, 1, 0, 2), [0, 2, 3, 1])
          return torch.grid_sampler(other, at, 0, 0, False)
          """);

  private ViewWarp() {}

  /**
   * Finds the position of each pixel in the image of the partner.
   *
   * @param depth along each camera's forward axis in object lengths, (N, 1, S, S), 0 where there is
   *     nothing; N even
   * @param pose (N, 16), the {@link ai.fresnel.cvs.geometry.RelativePose#features}; partners have
   *     the same source
   * @return (N, 3, S, S): x and y in the image of the partner, from −1 to 1 between its borders,
   *     and 1 where the partner sees the same surface, or else 0
   */
  public static NDArray partners(NDArray depth, NDArray pose) {
    return PARTNERS.call(depth, pose);
  }

  /**
   * Warps the image of each partner, bilinearly. Differentiable in the images.
   *
   * @param images (N, C, S, S)
   * @param where (N, 3, S, S) from {@link #partners}
   * @return (N, C, S, S); valid only where the partner sees the same surface
   */
  public static NDArray warp(NDArray images, NDArray where) {
    return LOOK.call(images.getManager(), new NDList(images, where));
  }
}
