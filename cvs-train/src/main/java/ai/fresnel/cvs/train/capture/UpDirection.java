package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The direction that is up in the world of a capture.
 *
 * <p>Without a convention it is the mean of the cameras' up. Where the format says that +z is up,
 * the cameras are asked: a camera that is held upright has a level horizontal axis. If the cameras'
 * horizontal axes are clearly more level about their mean up than about +z, the world is tilted,
 * and the mean up is taken.
 */
final class UpDirection {

  /** The tilt of a world that is corrected; that of a ring of cameras is half of it in squares. */
  private static final double TILT = 0.5 * square(Math.sin(Math.toRadians(10)));

  /** The least length of the mean of the cameras' up, below which they do not agree. */
  private static final double AGREEMENT = 0.4;

  private static final double[] Z = {0, 0, 1};

  private final double[] up;
  private final List<String> notes;

  private UpDirection(double[] up, List<String> notes) {
    this.up = up;
    this.notes = List.copyOf(notes);
  }

  /** Returns the direction, of length 1. */
  double[] up() {
    return up.clone();
  }

  /** Returns lines for people, if the convention was not followed or could not be checked. */
  List<String> notes() {
    return notes;
  }

  static UpDirection of(WorldUp known, List<CapturedView> views) {
    double[] mean = new double[3];
    for (CapturedView view : views) {
      double[] r = view.pose().rotation();
      for (int c = 0; c < 3; c++) {
        // A camera's up is the opposite of its second axis.
        mean[c] -= r[3 + c];
      }
    }
    if (known == WorldUp.CAMERAS) {
      return new UpDirection(Vectors.length(mean) > 0 ? Vectors.unit(mean) : Z, List.of());
    }
    List<String> notes = new ArrayList<>();
    boolean agree = Vectors.length(mean) > AGREEMENT * views.size();
    double[] up = agree ? Vectors.unit(mean) : Z;
    boolean tilted = agree && (up[2] < 0 || slope(views, Z) > slope(views, up) + TILT);
    if (tilted) {
      notes.add(
          String.format(
              Locale.ROOT,
              "the world's +z is %.0f degrees off the cameras' up, which is taken instead",
              Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, up[2]))))));
    } else if (!agree && slope(views, Z) > TILT) {
      notes.add("the cameras do not agree on what is up: +z is taken");
    }
    return new UpDirection(tilted ? up : Z, notes);
  }

  /** Returns the mean square of the sine of the horizontal axes' slope. */
  private static double slope(List<CapturedView> views, double[] up) {
    double sum = 0;
    for (CapturedView view : views) {
      double[] r = view.pose().rotation();
      sum += square(Vectors.dot(new double[] {r[0], r[1], r[2]}, up));
    }
    return sum / views.size();
  }

  private static double square(double x) {
    return x * x;
  }
}
