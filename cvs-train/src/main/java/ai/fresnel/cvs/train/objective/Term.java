package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.torch.TorchOps;
import ai.fresnel.cvs.view.Outputs;
import java.util.function.Function;

/**
 * One part of an objective: a loss of one output of the network.
 *
 * @param <S> the samples that labels are made of
 * @param <L> the label
 * @param name what messages and tests call it, for instance {@code photometric}
 * @param weight how much it counts, more than 0
 * @param loss compares the output with the label
 * @param output the output's name in {@link Outputs}
 * @param label makes the label of a step's samples; called without gradient
 */
public record Term<S, L>(
    String name, double weight, SampleLoss<L> loss, String output, Function<S, L> label) {

  /** Makes this term's label of a step. */
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

    /** The weighted losses of the samples, (N). */
    NDArray perSample(Outputs outputs) {
      NDArray each = term.loss().perSample(outputs.get(term.output()), label);
      return term.weight() == 1 ? each : TorchOps.scale(each, term.weight());
    }
  }
}
