package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.lpips.Lpips;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Builds an {@link Evaluation} from predictors and settings. Reports keep the order of the
 * predictors.
 */
public final class EvaluationBuilder {

  final ViewPairDataset data;
  final EvaluationPairs pairs;
  final List<ViewPredictor> predictors = new ArrayList<>();
  final Set<ViewPredictor> slow = new HashSet<>();
  ViewPredictor reference;
  Lpips lpips;
  int seeds = 16;
  int subset = 64;
  int sheetRows = 16;
  int batch = 32;
  Map<String, String> setup = Map.of();

  EvaluationBuilder(ViewPairDataset data, EvaluationPairs pairs) {
    this.data = data;
    this.pairs = pairs;
  }

  /**
   * Adds a predictor. If it is random, its mean over the seeds is computed for every pair.
   *
   * @param predictor a model or a baseline
   * @return this builder
   * @throws IllegalArgumentException if the name is taken
   */
  public EvaluationBuilder add(ViewPredictor predictor) {
    if (predictors.stream().anyMatch(other -> other.name().equals(predictor.name()))) {
      throw new IllegalArgumentException("two predictors are named " + predictor.name());
    }
    predictors.add(predictor);
    return this;
  }

  /**
   * Adds a predictor of many passes. Its mean over the seeds is computed for a subset of the pairs
   * only, and the numbers of all predictors are reported for that subset too.
   *
   * @param predictor a model
   * @return this builder
   * @throws IllegalArgumentException if the name is taken
   */
  public EvaluationBuilder addSlow(ViewPredictor predictor) {
    add(predictor);
    slow.add(predictor);
    return this;
  }

  /**
   * Adds a slow predictor as the reference, usually the teacher. The samples of other models are
   * also compared with its sample of the same seed.
   *
   * @param predictor a model
   * @return this builder
   * @throws IllegalArgumentException if the name is taken
   */
  public EvaluationBuilder addReference(ViewPredictor predictor) {
    addSlow(predictor);
    reference = predictor;
    return this;
  }

  /**
   * Adds LPIPS to the metrics.
   *
   * @param value the distance; the caller closes it after the evaluation
   * @return this builder
   * @throws IllegalArgumentException if the images are too small for its network
   */
  public EvaluationBuilder optLpips(Lpips value) {
    value.requireSize(data.imageSize());
    lpips = value;
    return this;
  }

  /**
   * Sets the number of samples in a mean.
   *
   * @param value 1 for no means; 16 by default
   * @return this builder
   */
  public EvaluationBuilder optSeeds(int value) {
    seeds = atLeast("seeds", value, 1);
    return this;
  }

  /**
   * Sets the number of pairs for the means of slow predictors.
   *
   * @param value at least 1; 64 by default; the number of pairs for all
   * @return this builder
   */
  public EvaluationBuilder optSubset(int value) {
    subset = atLeast("subset", value, 1);
    return this;
  }

  /**
   * Sets the number of objects on the contact sheet.
   *
   * @param value at least 1; 16 by default
   * @return this builder
   */
  public EvaluationBuilder optSheetRows(int value) {
    sheetRows = atLeast("sheet rows", value, 1);
    return this;
  }

  /**
   * Sets the batch size of predictions.
   *
   * @param value at least 1; 32 by default. Times depend on it, and images by rounding
   * @return this builder
   */
  public EvaluationBuilder optBatch(int value) {
    batch = atLeast("batch", value, 1);
    return this;
  }

  /**
   * Sets the values that are needed to repeat the evaluation.
   *
   * @param value model, data, seed, commit, ... by name
   * @return this builder
   */
  public EvaluationBuilder optSetup(Map<String, String> value) {
    setup = Map.copyOf(value);
    return this;
  }

  /**
   * Builds the evaluation.
   *
   * @return the evaluation
   * @throws IllegalArgumentException if there is no predictor
   */
  public Evaluation build() {
    if (predictors.isEmpty()) {
      throw new IllegalArgumentException("no predictor, expected at least 1");
    }
    return new Evaluation(this);
  }

  private static int atLeast(String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(what + " is " + value + ", expected at least " + least);
    }
    return value;
  }
}
