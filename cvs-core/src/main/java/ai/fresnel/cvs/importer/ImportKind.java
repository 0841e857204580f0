package ai.fresnel.cvs.importer;

import java.util.Locale;

/** The kinds of published weights that can be imported. {@code toString} names them in small. */
public enum ImportKind {
  /** Zero123 or Zero123-XL: the checkpoint of its training. */
  ZERO123,

  /** Stable Zero123: the same networks, told the photograph's polar angle. */
  STABLE_ZERO123,

  /** A pipeline of diffusers with the networks of Zero123, in folders. */
  DIFFUSERS,

  /** A DINOv2, of facebookresearch or of transformers. */
  DINOV2,

  /** The autoencoder of latent diffusion, alone or in a checkpoint or pipeline. */
  VAE,

  /** The tiny autoencoder TAESD. */
  TAESD;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
