package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.SplatImage;
import ai.fresnel.cvs.splat.SplatRenderer;
import ai.fresnel.cvs.train.viewset.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Views of a few known Gaussians. */
final class TestViews {
  private TestViews() {}

  /** Ten bright Gaussians near the origin. */
  static GaussianArrays object() {
    Random random = new Random(9);
    GaussianArrays arrays = GaussianArrays.zeros(10, 0);
    for (int i = 0; i < 10; i++) {
      for (int k = 0; k < 3; k++) {
        arrays.means()[3 * i + k] = (float) (0.5 * random.nextDouble() - 0.25);
        arrays.logScales()[3 * i + k] = (float) (-2.3 + 0.3 * random.nextGaussian());
        arrays.sh()[3 * i + k] = (float) (1.5 * random.nextDouble() - 0.5);
      }
      for (int k = 0; k < 4; k++) {
        arrays.rotations()[4 * i + k] = (float) random.nextGaussian();
      }
      arrays.opacityLogits()[i] = 3;
    }
    return arrays;
  }

  static List<View> views(GaussianArrays object, int count, int size) {
    List<View> views = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      views.add(view(object, CameraPose.orbit(i * 2.4, 0.6 * Math.sin(i), 1.8), size));
    }
    return views;
  }

  static View view(GaussianArrays object, CameraPose pose, int size) {
    Intrinsics lens = Intrinsics.fromFieldOfView(0.8, size);
    SplatImage image = SplatRenderer.onBlack().trace(object, pose, lens).image();
    byte[] rgba = new byte[4 * size * size];
    for (int i = 0; i < size * size; i++) {
      float alpha = image.alpha()[i];
      for (int c = 0; c < 3; c++) {
        float light = alpha > 0 ? image.rgb()[3 * i + c] / alpha : 0;
        rgba[4 * i + c] = (byte) Math.round(255 * Math.min(1, light));
      }
      rgba[4 * i + 3] = (byte) Math.round(255 * alpha);
    }
    return View.of(lens, pose, rgba).withDepth(depth(image));
  }

  private static float[] depth(SplatImage image) {
    float[] depth = new float[image.alpha().length];
    for (int i = 0; i < depth.length; i++) {
      depth[i] = image.alpha()[i] > 0.5 ? image.depth()[i] / image.alpha()[i] : 0;
    }
    return depth;
  }

  static List<SplatView> weighted(List<View> views) {
    return views.stream().map(SplatView::of).toList();
  }
}
