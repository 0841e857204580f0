package ai.fresnel.cvs.diffusion;

/**
 * The condition that {@link Guidance} leads away from. A network is guided best with the null it
 * was trained with, but published samplers do not always use that one.
 */
public enum NullCondition {

  /**
   * What the network was trained with in place of dropped conditions: {@link Conditioning#asNull}.
   * The network makes the replacement. Zero123's has no photograph but keeps the camera move: zeros
   * in place of the photograph's embedding, projected together with the move, and a zero latent.
   */
  AS_TRAINED {
    @Override
    Conditioning of(Conditioning conditioning) {
      return conditioning.asNull();
    }
  },

  /**
   * Zeros in place of all that the network reads: {@link Conditioning#asZeros}. Zero123's demo and
   * diffusers' pipelines of it sample with zeros in place of the projection's result, so without
   * the camera move, and with a zero latent.
   */
  ZEROS {
    @Override
    Conditioning of(Conditioning conditioning) {
      return conditioning.asZeros();
    }
  };

  /** Makes the null of each sample. */
  abstract Conditioning of(Conditioning conditioning);
}
