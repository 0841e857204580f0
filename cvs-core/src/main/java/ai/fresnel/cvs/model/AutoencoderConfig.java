package ai.fresnel.cvs.model;

import java.util.List;

/**
 * An autoencoder between images and the latents that are diffused. It is frozen: it comes with
 * published weights.
 */
public sealed interface AutoencoderConfig {

  /**
   * Returns how many pixels a side make one position of the latent.
   *
   * @return a power of two
   */
  int factor();

  /**
   * Returns the channels of a latent.
   *
   * @return 1 to 64; 4 in Stable Diffusion 1.x
   */
  int latentChannels();

  /**
   * Returns the factor between the autoencoder's own latents and the states that are diffused.
   *
   * @return more than 0; 0.18215 in Stable Diffusion 1.x
   */
  double scale();

  /**
   * The autoencoder of latent diffusion (Rombach et al. 2022), {@link ai.fresnel.cvs.codec.KlVae}.
   *
   * @param channels width of each resolution from the finest, 1 to 8; each has half the positions
   *     per side of the one before
   * @param blocks residual blocks a resolution in the encoder, 1 to 16; one more in the decoder
   * @param norm the group norms
   * @param latentChannels channels of a latent, 1 to 64
   * @param scale latents are multiplied by it, 0.001 to 1000
   */
  record KlVae(
      List<Integer> channels, int blocks, UNetConfig.Norm norm, int latentChannels, double scale)
      implements AutoencoderConfig {

    /**
     * Checks the settings.
     *
     * @param channels as above
     * @param blocks as above
     * @param norm as above
     * @param latentChannels as above
     * @param scale as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public KlVae {
      channels = Checks.widths("channels", channels);
      Checks.range("blocks", blocks, 1, 16);
      Checks.present("norm", norm);
      Checks.range("latentChannels", latentChannels, 1, 64);
      Checks.range("scale", scale, 0.001, 1000);
      for (int width : channels) {
        Checks.check(
            width % norm.groups() == 0,
            "channels",
            channels,
            "multiples of " + norm.groups() + " groups");
      }
    }

    /**
     * Returns the autoencoder of Stable Diffusion 1.x and Zero123: 83,653,863 parameters.
     *
     * @return the settings
     */
    public static KlVae stableDiffusion() {
      UNetConfig.Norm norm = new UNetConfig.Norm(32, 1e-6);
      return new KlVae(List.of(128, 256, 512, 512), 2, norm, 4, 0.18215);
    }

    /** {@inheritDoc} */
    @Override
    public int factor() {
      return 1 << (channels.size() - 1);
    }
  }

  /**
   * The tiny autoencoder TAESD, {@link ai.fresnel.cvs.codec.TinyVae}. Its latents are states
   * already: {@code scale} only says how they compare with those of the autoencoder it imitates.
   *
   * @param channels its width, 1 to 8192
   * @param encoderBlocks blocks of each resolution of the encoder from the finest, 1 to 8 numbers
   *     of 1 to 64
   * @param decoderBlocks blocks of each resolution of the decoder from the coarsest, as many
   *     numbers
   * @param latentChannels channels of a latent, 1 to 64
   * @param scale factor from the imitated autoencoder's latents to states, 0.001 to 1000
   */
  record Taesd(
      int channels,
      List<Integer> encoderBlocks,
      List<Integer> decoderBlocks,
      int latentChannels,
      double scale)
      implements AutoencoderConfig {

    /**
     * Checks the settings.
     *
     * @param channels as above
     * @param encoderBlocks as above
     * @param decoderBlocks as above
     * @param latentChannels as above
     * @param scale as above
     * @throws IllegalArgumentException if a setting is missing or out of range
     */
    public Taesd {
      Checks.range("channels", channels, 1, Checks.MAX_WIDTH);
      encoderBlocks = depths("encoderBlocks", encoderBlocks);
      decoderBlocks = depths("decoderBlocks", decoderBlocks);
      Checks.check(
          decoderBlocks.size() == encoderBlocks.size(),
          "decoderBlocks",
          decoderBlocks,
          "as many as encoderBlocks, " + encoderBlocks.size());
      Checks.range("latentChannels", latentChannels, 1, 64);
      Checks.range("scale", scale, 0.001, 1000);
    }

    private static List<Integer> depths(String setting, List<Integer> depths) {
      List<Integer> copy = Checks.widths(setting, depths);
      copy.forEach(depth -> Checks.range(setting, depth, 1, 64));
      return copy;
    }

    /**
     * Returns TAESD for Stable Diffusion 1.x.
     *
     * @return the settings
     */
    public static Taesd stableDiffusion() {
      return new Taesd(64, List.of(1, 3, 3, 3), List.of(3, 3, 3, 1), 4, 0.18215);
    }

    /** {@inheritDoc} */
    @Override
    public int factor() {
      return 1 << (encoderBlocks.size() - 1);
    }
  }
}
