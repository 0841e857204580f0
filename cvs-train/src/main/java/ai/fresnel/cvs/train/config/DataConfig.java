package ai.fresnel.cvs.train.config;

import java.util.function.UnaryOperator;

/**
 * The data of a step.
 *
 * @param batchSize samples a step, 1 to 65536
 * @param conditionDropout share of samples whose condition is dropped, in [0, 1)
 * @param augmentation how pairs are changed
 * @param angles how far apart their cameras are
 * @param meshes how objects vary
 */
public record DataConfig(
    int batchSize,
    double conditionDropout,
    AugmentationConfig augmentation,
    AnglesConfig angles,
    MeshesConfig meshes) {

  /**
   * Checks the settings.
   *
   * @param batchSize as above
   * @param conditionDropout as above
   * @param augmentation as above
   * @param angles as above
   * @param meshes as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public DataConfig {
    Checks.require("batchSize", batchSize, batchSize >= 1 && batchSize <= 65536, "1 to 65536");
    Checks.requireShare("conditionDropout", conditionDropout);
    Checks.requirePresent("augmentation", augmentation);
    Checks.requirePresent("angles", angles);
    Checks.requirePresent("meshes", meshes);
  }

  /**
   * Returns these settings with another {@code batchSize}.
   *
   * @param value the setting
   * @return the settings
   */
  public DataConfig withBatchSize(int value) {
    return new DataConfig(value, conditionDropout, augmentation, angles, meshes);
  }

  /**
   * Returns these settings with another {@code conditionDropout}.
   *
   * @param value the setting
   * @return the settings
   */
  public DataConfig withConditionDropout(double value) {
    return new DataConfig(batchSize, value, augmentation, angles, meshes);
  }

  /**
   * Returns these settings with a change of {@code augmentation}.
   *
   * @param change from the present settings
   * @return the settings
   */
  public DataConfig withAugmentation(UnaryOperator<AugmentationConfig> change) {
    return new DataConfig(batchSize, conditionDropout, change.apply(augmentation), angles, meshes);
  }

  /**
   * Returns these settings with a change of {@code angles}.
   *
   * @param change from the present settings
   * @return the settings
   */
  public DataConfig withAngles(UnaryOperator<AnglesConfig> change) {
    return new DataConfig(batchSize, conditionDropout, augmentation, change.apply(angles), meshes);
  }

  /**
   * Returns these settings with a change of {@code meshes}.
   *
   * @param change from the present settings
   * @return the settings
   */
  public DataConfig withMeshes(UnaryOperator<MeshesConfig> change) {
    return new DataConfig(batchSize, conditionDropout, augmentation, angles, change.apply(meshes));
  }
}
