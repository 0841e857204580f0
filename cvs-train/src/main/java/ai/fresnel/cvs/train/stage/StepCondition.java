package ai.fresnel.cvs.train.stage;

import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.diffusion.Conditioning;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Optional;

/**
 * The condition of a step's samples. Each network encodes it for itself, unless encoders that stay
 * as they are have encoded it for all.
 *
 * @param context the raw condition
 * @param encoded the encoded one; empty where each network encodes for itself
 */
public record StepCondition(ViewContext context, Optional<Conditioning> encoded) {

  /**
   * Leaves encoding to each network.
   *
   * @param context the raw condition
   * @return the condition
   */
  public static StepCondition raw(ViewContext context) {
    return new StepCondition(context, Optional.empty());
  }

  /**
   * Encodes the condition for a network, if nobody has done so.
   *
   * @param network the network
   * @param store where its parameters' values are
   * @return the conditioning; empty for an empty context
   */
  public Conditioning of(DenoiserNetwork network, ParameterStore store) {
    return encoded.orElseGet(
        () -> context.isEmpty() ? Conditioning.none() : network.condition(store, context));
  }
}
