package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.view.Outputs;
import java.util.function.Function;

/**
 * A term of an objective: a loss of one output of the network.
 *
 * @param <S> the samples from which labels are made
 * @param <L> the label
 * @param name the name in messages and tests, such as {@code photometric}
 * @param weight the weight of the loss, above 0
 * @param loss compares the output with the label
 * @param output the output's name in {@link Outputs}
 * @param label makes the label from the samples of a step; called without gradient
 */
public record Term<S, L>(
    String name, double weight, SampleLoss<L> loss, String output, Function<S, L> label) {

  /** Makes the label of this term for a step. */
  Labelled<L> labelled(S samples) {
    return new Labelled<>(this, label.apply(samples));
  }

  /**
   * A term with the label of one step.
   *
   * @param <L> the label
   * @param term the term
   * @param label its label
   */
  public record Labelled<L>(Term<?, L> term, L label) {

    /** Returns the weighted losses of the samples, (N). */
    NDArray perSample(Outputs outputs) {
      NDArray each = term.loss().perSample(outputs.get(term.output()), label);
      return term.weight() == 1 ? each : TorchOps.scale(each, term.weight());
    }
  }
}
