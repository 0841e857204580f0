package ai.fresnel.cvs.model;

import ai.fresnel.cvs.diffusion.ConsistencyFunction;
import ai.fresnel.cvs.diffusion.Denoiser;
import ai.fresnel.cvs.diffusion.DiscreteSchedule;
import ai.fresnel.cvs.diffusion.EdmScaling;
import ai.fresnel.cvs.diffusion.EpsScaling;
import ai.fresnel.cvs.diffusion.LatentConsistencyFunction;
import ai.fresnel.cvs.diffusion.Scaling;
import ai.fresnel.cvs.diffusion.VScaling;

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
   * Returns the scaling.
   *
   * @return a new one
   */
  Scaling scaling();

  /**
   * Makes a consistency function of a denoiser, as students of such networks are trained.
   *
   * @param denoiser the network with its scaling
   * @return the function
   */
  Denoiser consistency(Denoiser denoiser);

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

    /** {@inheritDoc} */
    @Override
    public Scaling scaling() {
      return new EdmScaling(sigmaData);
    }

    /** {@inheritDoc} */
    @Override
    public Denoiser consistency(Denoiser denoiser) {
      return new ConsistencyFunction(denoiser, noise.sigmaMin());
    }
  }

  /** What a network of discrete timesteps predicts. */
  enum Prediction {
    /** The noise (Ho et al. 2020). */
    EPS,
    /** The velocity (Salimans and Ho 2022). */
    V
  }

  /**
   * The scaling of a network that was trained on discrete timesteps with preserved variance: Stable
   * Diffusion, Zero123. The square roots of the betas are linear in the timestep.
   *
   * @param prediction what the network predicts
   * @param betaStart beta of the first timestep, in (0, 1)
   * @param betaEnd beta of the last timestep, in (0, 1), not below betaStart
   * @param timesteps timesteps of training, 2 to 100,000
   * @param sigmaData as above
   * @param noise the range of sigmas, within that of the timesteps, and the noise of further
   *     training
   */
  record Discrete(
      Prediction prediction,
      double betaStart,
      double betaEnd,
      int timesteps,
      double sigmaData,
      NoiseConfig noise)
      implements ScalingConfig {

    /** Sigmas in a file are rounded. */
    private static final double ROUNDING = 1e-6;

    /**
     * Checks the settings.
     *
     * @param prediction as above
     * @param betaStart as above
     * @param betaEnd as above
     * @param timesteps as above
     * @param sigmaData as above
     * @param noise as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public Discrete {
      Checks.present("prediction", prediction);
      Checks.check(betaStart > 0 && betaStart < 1, "betaStart", betaStart, "above 0, below 1");
      Checks.check(
          betaEnd >= betaStart && betaEnd < 1,
          "betaEnd",
          betaEnd,
          "betaStart, which is " + betaStart + ", or more, below 1");
      Checks.range("timesteps", timesteps, 2, 100_000);
      Checks.range("sigmaData", sigmaData, 0.001, 100);
      Checks.present("noise", noise);
      DiscreteSchedule schedule = DiscreteSchedule.scaledLinear(betaStart, betaEnd, timesteps);
      double least = schedule.sigma(0);
      double most = schedule.sigma(timesteps - 1);
      Checks.range("noise.sigmaMin", noise.sigmaMin(), least * (1 - ROUNDING), most);
      Checks.range("noise.sigmaMax", noise.sigmaMax(), least, most * (1 + ROUNDING));
    }

    /**
     * Returns the scaling of published networks over all of their sigmas.
     *
     * @param prediction what the network predicts
     * @param betaStart as above; 0.00085 in Stable Diffusion 1.x and Zero123
     * @param betaEnd as above; 0.012
     * @param timesteps as above; 1000
     * @return the settings, with sigmaData 1, which the scale of latents is chosen for
     * @throws IllegalArgumentException if a setting is out of range
     */
    public static Discrete of(
        Prediction prediction, double betaStart, double betaEnd, int timesteps) {
      DiscreteSchedule schedule = DiscreteSchedule.scaledLinear(betaStart, betaEnd, timesteps);
      NoiseConfig noise =
          NoiseConfig.edm().withRange(schedule.sigma(0), schedule.sigma(timesteps - 1));
      return new Discrete(prediction, betaStart, betaEnd, timesteps, 1, noise);
    }

    /**
     * Returns the scaling of Stable Diffusion 1.x and Zero123.
     *
     * @return the settings
     */
    public static Discrete latentDiffusion() {
      return of(Prediction.EPS, 0.00085, 0.012, 1000);
    }

    /**
     * Returns the sigmas of the timesteps.
     *
     * @return the schedule
     */
    public DiscreteSchedule schedule() {
      return DiscreteSchedule.scaledLinear(betaStart, betaEnd, timesteps);
    }

    /** {@inheritDoc} */
    @Override
    public Discrete withSigmaData(double value) {
      return new Discrete(prediction, betaStart, betaEnd, timesteps, value, noise);
    }

    /** {@inheritDoc} */
    @Override
    public Discrete withNoise(NoiseConfig value) {
      return new Discrete(prediction, betaStart, betaEnd, timesteps, sigmaData, value);
    }

    /** {@inheritDoc} */
    @Override
    public Scaling scaling() {
      return prediction == Prediction.V ? new VScaling(schedule()) : new EpsScaling(schedule());
    }

    /** {@inheritDoc} */
    @Override
    public Denoiser consistency(Denoiser denoiser) {
      return LatentConsistencyFunction.usual(denoiser, schedule());
    }
  }
}
