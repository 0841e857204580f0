package ai.fresnel.cvs.model;

import java.util.function.UnaryOperator;

/**
 * Builds a {@link ModelConfig} group by group. A group is set or changed by a function. A group
 * checks itself when it is changed; the groups are checked against each other in {@link #build}.
 */
public final class ModelConfigBuilder {
  private String name;
  private ModelConfig.Kind kind = ModelConfig.Kind.DIFFUSION;
  private CodecConfig codec;
  private ConditionerConfig conditioner = ConditionerConfig.defaults();
  private UNetConfigBuilder unet = new UNetConfigBuilder();
  private HeadsConfig heads = HeadsConfig.none();
  private ScalingConfig scaling = new ScalingConfig.Edm(0.5, NoiseConfig.edm());
  private SamplingConfig sampling = SamplingConfig.defaults();

  ModelConfigBuilder(String name, int imageSize) {
    this.name = name;
    codec = Checks.in("codec", () -> CodecConfig.rgb(imageSize));
  }

  ModelConfigBuilder(ModelConfig config) {
    name = config.name();
    kind = config.kind();
    codec = config.codec();
    conditioner = config.conditioner();
    unet = new UNetConfigBuilder(config.unet());
    heads = config.heads();
    scaling = config.scaling();
    sampling = config.sampling();
  }

  /**
   * Sets the model's short name.
   *
   * @param value the name
   * @return this builder
   */
  public ModelConfigBuilder name(String value) {
    name = value;
    return this;
  }

  /**
   * Sets the training stage of the weights.
   *
   * @param value the kind
   * @return this builder
   */
  public ModelConfigBuilder kind(ModelConfig.Kind value) {
    kind = value;
    return this;
  }

  /**
   * Changes the codec between images and states.
   *
   * @param change from RGB images as they are, of the builder's size
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ModelConfigBuilder codec(UnaryOperator<CodecConfig> change) {
    codec = Checks.in("codec", () -> change.apply(codec));
    return this;
  }

  /**
   * Changes the inputs from the photograph and the cameras.
   *
   * @param change from {@link ConditionerConfig#defaults}
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ModelConfigBuilder conditioner(UnaryOperator<ConditionerConfig> change) {
    conditioner = Checks.in("conditioner", () -> change.apply(conditioner));
    return this;
  }

  /**
   * Changes the U-Net. The widths of its levels must be set.
   *
   * @param change of the settings, checked when the whole is built
   * @return this builder
   */
  public ModelConfigBuilder unet(UnaryOperator<UNetConfigBuilder> change) {
    unet = Checks.in("unet", () -> change.apply(unet));
    return this;
  }

  /**
   * Changes the heads after the U-Net.
   *
   * @param change from {@link HeadsConfig#none}
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ModelConfigBuilder heads(UnaryOperator<HeadsConfig> change) {
    heads = Checks.in("heads", () -> change.apply(heads));
    return this;
  }

  /**
   * Sets the standard deviation of the training states.
   *
   * @param value the deviation, by default 0.5
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public ModelConfigBuilder sigmaData(double value) {
    scaling = Checks.in("scaling", () -> scaling.withSigmaData(value));
    return this;
  }

  /**
   * Sets the scaling of input and output, with its noise.
   *
   * @param value the scaling, by default EDM's
   * @return this builder
   */
  public ModelConfigBuilder scaling(ScalingConfig value) {
    scaling = value;
    return this;
  }

  /**
   * Changes the noise.
   *
   * @param change from {@link NoiseConfig#edm}
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ModelConfigBuilder noise(UnaryOperator<NoiseConfig> change) {
    NoiseConfig noise = Checks.in("scaling.noise", () -> change.apply(scaling.noise()));
    scaling = Checks.in("scaling", () -> scaling.withNoise(noise));
    return this;
  }

  /**
   * Changes the sampling of a consistency model.
   *
   * @param change from {@link SamplingConfig#defaults}
   * @return this builder
   * @throws IllegalArgumentException if a setting is out of range
   */
  public ModelConfigBuilder sampling(UnaryOperator<SamplingConfig> change) {
    sampling = Checks.in("sampling", () -> change.apply(sampling));
    return this;
  }

  /**
   * Checks the groups against each other.
   *
   * @return the configuration
   * @throws IllegalArgumentException if a setting is missing or out of range; the message says the
   *     setting, its value and what was expected
   */
  public ModelConfig build() {
    int tokens = conditioner.tokens().channels();
    UNetConfig network = Checks.in("unet", () -> unet.build(tokens));
    return new ModelConfig(name, kind, codec, conditioner, network, heads, scaling, sampling);
  }
}
