package ai.fresnel.cvs.importer;

import java.util.List;

/**
 * What was imported.
 *
 * @param name the name of the model or part
 * @param arrays number of arrays
 * @param values number of values in them
 * @param notes what a user should know, one line each
 */
public record ImportReport(String name, int arrays, long values, List<String> notes) {

  /**
   * Copies the notes.
   *
   * @param name as above
   * @param arrays as above
   * @param values as above
   * @param notes as above
   */
  public ImportReport {
    notes = List.copyOf(notes);
  }
}
