package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import java.util.List;

/** The angle between the viewing directions of source and target. */
final class RelativeAngle {

  /** Names of the bins in degrees, smallest first; a bin holds its lower end, not its upper. */
  static final List<String> BINS = List.of("0-30", "30-60", "60-120", "120-180");

  private static final double[] UPPER_ENDS = {30, 60, 120};

  private RelativeAngle() {}

  /** Returns the angle in radians, in [0, π]. */
  static double of(ViewPairDataset data, ViewPair pair) {
    double[] a = data.pose(pair.object(), pair.source()).forward();
    double[] b = data.pose(pair.object(), pair.target()).forward();
    double[] cross = {
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    };
    double sine = Math.sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
    // atan2 is precise near 0 and near π.
    return Math.atan2(sine, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
  }

  /** Returns the name of the bin of an angle in radians. */
  static String bin(double angle) {
    double degrees = Math.toDegrees(angle);
    int bin = 0;
    while (bin < UPPER_ENDS.length && degrees >= UPPER_ENDS[bin]) {
      bin++;
    }
    return BINS.get(bin);
  }
}
