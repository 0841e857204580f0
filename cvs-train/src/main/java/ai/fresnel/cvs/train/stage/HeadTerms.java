package ai.fresnel.cvs.train.stage;

import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.train.config.TrainingConfig;
import ai.fresnel.cvs.train.objective.DepthLoss;
import ai.fresnel.cvs.train.objective.Label;
import ai.fresnel.cvs.train.objective.RenderingLoss;
import ai.fresnel.cvs.train.objective.Term;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The terms of both stages for what a network says beside its prediction. */
final class HeadTerms {

  private HeadTerms() {}

  /**
   * The terms that have a weight.
   *
   * @param config the settings of one network: no weight for what it has no part for
   * @param codec makes images of states
   * @param noisy finds the noisy samples in what a stage makes its labels of
   */
  static <S> List<Term<? super S, ?>> of(
      TrainingConfig config, StateCodec codec, Function<S, NoisySamples> noisy) {
    List<Term<? super S, ?>> terms = new ArrayList<>();
    if (config.losses().depth() > 0) {
      terms.add(
          new Term<S, Label>(
              "depth",
              config.losses().depth(),
              new DepthLoss(),
              Outputs.DEPTH,
              samples -> new Label(noisy.apply(samples).depth(), noisy.apply(samples).ones())));
    }
    if (config.losses().rendering() > 0) {
      terms.add(
          new Term<S, Label>(
              "rendering",
              config.losses().rendering(),
              new RenderingLoss(codec),
              Outputs.RENDERED,
              samples -> new Label(noisy.apply(samples).x0(), noisy.apply(samples).ones())));
    }
    return terms;
  }
}
