package ai.fresnel.cvs.model;

import ai.fresnel.cvs.diffusion.NullCondition;
import ai.fresnel.cvs.diffusion.TimestepSpacing;

/**
 * The sampling of a diffusion model of discrete timesteps.
 *
 * @param method the solver, one network pass a step
 * @param spacing the choice of timesteps
 * @param steps steps unless a request says another number, 1 to 1000
 * @param endsAtZero whether the last step goes to sigma 0 instead of the first timestep's sigma
 * @param eta share of fresh noise a step, 0 to 1; 0 unless the method is {@link Method#DDIM}
 * @param guidance weight of guidance unless a request says another, in [-100, 100]; that of
 *     diffusers is 1 more
 * @param nullCondition the condition that guidance leads away from
 */
public record SolverConfig(
    Method method,
    TimestepSpacing spacing,
    int steps,
    boolean endsAtZero,
    double eta,
    double guidance,
    NullCondition nullCondition) {

  /** The solvers. */
  public enum Method {
    /** {@link ai.fresnel.cvs.diffusion.DdimSampler}. */
    DDIM,
    /** Euler's method, {@link ai.fresnel.cvs.diffusion.OdeSolver#EULER}. */
    EULER,
    /** DPM-Solver++(2M), {@link ai.fresnel.cvs.diffusion.MultistepSampler}. */
    DPM_2M
  }

  /**
   * Checks the settings.
   *
   * @param method as above
   * @param spacing as above
   * @param steps as above
   * @param endsAtZero as above
   * @param eta as above
   * @param guidance as above
   * @param nullCondition as above
   * @throws IllegalArgumentException if a setting is missing or out of range
   */
  public SolverConfig {
    Checks.present("method", method);
    Checks.present("spacing", spacing);
    Checks.range("steps", steps, 1, 1000);
    Checks.range("eta", eta, 0, 1);
    Checks.check(eta == 0 || method == Method.DDIM, "eta", eta, "0 where method is " + method);
    Checks.range("guidance", guidance, -100, 100);
    Checks.present("nullCondition", nullCondition);
  }

  /**
   * Returns the sampling of diffusers' Zero123 pipelines: 50 steps of DDIM without fresh noise,
   * guidance scale 3, which is a weight of 2, away from zeros.
   *
   * @return the settings
   */
  public static SolverConfig zero123() {
    return new SolverConfig(
        Method.DDIM, new TimestepSpacing.Leading(1), 50, false, 0, 2, NullCondition.ZEROS);
  }

  /**
   * Returns these settings with another solver.
   *
   * @param value the solver
   * @param freshNoise share of fresh noise a step, 0 unless it is DDIM
   * @return the settings
   */
  public SolverConfig withMethod(Method value, double freshNoise) {
    return new SolverConfig(value, spacing, steps, endsAtZero, freshNoise, guidance, nullCondition);
  }

  /**
   * Returns these settings with another choice of timesteps.
   *
   * @param value the choice
   * @param number steps unless a request says another number
   * @return the settings
   */
  public SolverConfig withSpacing(TimestepSpacing value, int number) {
    return new SolverConfig(method, value, number, endsAtZero, eta, guidance, nullCondition);
  }

  /**
   * Returns these settings with another guidance.
   *
   * @param weight the weight
   * @param away the condition that it leads away from
   * @return the settings
   */
  public SolverConfig withGuidance(double weight, NullCondition away) {
    return new SolverConfig(method, spacing, steps, endsAtZero, eta, weight, away);
  }
}
