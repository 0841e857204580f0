package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDManager;

/**
 * N objects in space, each in the axes of the camera that took its photograph, that can be seen
 * from other cameras: a {@link FrustumVolume}; splats or samples along epipolar lines would be
 * others.
 */
public interface Scene {

  /**
   * Renders each object from its target camera; differentiable in what the scene is made of.
   *
   * @param manager owner of the result
   * @param cameras N moves, from each photograph's camera to the one that looks
   * @return N views
   */
  Rendering render(NDManager manager, CameraBatch cameras);
}
