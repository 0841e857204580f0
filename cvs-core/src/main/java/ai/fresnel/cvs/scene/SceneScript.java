package ai.fresnel.cvs.scene;

import ai.fresnel.cvs.torch.TorchFunction;
import java.util.Locale;
import java.util.Map;

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
    return function("", arguments, body);
  }

  /**
   * Returns a function that may call further methods, as {@link TorchFunction#helper} makes them.
   */
  static TorchFunction function(String methods, String arguments, String body) {
    return TorchFunction.withHelpers(METHODS + methods, arguments, body);
  }

  /**
   * Fills in a body's constants and drops its comments.
   *
   * @param body the lines, with {@code %NAME} for constants
   * @param values name to number or text; no name is the beginning of another
   * @return the body as {@link #function} takes it
   */
  static String filled(String body, Map<String, ?> values) {
    String filled = body.replaceAll("(?m)^#.*\n", "");
    for (Map.Entry<String, ?> entry : values.entrySet()) {
      Object value = entry.getValue();
      String text = value instanceof Double d ? String.format(Locale.ROOT, "%.17g", d) : "" + value;
      filled = filled.replace("%" + entry.getKey(), text);
    }
    return filled;
  }

  /** Writes the expression of folded images at their own size. */
  static String unfolded(String folded, int fold) {
    return fold == 1 ? folded : "torch.pixel_shuffle(" + folded + ", " + fold + ")";
  }
}
