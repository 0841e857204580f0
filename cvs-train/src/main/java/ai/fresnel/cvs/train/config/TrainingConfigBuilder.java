package ai.fresnel.cvs.train.config;

import java.util.function.UnaryOperator;

/**
 * Collects the groups of a {@link TrainingConfig}. A group checks itself when it is changed, all of
 * them together when the whole is built.
 */
public final class TrainingConfigBuilder {

  private RunConfig run;
  private DataConfig data;
  private OptimizationConfig optimization;
  private ComputeConfig compute;
  private AveragingConfig averaging;
  private HeadLossConfig losses;
  private StageConfig stage;

  TrainingConfigBuilder(TrainingConfig config) {
    run = config.run();
    data = config.data();
    optimization = config.optimization();
    compute = config.compute();
    averaging = config.averaging();
    losses = config.losses();
    stage = config.stage();
  }

  /**
   * Changes how long it is, what it saves and shows.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder run(UnaryOperator<RunConfig> change) {
    run = change.apply(run);
    return this;
  }

  /**
   * Changes what a step is trained on.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder data(UnaryOperator<DataConfig> change) {
    data = change.apply(data);
    return this;
  }

  /**
   * Changes how parameters are moved.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder optimization(UnaryOperator<OptimizationConfig> change) {
    optimization = change.apply(optimization);
    return this;
  }

  /**
   * Changes how a step is computed.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder compute(UnaryOperator<ComputeConfig> change) {
    compute = change.apply(compute);
    return this;
  }

  /**
   * Changes the weights kept for inference.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder averaging(UnaryOperator<AveragingConfig> change) {
    averaging = change.apply(averaging);
    return this;
  }

  /**
   * Changes the losses of the network's heads.
   *
   * @param change from the present settings
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder losses(UnaryOperator<HeadLossConfig> change) {
    losses = change.apply(losses);
    return this;
  }

  /**
   * Sets the stage.
   *
   * @param value the stage
   * @return this builder
   */
  public TrainingConfigBuilder stage(StageConfig value) {
    stage = value;
    return this;
  }

  /**
   * Changes the settings of stage 2.
   *
   * @param change applied to a builder that starts from the present settings
   * @return this builder
   * @throws IllegalStateException if the stage has no student
   * @throws IllegalArgumentException if a setting is out of range
   */
  public TrainingConfigBuilder student(UnaryOperator<ConsistencyConfigBuilder> change) {
    stage = change.apply(new ConsistencyConfigBuilder(stage)).build();
    return this;
  }

  /**
   * Checks the settings and makes the configuration.
   *
   * @return the configuration
   * @throws IllegalArgumentException if two groups do not fit
   */
  public TrainingConfig build() {
    return new TrainingConfig(run, data, optimization, compute, averaging, losses, stage);
  }
}
