package ai.fresnel.cvs.model;

/** What a part of a model is that has a folder of its own. */
public sealed interface PartConfig {

  /**
   * Names the part.
   *
   * @return a name of its kind and, if there are several, its sizes
   */
  String name();

  /**
   * A frozen {@link ai.fresnel.cvs.encoder.DinoV2}.
   *
   * @param sizes its sizes
   */
  record Dino(DinoConfig sizes) implements PartConfig {

    /**
     * Checks the part.
     *
     * @param sizes as above
     * @throws IllegalArgumentException if they are missing
     */
    public Dino {
      Checks.present("sizes", sizes);
    }

    @Override
    public String name() {
      return sizes.name();
    }
  }

  /**
   * A frozen {@link ai.fresnel.cvs.codec.LatentCodec}.
   *
   * @param shape its shape
   */
  record Autoencoder(AutoencoderConfig shape) implements PartConfig {

    /**
     * Checks the part.
     *
     * @param shape as above
     * @throws IllegalArgumentException if it is missing
     */
    public Autoencoder {
      Checks.present("shape", shape);
    }

    @Override
    public String name() {
      return shape instanceof AutoencoderConfig.KlVae ? "vae" : "taesd";
    }
  }
}
