package ai.fresnel.cvs.examples.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Views all around that are asked for.
 *
 * @param views how many, 1 to 60
 * @param elevation degrees up from the photograph's camera
 * @param seed seed of the noise
 * @param steps network passes; 0 for the model's own number
 * @param temperature factor of the first noise, 0 to 1; empty for the model's own
 */
public record OrbitOrder(
    int views, double elevation, long seed, int steps, Optional<Double> temperature) {

  private static final int MAX_VIEWS = 60;

  static final OrbitOrder USUAL = new OrbitOrder(24, 0, 0, 0, Optional.empty());

  /**
   * Checks the values.
   *
   * @param views as above
   * @param elevation as above
   * @param seed as above
   * @param steps as above
   * @param temperature as above
   * @throws IllegalArgumentException if one is out of range
   */
  public OrbitOrder {
    if (views < 1 || views > MAX_VIEWS) {
      throw new IllegalArgumentException("views is " + views + ", expected 1 to " + MAX_VIEWS);
    }
    ViewOrder first = new ViewOrder(0, elevation, Optional.empty(), seed, steps, temperature);
    assert first.steps() == steps : "checked";
  }

  List<ViewOrder> each() {
    List<ViewOrder> orders = new ArrayList<>();
    for (int i = 0; i < views; i++) {
      orders.add(
          new ViewOrder(360.0 * i / views, elevation, Optional.empty(), seed, steps, temperature));
    }
    return orders;
  }
}
