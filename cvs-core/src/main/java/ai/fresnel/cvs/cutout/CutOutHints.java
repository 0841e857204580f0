package ai.fresnel.cvs.cutout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a person says about where the object is. Where strokes meet, those on the object hold.
 *
 * @param box around the whole object; outside of it is background
 * @param object strokes that lie on the object
 * @param background strokes that lie on the background
 */
public record CutOutHints(Optional<Box> box, List<Stroke> object, List<Stroke> background) {

  /**
   * Copies the lists.
   *
   * @param box as above
   * @param object as above
   * @param background as above
   * @throws IllegalArgumentException if there is no box, and not a stroke of each kind either
   */
  public CutOutHints {
    object = List.copyOf(object);
    background = List.copyOf(background);
    if (box.isEmpty() && (object.isEmpty() || background.isEmpty())) {
      throw new IllegalArgumentException(
          "hints have neither a box nor strokes on both the object and the background");
    }
  }

  /**
   * Says that the object lies in a box.
   *
   * @param box around the whole object
   * @return hints without strokes
   */
  public static CutOutHints inside(Box box) {
    return new CutOutHints(Optional.of(box), List.of(), List.of());
  }

  /**
   * Adds a stroke on the object.
   *
   * @param stroke lies on the object
   * @return a copy with the stroke
   */
  public CutOutHints withObject(Stroke stroke) {
    return new CutOutHints(box, with(object, stroke), background);
  }

  /**
   * Adds a stroke on the background.
   *
   * @param stroke lies on the background
   * @return a copy with the stroke
   */
  public CutOutHints withBackground(Stroke stroke) {
    return new CutOutHints(box, object, with(background, stroke));
  }

  private static List<Stroke> with(List<Stroke> strokes, Stroke stroke) {
    List<Stroke> all = new ArrayList<>(strokes);
    all.add(stroke);
    return all;
  }
}
