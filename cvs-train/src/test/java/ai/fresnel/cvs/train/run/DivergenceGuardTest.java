package ai.fresnel.cvs.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class DivergenceGuardTest {

  /** The first step, from 1, at which a loss is found wrong; 0 if none is. */
  private static int found(DivergenceGuard guard, int steps, IntToDoubleFunction loss) {
    for (int i = 1; i <= steps; i++) {
      if (guard.check(loss.applyAsDouble(i), 1) != null) {
        return i;
      }
    }
    return 0;
  }

  @Test
  void whatIsNotFiniteIsWrongAtOnce() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals("the loss is " + bad, new DivergenceGuard(10).check(bad, 1));
      assertEquals("the gradient's norm is " + bad, new DivergenceGuard(10).check(1, bad));
      assertNull(new DivergenceGuard(0).check(bad, bad));
    }
    assertEquals(7, found(new DivergenceGuard(10), 50, i -> i == 7 ? Double.NaN : 1));
  }

  @Test
  void aStepLeftOutIsWrongOnceTheScaleIsSmall() {
    assertNull(new DivergenceGuard(10).checkScale(1));
    assertEquals(
        "gradients are not finite at a loss scale of 1.0", new DivergenceGuard(10).checkScale(0.5));
    assertNull(new DivergenceGuard(0).checkScale(0.5));
  }

  /** 25 means of 1, then 41: the mean over 25 steps is above 10 after six of them. */
  @Test
  void aLossTenTimesTheUsualIsWrong() {
    assertEquals(206, found(new DivergenceGuard(10), 1000, i -> i <= 200 ? 1 : 41));
    // 10.01 stays below ten times on average until the window holds nothing else.
    assertEquals(225, found(new DivergenceGuard(10), 1000, i -> i <= 200 ? 1 : 10.01));
    assertEquals(0, found(new DivergenceGuard(10), 1000, i -> i <= 200 ? 1 : 9.99));
    assertEquals(0, found(new DivergenceGuard(0), 1000, i -> i <= 200 ? 1 : 1e9));
  }

  @Test
  void oneWildStepIsNot() {
    assertEquals(0, found(new DivergenceGuard(10), 1000, i -> i == 500 ? 200 : 1));
    assertEquals(500, found(new DivergenceGuard(10), 1000, i -> i == 500 ? 300 : 1));
  }

  /** Usual follows a slow change, up too: 40 windows are 1000 steps. */
  @Test
  void usualIsWhatWasLately() {
    assertEquals(0, found(new DivergenceGuard(10), 20000, i -> Math.exp(-i / 2000.0)));
    assertEquals(0, found(new DivergenceGuard(10), 20000, i -> Math.exp(i / 1000.0)));
    assertTrue(found(new DivergenceGuard(10), 20000, i -> Math.exp(i / 100.0)) > 0);
  }

  @Test
  void theStartMayGetWorseHundredfold() {
    assertEquals(0, found(new DivergenceGuard(10), 100, i -> i == 1 ? 1 : 99));
    int found = found(new DivergenceGuard(10), 100, i -> i == 1 ? 1 : 1e6);
    assertEquals(5, found);
  }

  /** Heavy tails, as single samples of all sigmas have them. */
  @Test
  void noiseIsNoExplosion() {
    Random random = new Random(3);
    assertEquals(
        0, found(new DivergenceGuard(10), 20000, i -> Math.exp(1.2 * random.nextGaussian())));
  }

  @Test
  void aSuspectStepIsNotSavedAndForgottenAfterAReturn() {
    DivergenceGuard guard = new DivergenceGuard(10);
    assertEquals(0, found(guard, 200, i -> 1));
    assertFalse(guard.isSuspect());
    assertNull(guard.check(11, 1));
    assertTrue(guard.isSuspect());
    assertNotNull(guard.check(1e4, 1));
    guard.goneBack();
    assertFalse(guard.isSuspect());
    assertEquals(0, found(guard, 200, i -> 1));
    // 1 + 10·k/25 is above 10 from k = 23 on.
    assertEquals(23, found(guard, 200, i -> 11));
  }
}
