package ai.fresnel.cvs.train.data;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.train.viewset.Rgba;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import java.io.IOException;

/**
 * A decoded object. For each view it holds colours on white (3, S, S), alpha (S, S), the camera
 * and, if asked for, depth (S, S).
 */
final class DecodedObject {
  final String id;
  final Intrinsics intrinsics;
  final byte[][] colours;
  final byte[][] alphas;
  final CameraPose[] poses;

  /** Null without depth. */
  final float[][] depths;

  final double[][] forwards;

  DecodedObject(ViewObject object, boolean withDepth) throws IOException {
    int views = object.size();
    id = object.id();
    colours = new byte[views][];
    alphas = new byte[views][];
    poses = new CameraPose[views];
    forwards = new double[views][];
    depths = withDepth ? new float[views][] : null;
    Intrinsics lens = null;
    for (int i = 0; i < views; i++) {
      View view = object.read(i);
      if (lens != null && !lens.equals(view.intrinsics())) {
        throw new IOException(id + ": view " + i + " has another size than view 0");
      }
      lens = view.intrinsics();
      colours[i] = Rgba.onWhite(view.rgba());
      alphas[i] = Rgba.alpha(view.rgba());
      poses[i] = view.pose();
      forwards[i] = view.pose().forward();
      if (withDepth) {
        depths[i] = object.requireDepth(i);
      }
    }
    intrinsics = lens;
  }
}
