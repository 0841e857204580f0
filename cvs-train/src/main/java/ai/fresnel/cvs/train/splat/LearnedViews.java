package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.splat.CameraGradient;
import java.util.ArrayList;
import java.util.List;

/** The cameras and the colour corrections of the views, and how they are learned. */
final class LearnedViews {
  private final SplatSettings.ViewSettings settings;
  final List<CameraPose> poses = new ArrayList<>();

  /** (views, 6) gains and offsets. */
  final float[] colours;

  /** (views, 12), motions of the camera and colours: Adam's moments. */
  final float[] firstMoments;

  final float[] secondMoments;

  /** Updates of each view. */
  final int[] updates;

  LearnedViews(List<SplatView> views, SplatSettings.ViewSettings settings) {
    this.settings = settings;
    colours = new float[6 * views.size()];
    for (int i = 0; i < views.size(); i++) {
      poses.add(views.get(i).view().pose());
      System.arraycopy(ColourCorrection.none().values(), 0, colours, 6 * i, 6);
    }
    firstMoments = new float[12 * views.size()];
    secondMoments = new float[12 * views.size()];
    updates = new int[views.size()];
  }

  CameraPose pose(int view) {
    return poses.get(view);
  }

  ColourCorrection colour(int view) {
    return new ColourCorrection(java.util.Arrays.copyOfRange(colours, 6 * view, 6 * view + 6));
  }

  /**
   * Takes a step for one view, unless it is the first.
   *
   * @param byMotion 6, derivatives by a motion of the camera
   * @param byColour 6, derivatives by gains and offsets
   */
  void update(int view, double[] byMotion, float[] byColour) {
    if (view == 0) {
      return;
    }
    Adam adam = new Adam(++updates[view]);
    if (settings.cameraRate() > 0) {
      float[] slopes = new float[6];
      for (int k = 0; k < 6; k++) {
        slopes[k] = (float) byMotion[k];
      }
      float[] motion = new float[6];
      adam(adam, motion, 0, slopes, settings.cameraRate(), 12 * view);
      double[] moved = new double[6];
      for (int k = 0; k < 6; k++) {
        moved[k] = motion[k];
      }
      poses.set(view, CameraGradient.moved(poses.get(view), moved));
    }
    if (settings.colourRate() > 0) {
      adam(adam, colours, 6 * view, byColour, settings.colourRate(), 12 * view + 6);
    }
  }

  private void adam(Adam adam, float[] values, int at, float[] slopes, double rate, int moments) {
    float[] six = java.util.Arrays.copyOfRange(values, at, at + 6);
    float[] m = java.util.Arrays.copyOfRange(firstMoments, moments, moments + 6);
    float[] v = java.util.Arrays.copyOfRange(secondMoments, moments, moments + 6);
    adam.update(six, slopes, m, v, (float) rate, 0, 6);
    System.arraycopy(six, 0, values, at, 6);
    System.arraycopy(m, 0, firstMoments, moments, 6);
    System.arraycopy(v, 0, secondMoments, moments, 6);
  }

  /**
   * The colours of one view: out = gain·in + offset for each of red, green and blue.
   *
   * @param values 6 values: three gains, then three offsets. Not copied
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody; lists would box each number
  record ColourCorrection(float[] values) {

    static ColourCorrection none() {
      return new ColourCorrection(new float[] {1, 1, 1, 0, 0, 0});
    }

    float gain(int channel) {
      return values[channel];
    }

    float offset(int channel) {
      return values[3 + channel];
    }
  }
}
