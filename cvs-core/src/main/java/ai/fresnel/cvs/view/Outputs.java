package ai.fresnel.cvs.view;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.fresnel.cvs.scene.Rendering;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The results of one pass of a network, by name: the clean state x0 (or, of a network without its
 * preconditioning, the raw prediction F it is made from) and the heads that were asked for.
 *
 * @param x0 the prediction, (N, ...)
 * @param heads name to output, in the order they were computed
 */
public record Outputs(NDArray x0, Map<String, NDArray> heads) {

  /** The name of {@link #x0}. */
  public static final String X0 = "x0";

  /**
   * The head {@code depth}, (N, 2, S, S): the logarithm of the depth along the camera's forward
   * axis in object lengths, and the logit of there being an object.
   */
  public static final String DEPTH = "depth";

  /**
   * The head {@code rendered}: the view that is rendered of the photograph's volume, (N, C, H/fold,
   * W/fold), as the codec encodes images.
   */
  public static final String RENDERED = "rendered";

  /**
   * The head {@code opacity}: the opacity of {@link #RENDERED}, (N, 1, H/fold, W/fold) in [0, 1].
   */
  public static final String OPACITY = "opacity";

  /**
   * The head {@code renderedDepth}: the opacity of {@link #RENDERED} times its depth from the
   * object's, (N, 1, H/fold, W/fold), in object lengths.
   */
  public static final String RENDERED_DEPTH = "renderedDepth";

  /**
   * The head {@code density}: the raw densities of the photographs' volumes, each once for all its
   * views, (M, slices, H/fold, W/fold). {@link ai.fresnel.cvs.scene.Frustum} says where they are.
   */
  public static final String DENSITY = "density";

  /**
   * Copies the map.
   *
   * @param x0 the prediction
   * @param heads name to output
   */
  public Outputs {
    heads = Collections.unmodifiableMap(new LinkedHashMap<>(heads));
  }

  /**
   * Returns a prediction without heads.
   *
   * @param x0 the prediction
   * @return the outputs
   */
  public static Outputs of(NDArray x0) {
    return new Outputs(x0, Map.of());
  }

  /**
   * Names what is rendered of volumes.
   *
   * @param rendering the views, N
   * @param density the raw densities of the volumes, (M, slices, H/fold, W/fold)
   * @return all heads of volumes, and the colours in place of x0
   */
  static Outputs rendered(Rendering rendering, NDArray density) {
    NDArray view = rendering.colour();
    return Outputs.of(view)
        .with(RENDERED, view)
        .with(OPACITY, rendering.opacity())
        .with(RENDERED_DEPTH, rendering.depth())
        .with(DENSITY, density);
  }

  /**
   * Returns an output by its name.
   *
   * @param name {@link #X0} or a head's
   * @return the output
   * @throws IllegalArgumentException if there is none of this name
   */
  public NDArray get(String name) {
    NDArray found = name.equals(X0) ? x0 : heads.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "no output \"" + name + "\", expected " + X0 + " or one of " + heads.keySet());
    }
    return found;
  }

  /**
   * Adds a head.
   *
   * @param name its name
   * @param value its output
   * @return outputs with one head more
   */
  public Outputs with(String name, NDArray value) {
    Map<String, NDArray> more = new LinkedHashMap<>(heads);
    more.put(name, value);
    return new Outputs(x0, more);
  }

  /**
   * Changes each output in the same way.
   *
   * @param change from an output to what takes its place
   * @return the changed outputs
   */
  public Outputs map(UnaryOperator<NDArray> change) {
    NDArray first = change.apply(x0);
    Map<String, NDArray> changed = new LinkedHashMap<>();
    heads.forEach((name, head) -> changed.put(name, change.apply(head)));
    return new Outputs(first, changed);
  }

  /**
   * Moves all outputs to a manager.
   *
   * @param manager their new owner
   */
  public void attach(NDManager manager) {
    x0.attach(manager);
    heads.values().forEach(head -> head.attach(manager));
  }

  /**
   * Returns the outputs as DJL passes them on.
   *
   * @return x0, then the heads, each array named
   */
  public NDList toNDList() {
    NDList list = new NDList(x0);
    x0.setName(X0);
    heads.forEach(
        (name, head) -> {
          head.setName(name);
          list.add(head);
        });
    return list;
  }
}
