package ai.fresnel.cvs.model;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/**
 * Collects the settings of a {@link ModelConfig}, whose description says their ranges; nothing is
 * checked before {@link #build}.
 */
public final class ModelConfigBuilder {
  static final int SLICES = 16;
  static final int FEATURES = 8;

  private String name;
  private ModelConfig.Kind kind = ModelConfig.Kind.DIFFUSION;
  private int pictureSize;
  private int pictureChannels = 3;
  private double chromaGain = 1;
  private int fold = 1;
  private List<Integer> channels;
  private int layers = 1;
  private List<Integer> attentionDepth;
  private int headChannels = 32;
  private int groups = 32;
  private int embeddingChannels;
  private int tokenChannels;
  private List<Integer> detailChannels;
  private int tokenGrid = 16;
  private List<Integer> volumeChannels = List.of();
  private int volumeSlices = SLICES;
  private int volumeFeatures = FEATURES;
  private int refineChannels;
  private boolean depthHead;
  private String encoder = "none";
  private boolean guidanceInput = false;
  private double sigmaData = 0.5;
  private double sigmaMin = 0.002;
  private double sigmaMax = 80;
  private double rho = 7;
  private double noiseMean = -1.2;
  private double noiseDeviation = 1.2;
  private double temperature = 1;
  private SortedMap<Integer, List<Double>> fewStepSigmas;

  ModelConfigBuilder() {}

  ModelConfigBuilder(ModelConfig config) {
    name = config.name();
    kind = config.kind();
    pictureSize = config.pictureSize();
    pictureChannels = config.pictureChannels();
    chromaGain = config.chromaGain();
    fold = config.fold();
    channels = config.channels();
    layers = config.layers();
    attentionDepth = config.attentionDepth();
    headChannels = config.headChannels();
    groups = config.groups();
    embeddingChannels = config.embeddingChannels();
    tokenChannels = config.tokenChannels();
    detailChannels = config.detailChannels();
    tokenGrid = config.tokenGrid();
    volumeChannels = config.volumeChannels();
    volumeSlices = config.volumeSlices();
    volumeFeatures = config.volumeFeatures();
    refineChannels = config.refineChannels();
    depthHead = config.depthHead();
    encoder = config.encoder();
    guidanceInput = config.guidanceInput();
    sigmaData = config.sigmaData();
    sigmaMin = config.sigmaMin();
    sigmaMax = config.sigmaMax();
    rho = config.rho();
    noiseMean = config.noiseMean();
    noiseDeviation = config.noiseDeviation();
    temperature = config.temperature();
    boolean defaults =
        config.fewStepSigmas().equals(ModelConfig.defaultFewStepSigmas(sigmaMin, sigmaMax, rho));
    fewStepSigmas = defaults ? null : config.fewStepSigmas();
  }

  /**
   * Sets the model's short name.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder name(String value) {
    name = value;
    return this;
  }

  /**
   * Sets what the weights are trained to be.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder kind(ModelConfig.Kind value) {
    kind = value;
    return this;
  }

  /**
   * Sets height and width of the picture, pixels.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder pictureSize(int value) {
    pictureSize = value;
    return this;
  }

  /**
   * Sets channels of the diffused picture.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder pictureChannels(int value) {
    pictureChannels = value;
    return this;
  }

  /**
   * Sets how much farther from grey the diffused picture is.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder chromaGain(double value) {
    chromaGain = value;
    return this;
  }

  /**
   * Sets factor of the pixel unshuffle.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder fold(int value) {
    fold = value;
    return this;
  }

  /**
   * Sets width of each level, from the finest.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder channels(int... value) {
    channels = Arrays.stream(value).boxed().toList();
    return this;
  }

  /**
   * Sets width of each level, from the finest.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder channels(List<Integer> value) {
    channels = value;
    return this;
  }

  /**
   * Sets residual blocks a level.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder layers(int value) {
    layers = value;
    return this;
  }

  /**
   * Sets transformer blocks at each level, 0 for none.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder attentionDepth(int... value) {
    attentionDepth = Arrays.stream(value).boxed().toList();
    return this;
  }

  /**
   * Sets transformer blocks at each level, 0 for none.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder attentionDepth(List<Integer> value) {
    attentionDepth = value;
    return this;
  }

  /**
   * Sets width of an attention head.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder headChannels(int value) {
    headChannels = value;
    return this;
  }

  /**
   * Sets groups of a group norm.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder groups(int value) {
    groups = value;
    return this;
  }

  /**
   * Sets width of the noise and pose embeddings.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder embeddingChannels(int value) {
    embeddingChannels = value;
    return this;
  }

  /**
   * Sets width of the image tokens.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder tokenChannels(int value) {
    tokenChannels = value;
    return this;
  }

  /**
   * Sets width of each stage of the detail encoder.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder detailChannels(int... value) {
    detailChannels = Arrays.stream(value).boxed().toList();
    return this;
  }

  /**
   * Sets width of each stage of the detail encoder.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder detailChannels(List<Integer> value) {
    detailChannels = value;
    return this;
  }

  /**
   * Sets image tokens a side.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder tokenGrid(int value) {
    tokenGrid = value;
    return this;
  }

  /**
   * Sets width of each level of the U-Net that makes a volume of the photograph.
   *
   * @param value the setting, nothing for no volume
   * @return this builder
   */
  public ModelConfigBuilder volumeChannels(int... value) {
    volumeChannels = Arrays.stream(value).boxed().toList();
    return this;
  }

