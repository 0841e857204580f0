package ai.fresnel.cvs.train.objective;

import ai.djl.ndarray.NDArray;
import ai.fresnel.cvs.view.Outputs;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The objective of training, a weighted sum of terms. To add a loss, write its class and add a
 * {@link Term} to the stage that uses it.
 *
 * @param <S> the samples from which a stage makes labels
 * @param terms at least one
 */
public record Objective<S>(List<Term<? super S, ?>> terms) {

  /**
   * Copies and checks the terms.
   *
   * @param terms at least one
   * @throws IllegalArgumentException if there are no terms, or two have the same name
   */
  public Objective {
    terms = List.copyOf(terms);
    if (terms.isEmpty()) {
      throw new IllegalArgumentException("an objective has no terms, expected at least 1");
    }
    if (terms.stream().map(Term::name).distinct().count() < terms.size()) {
      throw new IllegalArgumentException(
          "terms are " + terms.stream().map(Term::name).toList() + ", expected each name once");
    }
  }

  /**
   * Makes the labels of a step. Called without gradient.
   *
   * @param samples the step's samples
   * @return the labels of the outputs of the step
   */
  public Labels label(S samples) {
    List<Term.Labelled<?>> labelled = new ArrayList<>();
    terms.forEach(term -> labelled.add(term.labelled(samples)));
    return new Labels(labelled);
  }

  /**
   * The terms of an objective with the labels of one step.
   *
   * @param terms in the objective's order
   */
  public record Labels(List<Term.Labelled<?>> terms) {

    /**
     * Copies the list.
     *
     * @param terms in the objective's order
     */
    public Labels {
      terms = List.copyOf(terms);
    }

    /**
     * Returns the names of the compared outputs.
     *
     * @return their names in {@link Outputs}
     */
    public Set<String> outputs() {
      Set<String> names = new LinkedHashSet<>();
      terms.forEach(labelled -> names.add(labelled.term().output()));
      return names;
    }

    /**
     * Returns the label of a term.
     *
     * @param name the term's name
     * @return its label
     * @throws IllegalArgumentException if there is no such term
     */
    public Object get(String name) {
      return terms.stream()
          .filter(labelled -> labelled.term().name().equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no term \"" + name + "\""))
          .label();
    }

    /**
     * Compares the outputs of the step.
     *
     * @param outputs of each name in {@link #outputs}
     * @return the weighted sum of the terms for each sample, (N)
     */
    public NDArray perSample(Outputs outputs) {
      NDArray sum = null;
      for (Term.Labelled<?> labelled : terms) {
        NDArray each = labelled.perSample(outputs);
        sum = sum == null ? each : sum.add(each);
      }
      return sum;
    }
  }
}
