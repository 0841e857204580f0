package ai.fresnel.cvs.model;

/** The scaling of the network's input and output at each sigma, and the range of sigmas. */
public sealed interface ScalingConfig {

  /**
   * Returns the standard deviation of the training states.
   *
   * @return in [0.001, 100]
   */
  double sigmaData();

  /**
   * Returns the settings of the noise.
   *
   * @return its settings
   */
  NoiseConfig noise();

  /**
   * Returns these settings with another standard deviation of the data.
   *
   * @param value the deviation
   * @return the settings
   */
  ScalingConfig withSigmaData(double value);

  /**
   * Returns these settings with other noise.
   *
   * @param value its settings
   * @return the settings
   */
  ScalingConfig withNoise(NoiseConfig value);

  /**
   * EDM's scaling over continuous sigmas (Karras et al. 2022, table 1).
   *
   * @param sigmaData as above
   * @param noise as above
   */
  record Edm(double sigmaData, NoiseConfig noise) implements ScalingConfig {

    /**
     * Checks the settings.
     *
     * @param sigmaData as above
     * @param noise as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public Edm {
      Checks.range("sigmaData", sigmaData, 0.001, 100);
      Checks.present("noise", noise);
    }

    /** {@inheritDoc} */
    @Override
    public Edm withSigmaData(double value) {
      return new Edm(value, noise);
    }

    /** {@inheritDoc} */
    @Override
    public Edm withNoise(NoiseConfig value) {
      return new Edm(sigmaData, value);
    }
  }
}
