package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.block.ActivationCheckpointing;

/**
 * Photographs as volumes of density, colours and features in their own frustums, as {@link
 * FrustumRenderer} says.
 *
 * @param renderer what renders them
 * @param slices (N, (1 + features)·slices, G, G), slice by slice within a feature, the density
 *     first
 * @param photograph the folded photographs, (N, C·fold², G, G)
 */
public record FrustumVolume(FrustumRenderer renderer, NDArray slices, NDArray photograph)
    implements Scene {

  /**
   * {@inheritDoc} A segment of level 0 on a {@link ActivationCheckpointing}. The parts are {@link
   * Rendering#COLOUR}, {@link Rendering#FEATURES}, {@link Rendering#OPACITY} and {@link
   * Rendering#DEPTH}; depth counts from where the object is, as {@link FrustumRenderer} says.
   */
  @Override
  public Rendering render(NDManager manager, CameraBatch cameras) {
    NDArray joined =
        ActivationCheckpointing.segment(
            0, manager, renderer::render, cameras.features(), slices, photograph);
    return new Rendering(joined, renderer.layout());
  }
}
