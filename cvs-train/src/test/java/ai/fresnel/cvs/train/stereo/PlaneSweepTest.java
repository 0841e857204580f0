package ai.fresnel.cvs.train.stereo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Vectors;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaneSweepTest {
  private static final int SIDE = 48;
  private static final Intrinsics LENS = Intrinsics.fromFieldOfView(0.8, SIDE);

  /** The plane of a wall, x = -0.3, in front of which cameras stand. */
  private static final double WALL = -0.3;

  private static double[] ray(CameraPose pose, int pixel) {
    double[] inCamera = {
      (pixel % SIDE + 0.5 - LENS.cx()) / LENS.fx(),
      (Math.floorDiv(pixel, SIDE) + 0.5 - LENS.cy()) / LENS.fy(),
      1
    };
    return Vectors.multiplyTransposed(pose.rotation(), inCamera);
  }

  private static double wallDepth(CameraPose pose, int pixel) {
    return (WALL - pose.position()[0]) / ray(pose, pixel)[0];
  }

  /** Photographs a wall with a pattern; the pixels left of {@code known} are not known. */
  private static View photograph(CameraPose pose, double exposure, int known, boolean plain) {
    byte[] rgba = new byte[4 * SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
      double depth = wallDepth(pose, i);
      double[] ray = ray(pose, i);
      double y = pose.position()[1] + depth * ray[1];
      double z = pose.position()[2] + depth * ray[2];
      double light = plain ? 0.5 : 0.5 + 0.2 * Math.sin(17 * y + 5 * z) + 0.2 * Math.cos(23 * z);
      for (int c = 0; c < 3; c++) {
        rgba[4 * i + c] = (byte) Math.round(255 * exposure * light);
      }
      rgba[4 * i + 3] = (byte) (i % SIDE < known ? 0 : 255);
    }
    return View.of(LENS, pose, rgba);
  }

  private static List<View> photographs(boolean plain) {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      CameraPose pose = CameraPose.orbit(0.15 * (i - 2.5), 0.1 * (i % 2), 1.8);
      views.add(photograph(pose, 1 - 0.1 * (i % 3), 4, plain));
    }
    return views;
  }

  @Test
  void aWallIsWhereItIsWhateverTheExposure() {
    List<View> found = PlaneSweep.depths(photographs(false), 2);
    assertEquals(6, found.size());
    int known = 0;
    int wrong = 0;
    for (View view : found) {
      float[] depth = view.depth().orElseThrow();
      for (int i = 0; i < depth.length; i++) {
        if (depth[i] > 0) {
          known++;
          double truth = wallDepth(view.pose(), i);
          wrong += Math.abs(depth[i] - truth) > 0.05 * truth ? 1 : 0;
        }
      }
    }
    assertTrue(known > 6 * SIDE * SIDE / 2, known + " depths");
    assertTrue(wrong < 0.02 * known, wrong + " of " + known + " are wrong");
  }

  @Test
  void threadsDoNotMatter() {
    List<View> one = PlaneSweep.depths(photographs(false), 1);
    List<View> three = PlaneSweep.depths(photographs(false), 3);
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.get(i).depth().orElseThrow(), three.get(i).depth().orElseThrow());
    }
  }

  @Test
  void nothingIsFoundWhereNothingCanBe() {
    for (View view : PlaneSweep.depths(photographs(true), 2)) {
      for (float depth : view.depth().orElseThrow()) {
        assertEquals(0, depth);
      }
    }
    List<View> alone = PlaneSweep.depths(photographs(false).subList(0, 1), 2);
    assertArrayEquals(new float[SIDE * SIDE], alone.get(0).depth().orElseThrow());
    assertTrue(PlaneSweep.depths(List.of(), 2).isEmpty());
  }

  @Test
  void largeImagesAreReduced() {
    Intrinsics lens = Intrinsics.fromFieldOfView(0.8, 200);
    View view = View.of(lens, CameraPose.orbit(0, 0, 2), new byte[4 * 200 * 200]);
    View reduced = PlaneSweep.depths(List.of(view, view), 1).get(0);
    assertEquals(66, reduced.intrinsics().width());
    assertEquals(lens.fx() / 3, reduced.intrinsics().fx(), 1e-9);
  }
}
