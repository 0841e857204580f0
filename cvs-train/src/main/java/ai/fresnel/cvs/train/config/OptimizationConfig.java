package ai.fresnel.cvs.train.config;

import java.util.function.UnaryOperator;

/**
 * How parameters are moved.
 *
 * @param optimizer how parameters are moved
 * @param rate the learning rate
 * @param beta1 decay of AdamW's and RAdam's first moment, in [0, 1)
 * @param beta2 decay of their second moment, in [0, 1)
 * @param epsilon their epsilon, above 0 and below 1
 * @param weightDecay weight decay, 0 or more, below 100
 * @param clipNorm the largest global norm of a gradient, above 0, at most 1e30 (no clipping)
 */
public record OptimizationConfig(
    OptimizerKind optimizer,
    RateConfig rate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double clipNorm) {

  /**
   * Checks the settings.
   *
   * @param optimizer as above
   * @param rate as above
   * @param beta1 as above
   * @param beta2 as above
   * @param epsilon as above
   * @param weightDecay as above
   * @param clipNorm as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public OptimizationConfig {
    Checks.requirePresent("optimizer", optimizer);
    Checks.requirePresent("rate", rate);
    Checks.requireShare("beta1", beta1);
    Checks.requireShare("beta2", beta2);
    Checks.require("epsilon", epsilon, epsilon > 0 && epsilon < 1, "above 0, below 1");
    Checks.require("weightDecay", weightDecay, weightDecay >= 0 && weightDecay < 100, "0 to 100");
    Checks.require("clipNorm", clipNorm, clipNorm > 0 && clipNorm <= 1e30, "above 0, at most 1e30");
  }

  /**
   * Returns these settings with another {@code optimizer}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withOptimizer(OptimizerKind value) {
    return new OptimizationConfig(value, rate, beta1, beta2, epsilon, weightDecay, clipNorm);
  }

  /**
   * Returns these settings with another {@code beta1}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withBeta1(double value) {
    return new OptimizationConfig(optimizer, rate, value, beta2, epsilon, weightDecay, clipNorm);
  }

  /**
   * Returns these settings with another {@code beta2}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withBeta2(double value) {
    return new OptimizationConfig(optimizer, rate, beta1, value, epsilon, weightDecay, clipNorm);
  }

  /**
   * Returns these settings with another {@code epsilon}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withEpsilon(double value) {
    return new OptimizationConfig(optimizer, rate, beta1, beta2, value, weightDecay, clipNorm);
  }

  /**
   * Returns these settings with another {@code weightDecay}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withWeightDecay(double value) {
    return new OptimizationConfig(optimizer, rate, beta1, beta2, epsilon, value, clipNorm);
  }

  /**
   * Returns these settings with another {@code clipNorm}.
   *
   * @param value the setting
   * @return the settings
   */
  public OptimizationConfig withClipNorm(double value) {
    return new OptimizationConfig(optimizer, rate, beta1, beta2, epsilon, weightDecay, value);
  }

  /**
   * Returns these settings with a change of {@code rate}.
   *
   * @param change from the present settings
   * @return the settings
   */
  public OptimizationConfig withRate(UnaryOperator<RateConfig> change) {
    return new OptimizationConfig(
        optimizer, change.apply(rate), beta1, beta2, epsilon, weightDecay, clipNorm);
  }
}
