package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.torch.ActivationCheckpointing;

/**
 * Volumes of density, colours and features in the frustums of their photographs, as {@link
 * FrustumRenderer} describes.
 *
 * @param renderer the renderer
 * @param slices (N, (1 + features)·slices, G, G), slice by slice within a feature, the density
 *     first
 * @param photograph the folded photographs, (N, C·fold², G, G)
 */
public record FrustumVolume(FrustumRenderer renderer, NDArray slices, NDArray photograph)
    implements Scene {

  /**
   * {@inheritDoc} It is a segment of level 0 for {@link ActivationCheckpointing}. The parts are
   * {@link Rendering#COLOUR}, {@link Rendering#FEATURES}, {@link Rendering#OPACITY} and {@link
   * Rendering#DEPTH}; depth is relative to the object's depth, as {@link FrustumRenderer}
   * describes.
   */
  @Override
  public Rendering render(NDManager manager, CameraBatch cameras) {
    NDArray joined =
        ActivationCheckpointing.segment(
            0, manager, renderer::render, cameras.features(), slices, photograph);
    return new Rendering(joined, renderer.layout());
  }
}
