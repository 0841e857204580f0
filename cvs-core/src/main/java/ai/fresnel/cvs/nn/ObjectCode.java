package ai.fresnel.cvs.nn;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;

/**
 * What the encoders know of an object, computed once a photograph and shared by all its views.
 *
 * @param folded the source image folded into channels, (N, C·fold², H/fold, W/fold)
 * @param tokens the image tokens, (N, S, T)
 * @param volume the photograph as a volume, (N, (1 + features)·slices, H/fold, W/fold); null where
 *     the network makes none
 */
public record ObjectCode(NDArray folded, NDArray tokens, NDArray volume) {

  /** The code with each of its arrays changed in the same way. */
  ObjectCode map(UnaryOperator<NDArray> change) {
    return new ObjectCode(
        change.apply(folded), change.apply(tokens), volume == null ? null : change.apply(volume));
  }
}
