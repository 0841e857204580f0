package ai.fresnel.cvs.train.stage;

import ai.djl.training.ParameterStore;
import ai.fresnel.cvs.view.DenoiserNetwork;
import ai.fresnel.cvs.view.ViewContext;
import java.util.Optional;

/** Says who encodes the condition of a step; called without gradient. */
@FunctionalInterface
interface StepEncoder {

  /** Makes the condition of a step. */
  StepCondition encode(ParameterStore store, ViewContext context);

  /** Each network encodes for itself. */
  static StepEncoder each() {
    return (store, context) -> new StepCondition(context, Optional.empty());
  }

  /** One network encodes for all, whose encoders are the same as its own and stay so. */
  static StepEncoder shared(DenoiserNetwork network) {
    return (store, context) ->
        new StepCondition(context, Optional.of(network.condition(store, context)));
  }
}
