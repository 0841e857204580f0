package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;

/** Predicts views in an evaluation: a model, or a baseline that models should beat. */
public interface ViewPredictor {

  /**
   * Returns the name in reports.
   *
   * @return lower case letters, digits and dashes, such as {@code student-1}
   */
  String name();

  /**
   * Returns the number of network passes for an image.
   *
   * @return 0 without a network
   */
  default int passes() {
    return 0;
  }

  /**
   * Says whether images of different sample indices differ.
   *
   * @return false if each pair has a single prediction, as for baselines
   */
  default boolean isRandom() {
    return false;
  }

  /**
   * Says whether the photograph seen from its own camera is predicted, too, and compared with it:
   * what a model loses of what it was given.
   *
   * @return true by default for networks
   */
  default boolean drawsOwnView() {
    return passes() > 0;
  }

  /**
   * Predicts the target views. Only the source images and the camera moves of the batch may be
   * read, never the targets.
   *
   * @param batch N pairs
   * @param sampleIndex the number of the sample, from 0; an image depends only on its pair and this
   *     number, not on the rest of the batch
   * @return (N, 3, S, S), values may lie outside [-1, 1]; a new array
   * @throws IOException if a file for the prediction cannot be read
   */
  float[] predict(ViewBatch batch, int sampleIndex) throws IOException;
}
