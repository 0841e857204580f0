package ai.fresnel.cvs.codec;

import ai.djl.ndarray.NDArray;

/** Diffuses images as they are. */
enum IdentityCodec implements StateCodec {
  INSTANCE;

  @Override
  public NDArray encode(NDArray images) {
    return images;
  }

  @Override
  public NDArray decode(NDArray states) {
    return states;
  }
}
