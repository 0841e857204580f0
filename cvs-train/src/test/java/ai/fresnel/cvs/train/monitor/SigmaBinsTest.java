package ai.fresnel.cvs.train.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SigmaBinsTest {

  @Test
  void samplesFallBetweenTheEdgesOfTheirBin() {
    SigmaBins bins = new SigmaBins();
    assertEquals(Map.of(), bins.means());
    bins.add(new float[] {0.002f, 0.0299f, 2.9f, 0.1f}, new float[] {1, 2, 5, 7});
    bins.add(new float[] {80, 30, 29.9f, 1}, new float[] {3, 4, 9, 6});
    assertEquals(
        Map.of("0-0.03", 1.5, "0.1-0.3", 7.0, "1-3", 5.5, "10-30", 9.0, "30-up", 3.5),
        bins.means());
    assertEquals(
        List.of("0-0.03", "0.1-0.3", "1-3", "10-30", "30-up"), List.copyOf(bins.means().keySet()));
  }

  /** Every name is its bin's edges: a level just inside falls into the bin of that name. */
  @Test
  void namesAreEdges() {
    for (String name : SigmaBins.names()) {
      SigmaBins bins = new SigmaBins();
      float low = Float.parseFloat(name.substring(0, name.indexOf('-')));
      bins.add(new float[] {low * 1.001f}, new float[] {1});
      if (!name.endsWith("up")) {
        float high = Float.parseFloat(name.substring(name.indexOf('-') + 1));
        bins.add(new float[] {high * 0.999f}, new float[] {1});
      }
      assertEquals(Map.of(name, 1.0), bins.means());
    }
  }
}
