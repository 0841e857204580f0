package ai.fresnel.cvs.scene;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * The volumes of K photographs of one object, rendered as one: see {@link FusedRenderer}. Moves to
 * targets start at the first photograph.
 *
 * @param renderer the renderer
 * @param places the moves from the first photograph to each, itself first, (K, 16), K at least 2
 * @param slices the volumes, as {@link FrustumVolume} has them, (K, ...)
 * @param photographs the folded photographs, (K, C·fold², G, G)
 */
public record FusedVolumes(
    FusedRenderer renderer, CameraBatch places, NDArray slices, NDArray photographs)
    implements Scene {

  /** {@inheritDoc} All N views are of the one object. */
  @Override
  public Rendering render(NDManager manager, CameraBatch cameras) {
    return new Rendering(renderer.render(manager, cameras, this), renderer.layout());
  }

  /**
   * Carries the photographs' pixels to views of this scene.
   *
   * @param manager owns the result
   * @param cameras N moves
   * @param view (N, C', S, S), what {@link #render} made
   * @return (N, C'', S, S), in the layout of {@link CarriedPixels}
   */
  public NDArray carry(NDManager manager, CameraBatch cameras, NDArray view) {
    return renderer.carry(manager, cameras, this, view);
  }
}
