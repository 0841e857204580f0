package ai.fresnel.cvs.spark;

import java.io.Serializable;
import java.util.List;

/**
 * A part of a view set that a task has rendered.
 *
 * @param part the number of the part, from 0
 * @param file its tar file; missing if no object could be rendered
 * @param rendered objects rendered now
 * @param skipped objects that could not be rendered
 * @param kept objects of a file that was there before
 * @param notes one line for each object that was skipped or lacks parts, at most 100
 */
public record PartReport(
    int part, String file, int rendered, int skipped, int kept, List<String> notes)
    implements Serializable {

  /** The most notes. */
  static final int MAX_NOTES = 100;

  /**
   * Copies the notes.
   *
   * @param part as above
   * @param file as above
   * @param rendered as above
   * @param skipped as above
   * @param kept as above
   * @param notes as above
   */
  public PartReport {
    notes = List.copyOf(notes);
  }
}
