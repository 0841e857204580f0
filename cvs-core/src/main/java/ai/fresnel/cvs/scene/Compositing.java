package ai.fresnel.cvs.scene;

import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Composites the points on rays front to back (Max 1995). The TorchScript methods are called
 * through {@link SceneScript}. Points lie along the third axis, from the nearest to the farthest.
 */
public final class Compositing {

  /**
   * The methods:
   *
   * <ul>
   *   <li>{@code light(thickness)}: (N, 1, K, H, W), the weight of each point in its ray: its
   *       transmittance times its alpha. {@code thickness} (N, 1, K, H, W) is the density at a
   *       point times the distance between points, 0 or more
   *   <li>{@code opacity(light)}: (N, 1, H, W), in [0, 1], the sum of the weights of a ray
   *   <li>{@code expected(light, values)}: (N, C, H, W), the sum of values (N, C, K, H, W) by
   *       weight: colours, features, or depth, which gives the expected depth times opacity
   *   <li>{@code over(colour, opacity, background)}: (N, C, H, W), a colour that was summed by
   *       weight, over a background (N, C, 1, 1) or (N, C, H, W)
   * </ul>
   */
  public static final String METHODS =
      TorchFunction.helper(
              "light",
              "thickness: Tensor",
              "Tensor",
              """
              before = torch.exp(thickness - torch.cumsum(thickness, 2))
              return before * torch.rsub(torch.exp(torch.neg(thickness)), 1.)
              """)
          + TorchFunction.helper(
              "opacity", "light: Tensor", "Tensor", "return torch.sum(light, [2])")
          + TorchFunction.helper(
              "expected",
              "light: Tensor, values: Tensor",
              "Tensor",
              "return torch.sum(light * values, [2])")
          + TorchFunction.helper(
              "over",
              "colour: Tensor, opacity: Tensor, background: Tensor",
              "Tensor",
              "return colour + torch.rsub(opacity, 1.) * background");

  private Compositing() {}
}
