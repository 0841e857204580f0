package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PsnrEvaluatorTest {

  private static final String KEY = "train/progress";

  private final PsnrEvaluator evaluator = new PsnrEvaluator();
  private final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  private NDList images(float... values) {
    NDArray each = manager.create(values).reshape(values.length, 1, 1, 1);
    return new NDList(each.broadcast(new Shape(values.length, 3, 4, 4)));
  }

  /** Offsets of 2, 0.2 and nothing: 0, 20 and the bound. */
  @Test
  void eachImageHasItsOwnPsnr() {
    NDList truth = images(-1, 0.5f, 0);
    NDList predicted = images(1, 0.3f, 0);
    int before = manager.getManagedArrays().size();
    NDArray psnr = evaluator.evaluate(truth, predicted);
    assertEquals(before + 1, manager.getManagedArrays().size());
    assertArrayEquals(new float[] {0, 20, 106.0206f}, psnr.toFloatArray(), 1e-3f);
    NDList fewer = images(1);
    assertThrows(IllegalArgumentException.class, () -> evaluator.evaluate(truth, fewer));
  }

  /** One image of 0 dB and two of 30: 20 by images, 15 by batches. */
  @Test
  void theMeanIsOverImagesUntilReset() {
    evaluator.addAccumulator(KEY);
    evaluator.updateAccumulator(KEY, images(-1), images(1));
    float offset = (float) (2 / Math.pow(10, 1.5));
    evaluator.updateAccumulators(
        new String[] {KEY, "never added"}, images(0, 0), images(offset, offset));
    assertEquals(20, evaluator.getAccumulator(KEY), 1e-3);
    evaluator.resetAccumulator(KEY);
    evaluator.updateAccumulator(KEY, images(0), images(0.2f));
    assertEquals(20, evaluator.getAccumulator(KEY), 1e-3);
    assertThrows(IllegalArgumentException.class, () -> evaluator.getAccumulator("never added"));
  }
}