  /**
   * Sets the slices of the volume.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder volumeSlices(int value) {
    volumeSlices = value;
    return this;
  }

  /**
   * Sets what is known at each place of the volume beside its density.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder volumeFeatures(int value) {
    volumeFeatures = value;
    return this;
  }

  /**
   * Sets the width of the convolutions that correct the U-Net's output at full resolution.
   *
   * @param value the setting; 0 for none
   * @return this builder
   */
  public ModelConfigBuilder refineChannels(int value) {
    refineChannels = value;
    return this;
  }

  /**
   * Sets whether the network has a head that says depth.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder depthHead(boolean value) {
    depthHead = value;
    return this;
  }

  /**
   * Sets the frozen image encoder's name.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder encoder(String value) {
    encoder = value;
    return this;
  }

  /**
   * Sets whether the guidance weight is an input.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder guidanceInput(boolean value) {
    guidanceInput = value;
    return this;
  }

  /**
   * Sets standard deviation of the training pictures.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder sigmaData(double value) {
    sigmaData = value;
    return this;
  }

  /**
   * Sets the lowest noise level.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder sigmaMin(double value) {
    sigmaMin = value;
    return this;
  }

  /**
   * Sets the highest noise level.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder sigmaMax(double value) {
    sigmaMax = value;
    return this;
  }

  /**
   * Sets exponent of the noise grid.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder rho(double value) {
    rho = value;
    return this;
  }

  /**
   * Sets mean of ln(sigma) in training.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder noiseMean(double value) {
    noiseMean = value;
    return this;
  }

  /**
   * Sets standard deviation of ln(sigma) in training.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder noiseDeviation(double value) {
    noiseDeviation = value;
    return this;
  }

  /**
   * Sets what a consistency model's noise is multiplied with when it draws.
   *
   * @param value 0 to 1
   * @return this builder
   */
  public ModelConfigBuilder temperature(double value) {
    temperature = value;
    return this;
  }

  /**
   * Sets levels by number of passes; null for the defaults.
   *
   * @param value the setting
   * @return this builder
   */
  public ModelConfigBuilder fewStepSigmas(SortedMap<Integer, List<Double>> value) {
    fewStepSigmas = value;
    return this;
  }

  /**
   * Checks the settings.
   *
   * @return the configuration
   * @throws IllegalArgumentException if a setting is missing or out of range; the message says the
   *     setting, its value and what was expected
   */
  public ModelConfig build() {
    return new ModelConfig(
        name,
        kind,
        pictureSize,
        pictureChannels,
        chromaGain,
        fold,
        channels,
        layers,
        attentionDepth,
        headChannels,
        groups,
        embeddingChannels,
        tokenChannels,
        detailChannels,
        tokenGrid,
        volumeChannels,
        volumeSlices,
        volumeFeatures,
        refineChannels,
        depthHead,
        encoder,
        guidanceInput,
        sigmaData,
        sigmaMin,
        sigmaMax,
        rho,
        noiseMean,
        noiseDeviation,
        temperature,
        fewStepSigmas);
  }
}
