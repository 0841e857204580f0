package ai.fresnel.cvs.train.splat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.SplatRenderer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DensityTest {
  private static final SplatSettings SETTINGS = SplatSettings.object().withGaussians(100);

  private static GaussianArrays random(int count) {
    Random random = new Random(4);
    GaussianArrays arrays = GaussianArrays.zeros(count, 1);
    for (float[] group : arrays.groups()) {
      for (int i = 0; i < group.length; i++) {
        group[i] = (float) random.nextGaussian();
      }
    }
    for (int i = 0; i < arrays.logScales().length; i++) {
      arrays.logScales()[i] -= 4;
    }
    return arrays;
  }

  /** Equation 9 keeps the integral over the image: n small ones for one. */
  @Test
  void dividedGaussiansLookAsOneDid() {
    for (int n : new int[] {2, 3, 5, 10}) {
      GaussianArrays one = GaussianArrays.zeros(1, 0);
      one.rotations()[0] = 1;
      one.opacityLogits()[0] = 1;
      for (int k = 0; k < 3; k++) {
        one.logScales()[k] = (float) Math.log(0.1);
      }
      GaussianArrays many = Rows.pick(one, new int[n]);
      for (int i = 0; i < n; i++) {
        McmcDensity.divide(many, i, n);
      }
      double expected = sum(one);
      assertEquals(expected, sum(many), 0.03 * expected, n + " for one");
    }
  }

  /** The sum of alpha over a line through the middle. */
  private static double sum(GaussianArrays arrays) {
    Intrinsics lens = new Intrinsics(1000, 1000, 100, 0.5, 200, 1);
    double sum = 0;
    for (float alpha :
        SplatRenderer.onBlack().trace(arrays, CameraPose.orbit(0, 0, 10), lens).image().alpha()) {
      sum += alpha;
    }
    return sum;
  }

  @Test
  void theGoneMoveOntoOthers() {
    SplatModel model = new SplatModel(random(60));
    for (int i = 0; i < 20; i++) {
      model.parameters.opacityLogits()[i] = -8;
      model.firstMoments.means()[3 * i] = 1;
    }
    float[] means = model.parameters.means().clone();
    new McmcDensity(SETTINGS).round(model, 5);
    assertEquals(63, model.size());
    for (int i = 0; i < 63; i++) {
      assertTrue(model.opacity(i) >= 0.0049, i + " is gone");
      boolean known = false;
      for (int j = 20; j < 60; j++) {
        known |= model.parameters.means()[3 * i] == means[3 * j];
      }
      assertTrue(known, i + " is nowhere");
    }
    assertEquals(0, model.firstMoments.means()[0]);
    model.parameters.opacityLogits()[0] = -8;
    for (int round = 0; round < 40; round++) {
      new McmcDensity(SETTINGS).round(model, round);
    }
    assertEquals(100, model.size());
  }

  @Test
  void noiseMovesOnlyTheNearlyGone() {
    SplatModel model = new SplatModel(random(50));
    for (int i = 0; i < 50; i++) {
      model.parameters.opacityLogits()[i] = i < 10 ? -8 : 0;
    }
    float[] before = model.parameters.means().clone();
    new McmcDensity(SETTINGS).afterStep(model, 3, 1e-3);
    for (int i = 0; i < 150; i++) {
      assertEquals(i >= 30, before[i] == model.parameters.means()[i], "mean " + i);
    }
  }

  @Test
  void thePulledAreClonedIfSmallAndSplitIfLarge() {
    SplatModel model = new SplatModel(random(40));
    for (int i = 0; i < 40; i++) {
      model.parameters.opacityLogits()[i] = 1;
      for (int k = 0; k < 3; k++) {
        model.parameters.logScales()[3 * i + k] = (float) Math.log(i % 2 == 0 ? 0.005 : 0.05);
      }
      model.seen[i] = 2;
      model.pull[i] = i < 10 ? 1 : 0;
    }
    GaussianArrays before = model.parameters.copy();
    new PublishedDensity(SETTINGS.withDensity(SplatDensity.published())).round(model, 1);
    // Five clones; five of the large ones go and leave two parts each.
    assertEquals(50, model.size());
    int parts = 0;
    for (int i = 0; i < 50; i++) {
      double scale = model.largestScale(i);
      parts += Math.abs(scale - 0.05 / 1.6) < 1e-6 ? 1 : 0;
    }
    assertEquals(10, parts);
    assertEquals(before.means()[0], model.parameters.means()[0]);
    assertArrayEquals(new float[50], model.seen);
  }

  @Test
  void theBudgetGoesToThePulledHardest() {
    SplatModel model = new SplatModel(random(98));
    for (int i = 0; i < 98; i++) {
      model.parameters.opacityLogits()[i] = 1;
      for (int k = 0; k < 3; k++) {
        model.parameters.logScales()[3 * i + k] = (float) Math.log(0.005);
      }
      model.seen[i] = 1;
      model.pull[i] = 1 + i;
    }
    float last = model.parameters.means()[3 * 97];
    new PublishedDensity(SETTINGS).round(model, 1);
    assertEquals(100, model.size());
    assertEquals(last, model.parameters.means()[3 * 99]);
  }

  @Test
  void transparentAndGiantGaussiansAreRemoved() {
    SplatModel model = new SplatModel(random(30));
    for (int i = 0; i < 30; i++) {
      model.parameters.opacityLogits()[i] = i < 5 ? -6 : 1;
    }
    model.parameters.logScales()[3 * 7] = 0;
    new PublishedDensity(SETTINGS).round(model, 1);
    assertEquals(24, model.size());
  }
}
