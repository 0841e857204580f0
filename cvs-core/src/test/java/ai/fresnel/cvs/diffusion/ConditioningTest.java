package ai.fresnel.cvs.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.ArrayTest;
import org.junit.jupiter.api.Test;

class ConditioningTest extends ArrayTest {

  private Conditioning batch(long n, float first) {
    NDArray tokens = manager.arange(first, first + n * 2, 1).reshape(n, 2, 1);
    return Conditioning.none().withTokens(tokens).withPose(tokens.reshape(n, 2));
  }

  @Test
  void noneIsEmptyAndStaysSo() {
    Conditioning none = Conditioning.none();
    assertTrue(none.isEmpty());
    assertEquals(0, none.size());
    assertTrue(none.asNull().isEmpty());
    assertTrue(none.concat(none).isEmpty());
    assertTrue(none.repeat(3).isEmpty());
    assertTrue(none.slice(0, 2).isEmpty());
  }

  @Test
  void withersReplaceOneField() {
    NDArray array = manager.ones(new Shape(2));
    Conditioning none = Conditioning.none();
    assertSame(array, none.withState(array).state());
    assertSame(array, none.withTokens(array).tokens());
    assertSame(array, none.withPose(array).pose());
    assertSame(array, none.withCameras(array).cameras());
    assertSame(array, none.withGuidance(array).guidance());
    assertSame(array, none.withKeep(array).keep());
    Conditioning both = none.withPose(array).withKeep(array);
    assertSame(array, both.pose());
    assertNull(both.state());
  }

  @Test
  void batchesAreJoined() {
    Conditioning joined = batch(1, 0).concat(batch(2, 10));
    assertEquals(3, joined.size());
    assertArrayEquals(new float[] {0, 1, 10, 11, 12, 13}, joined.tokens().toFloatArray());
    assertEquals(new Shape(3, 2), joined.pose().getShape());
    assertNull(joined.keep());
  }

  @Test
  void joiningANullConditionKeepsTheOther() {
    Conditioning c = batch(2, 0);
    assertArrayEquals(new float[] {1, 1, 0, 0}, c.concat(c.asNull()).keep().toFloatArray());
    assertArrayEquals(new float[] {0, 0, 1, 1}, c.asNull().concat(c).keep().toFloatArray());
  }

  @Test
  void oneConditionServesManyViews() {
    Conditioning repeated = batch(1, 4).repeat(3);
    assertEquals(3, repeated.size());
    assertArrayEquals(new float[] {4, 5, 4, 5, 4, 5}, repeated.tokens().toFloatArray());
    Conditioning two = batch(2, 0);
    assertThrows(IllegalArgumentException.class, () -> two.repeat(3));
  }

  @Test
  void slicesAreParts() {
    Conditioning slice = batch(4, 0).slice(1, 3);
    assertEquals(2, slice.size());
    assertArrayEquals(new float[] {2, 3, 4, 5}, slice.tokens().toFloatArray());
    Conditioning all = batch(4, 0);
    assertThrows(IndexOutOfBoundsException.class, () -> all.slice(2, 5));
    assertThrows(IndexOutOfBoundsException.class, () -> all.slice(2, 2));
  }

  @Test
  void aViewDiesWithItsManagerAndTheOriginalLives() {
    Conditioning c = batch(2, 0);
    int before = manager.getManagedArrays().size();
    try (NDManager sub = manager.newSubManager()) {
      Conditioning view = c.view(sub);
      assertSame(sub, view.tokens().getManager());
      assertArrayEquals(new float[] {0, 1, 2, 3}, view.tokens().toFloatArray());
    }
    assertEquals(before, manager.getManagedArrays().size());
    assertArrayEquals(new float[] {0, 1, 2, 3}, c.tokens().toFloatArray());
  }

  @Test
  void fieldsThatDoNotFitAreRefused() {
    Conditioning c = batch(2, 0);
    NDArray three = manager.ones(new Shape(3));
    assertThrows(IllegalArgumentException.class, () -> c.withKeep(three));
    Conditioning other = c.withPose(null);
    assertThrows(IllegalArgumentException.class, () -> c.concat(other));
    assertThrows(IllegalArgumentException.class, () -> c.concat(Conditioning.none()));
  }
}
