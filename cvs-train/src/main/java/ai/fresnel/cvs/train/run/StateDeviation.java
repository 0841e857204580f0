package ai.fresnel.cvs.train.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.fresnel.cvs.codec.StateCodec;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures sigmaData: how far the states of a view set are from their mean. */
final class StateDeviation {

  private static final int MEASURED_VIEWS = 2000;

  private StateDeviation() {}

  /**
   * Returns the standard deviation of the training states' values around their mean, to 3 digits.
   *
   * @param set the view set, of which about 2000 training views are read
   * @param made makes states of views
   */
  static double of(ViewSet set, RunCodec made) throws IOException {
    List<ViewObject> objects = new ArrayList<>();
    long views = 0;
    for (String id : set.ids(Split.TRAIN)) {
      ViewObject object = set.object(id);
      objects.add(object);
      views += object.size();
    }
    double sum = 0;
    double squares = 0;
    long count = 0;
    long step = Math.max(1, views / MEASURED_VIEWS);
    long at = 0;
    StateCodec codec = made.get();
    try (NDManager manager = made.manager().newSubManager()) {
      for (ViewObject object : objects) {
        for (int view = 0; view < object.size(); view++) {
          if (at++ % step == 0) {
            for (float value : state(manager, object.read(view), codec)) {
              sum += value;
              squares += (double) value * value;
              count++;
            }
          }
        }
      }
    }
    double mean = sum / count;
    return Math.round(Math.sqrt(squares / count - mean * mean) * 1000) / 1000.0;
  }

  private static float[] state(NDManager owner, View view, StateCodec codec) {
    try (NDManager manager = owner.newSubManager()) {
      int side = view.intrinsics().width();
      return codec
          .encode(manager.create(view.onWhite(), new Shape(1, 3, side, side)))
          .toFloatArray();
    }
  }
}
