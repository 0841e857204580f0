package ai.fresnel.cvs.train.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import ai.fresnel.cvs.train.viewset.Split;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelativeAngleTest {

  @Test
  void binsHoldTheirLowerEnds() {
    double[] degrees = {0, 29.9, 30.001, 59.9, 60.001, 119.9, 120.001, 180};
    String[] bins = {"0-30", "0-30", "30-60", "30-60", "60-120", "60-120", "120-180", "120-180"};
    for (int i = 0; i < bins.length; i++) {
      assertEquals(bins[i], RelativeAngle.bin(Math.toRadians(degrees[i])), degrees[i] + "°");
    }
    assertEquals("120-180", RelativeAngle.bin(Math.PI));
  }

  /** Cameras at elevation e and azimuths a apart see sin² e + cos² e · cos a. */
  @Test
  void anglesAreThoseOfTheViewingDirections(@TempDir Path folder) throws Exception {
    ViewPairDataset data =
        new EvalFixtures(folder).add("a", Split.TEST, 50, 4, 60).load(Split.TEST);
    double elevation = data.pose(0, 0).elevation();
    assertEquals(0.3, elevation, 1e-6);
    assertEquals(0, RelativeAngle.of(data, new ViewPair(0, 2, 2, 0)));
    for (int view = 1; view < 4; view++) {
      double turn = Math.toRadians(60 * view);
      double expected =
          Math.acos(
              Math.pow(Math.sin(elevation), 2) + Math.pow(Math.cos(elevation), 2) * Math.cos(turn));
      assertEquals(expected, RelativeAngle.of(data, new ViewPair(0, 0, view, 0)), 1e-6);
    }
  }
}
