package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDManager;

/**
 * N objects that can be rendered from new cameras, each in the axes of its source camera. {@link
 * FrustumVolume} is one kind; splats or samples along epipolar lines would be others.
 */
public interface Scene {

  /**
   * Renders each object from its target camera. Gradients flow to the parts of the scene.
   *
   * @param manager owner of the result
   * @param cameras N moves, from each photograph's camera to the target camera
   * @return N views
   */
  Rendering render(NDManager manager, CameraBatch cameras);
}
