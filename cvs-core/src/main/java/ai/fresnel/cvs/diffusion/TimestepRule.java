package ai.fresnel.cvs.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.fresnel.cvs.torch.TorchFunction;

/**
 * The timestep that a network trained on discrete timesteps reads for a sigma. On the grids of a
 * {@link DiscreteSchedule} both give its whole timesteps. They differ for sigmas in between, such
 * as the midpoints of {@link OdeSolver#DPM_2S} or a grid of {@link SigmaGrid#karras}.
 */
public enum TimestepRule {

  /**
   * Linear in ln(sigma) between two timesteps (k-diffusion's {@code DiscreteSchedule} without
   * quantisation). The embedding of a timestep is continuous, so networks take fractions well.
   */
  INTERPOLATED("return t"),

  /** The nearest timestep in ln(sigma): the network sees only what it was trained on. */
  NEAREST("return torch.round(t)");

  private final String result;

  TimestepRule(String result) {
    this.result = result;
  }

  /** bucketize counts the table's entries below. In double, as float32 costs 1e-4 of a step. */
  private static String search() {
    return String.join(
        "\n",
        "log = torch.log(torch.to(sigma, 7))",
        "above = torch.clamp(torch.bucketize(log, table), 1, torch.size(table, 0) - 1)",
        "low = torch.index_select(table, 0, above - 1)",
        "high = torch.index_select(table, 0, above)",
        "share = torch.clamp((log - low) / (high - low), 0., 1.)",
        "t = torch.to(above - 1, 7) + share",
        "whole = torch.round(t)",
        "t = torch.where(torch.lt(torch.abs(t - whole), " + DiscreteSchedule.WHOLE + "), whole, t)",
        "t = torch.type_as(t, sigma)");
  }

  /**
   * Reads timesteps.
   *
   * @param schedule the schedule of training
   * @param sigma (N), above 0
   * @return (N), 0 to T - 1, of sigma's type, on sigma's manager; as {@link
   *     DiscreteSchedule#timestep} says
   */
  NDArray timesteps(DiscreteSchedule schedule, NDArray sigma) {
    TorchFunction function =
        TorchFunction.of("sigma: Tensor, table: Tensor", search() + "\n" + result);
    try (ArrayScope scope = new ArrayScope(sigma)) {
      NDArray table = scope.manager().create(schedule.logSigmas());
      return scope.ret(function.call(scope.manager(), new NDList(scope.view(sigma), table)));
    }
  }
}
