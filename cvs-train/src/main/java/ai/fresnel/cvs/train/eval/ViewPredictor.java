package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewBatch;
import java.io.IOException;

/** What is asked for a view in an evaluation: a model, or a baseline that any model should beat. */
public interface ViewPredictor {

  /**
   * Names the predictor in reports.
   *
   * @return lower case letters, digits and dashes, such as {@code student-1}
   */
  String name();

  /**
   * Counts the passes of the network that one image takes.
   *
   * @return 0 where there is no network
   */
  default int passes() {
    return 0;
  }

  /**
   * Says whether images of different sample indices differ.
   *
   * @return false if there is one answer a pair, as baselines have
   */
  default boolean isRandom() {
    return false;
  }

  /**
   * Predicts the target views. Only the source images and the camera moves of the batch may be
   * read, never the targets.
   *
   * @param batch N pairs
   * @param sampleIndex which of a pair's samples, from 0; an image depends on its pair and on this
   *     alone, not on the rest of the batch
   * @return (N, 3, S, S), values may lie outside [-1, 1]; a new array
   * @throws IOException if a file that the prediction needs cannot be read
   */
  float[] predict(ViewBatch batch, int sampleIndex) throws IOException;
}
