package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.fresnel.cvs.ArrayTest;
import org.junit.jupiter.api.Test;

class WeightMatchTest extends ArrayTest {

  @Test
  void valuesGoIntoTheSameMemory() {
    NDArray whole = manager.zeros(new Shape(2, 3));
    NDArray row = whole.get(new NDIndex("1"));
    WeightMatch.copy(manager.create(new float[] {1, 2, 3}), row);
    assertArrayEquals(new float[] {0, 0, 0, 1, 2, 3}, whole.toFloatArray());
    NDArray transposed = whole.transpose();
    WeightMatch.copy(manager.arange(6f).reshape(3, 2), transposed);
    assertArrayEquals(new float[] {0, 2, 4, 1, 3, 5}, whole.toFloatArray());
  }

  @Test
  void scalarsAndEmptyArraysAreCopied() {
    NDArray scalar = manager.create(1f);
    WeightMatch.copy(manager.create(Float.POSITIVE_INFINITY), scalar);
    assertEquals(Float.POSITIVE_INFINITY, scalar.getFloat());
    WeightMatch.copy(manager.create(new Shape(0, 2)), manager.create(new Shape(0, 2)));
  }

  @Test
  void floatingTypesAreConverted() {
    NDArray half = manager.zeros(new Shape(2), DataType.FLOAT16);
    WeightMatch.copy(manager.create(new float[] {0.5f, 1e6f}), half);
    assertEquals(DataType.FLOAT16, half.getDataType());
    assertArrayEquals(
        new float[] {0.5f, Float.POSITIVE_INFINITY},
        half.toType(DataType.FLOAT32, true).toFloatArray());
    NDArray full = manager.zeros(new Shape(1));
    WeightMatch.copy(manager.create(new double[] {0.1}), full);
    assertArrayEquals(new float[] {0.1f}, full.toFloatArray());
  }

  @Test
  void parametersStayTrainable() {
    NDArray parameter = manager.create(new float[] {7, 7});
    parameter.setRequiresGradient(true);
    boolean before = JniUtils.isGradMode();
    for (boolean gradients : new boolean[] {false, true}) {
      JniUtils.setGradMode(gradients);
      WeightMatch.copy(manager.create(new float[] {2, 3}), parameter);
      assertEquals(gradients, JniUtils.isGradMode(), "the caller's gradient mode is put back");
    }
    JniUtils.setGradMode(before);
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      collector.backward(parameter.mul(parameter).sum());
    }
    assertTrue(parameter.hasGradient());
    assertArrayEquals(new float[] {4, 6}, parameter.getGradient().toFloatArray());
  }
}
