package ai.fresnel.cvs.scene;

import ai.fresnel.cvs.torch.TorchFunction;

/**
 * Makes TorchScript functions that may call the methods of {@link CameraBatch}, {@link Rays},
 * {@link Compositing} and {@link Frustum} as {@code self.name(...)}.
 */
public final class SceneScript {

  private static final String METHODS =
      CameraBatch.METHODS + Rays.METHODS + Compositing.METHODS + Frustum.METHODS;

  private SceneScript() {}

  /**
   * Returns the function with the given source. Keep it in a static field.
   *
   * @param arguments the arguments with their types, as {@link TorchFunction#of} takes them
   * @param body the lines of the body, which may call the methods
   * @return the function
   */
  public static TorchFunction function(String arguments, String body) {
    return TorchFunction.withHelpers(METHODS, arguments, body);
  }
}
