package ai.fresnel.cvs.condition;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.model.ConditionerConfig.FourthNumber;
import ai.fresnel.cvs.scene.CameraBatch;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Camera moves as Zero123 says them (Liu et al. 2023): the change of the polar angle, sine and
 * cosine of the change of azimuth, and a fourth number. Angles are in radians, distances in object
 * lengths. Cameras look at the world's origin.
 *
 * <p>In target axes the source camera is at {@code t = r' z - r R z}, where r and r' are the
 * distances of source and target from the origin and R turns source axes to target axes. With q = R
 * z, {@code r' - r = t_z + (t_x q_x + t_y q_y) / (1 + q_z)}. Of cameras exactly opposite each other
 * t knows only r + r'; they are taken to be at equal distances.
 */
final class Zero123Moves {

  /** Squared sine of the angle between the forward axes below which cameras are opposite. */
  private static final double OPPOSITE = 1e-8;

  private static final String BODY =
      """
      r = self.rotation(pose)
      t = self.translation(pose)
      up = self.world_up(pose)
      # Directions of the cameras from the origin, in source axes.
      target = torch.neg(torch.select(r, 1, 2))
      source = torch.zeros_like(target) + torch.tensor([0., 0., -1.], dtype=ops.prim.dtype(pose), device=ops.prim.device(pose))
      high = torch.sum(source * up, [1])
      source_polar = torch.atan2(torch.sqrt(torch.clamp(1. - high * high, 0.)), high)
      high = torch.sum(target * up, [1], True)
      flat = target - high * up
      target_polar = torch.atan2(torch.sqrt(torch.sum(flat * flat, [1])), torch.squeeze(high, 1))
      side = torch.sum(torch.linalg_cross(source, flat) * up, [1])
      azimuth = torch.atan2(side, torch.sum(source * flat, [1]))
      q = torch.select(r, 2, 2)
      qz = torch.select(q, 1, 2)
      across = torch.slice(q, 1, 0, 2)
      along = torch.sum(torch.slice(t, 1, 0, 2) * across, [1])
      sine = torch.sum(across * across, [1])
      # The same quotient by 1 - q_z above and below, which is exact where q_z is negative.
      far = torch.where(torch.lt(sine, %OPPOSITE), torch.neg(torch.select(t, 1, 2)), along * (1. - qz) / sine)
      near = along / torch.clamp(1. + qz, 0.5)
      radius = torch.select(t, 1, 2) + torch.where(torch.lt(qz, 0.), far, near)
      return torch.stack([target_polar - source_polar, torch.sin(azimuth), torch.cos(azimuth), %FOURTH], 1)
      """
          .replace("%OPPOSITE", Double.toString(OPPOSITE));

  private static final Zero123Moves RADIUS = new Zero123Moves("radius");
  private static final Zero123Moves SOURCE_POLAR = new Zero123Moves("source_polar");

  private final TorchFunction function;

  private Zero123Moves(String fourth) {
    function =
        TorchFunction.withHelpers(
            CameraBatch.METHODS, "pose: Tensor", BODY.replace("%FOURTH", fourth));
  }

  static Zero123Moves of(FourthNumber fourth) {
    return fourth == FourthNumber.RADIUS ? RADIUS : SOURCE_POLAR;
  }

  /** Returns the moves, (N, 4), on the manager. */
  NDArray of(NDManager manager, CameraBatch cameras) {
    return function.call(manager, new NDList(cameras.features()));
  }
}
