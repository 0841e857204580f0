package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import ai.fresnel.cvs.train.monitor.ContactSheet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The result of an evaluation.
 *
 * @param report the numbers
 * @param sheet one row for each pair: source, truth, then one sample of each model
 */
public record EvaluationResult(EvaluationReport report, ContactSheet sheet) {

  /**
   * Adds numbers to the report.
   *
   * @param more numbers by key
   * @return a new result with the same sheet
   */
  public EvaluationResult with(Map<String, MetricSummary> more) {
    return new EvaluationResult(report.with(more), sheet);
  }

  /**
   * Writes the report as JSON, and with the same name its tables ({@code .md}) and the contact
   * sheet ({@code .png}).
   *
   * @param json the file of the report, ending in {@code .json}; makes its folder, replaces older
   *     files
   * @throws IOException if a file cannot be written
   * @throws IllegalArgumentException if the name has another ending
   */
  public void write(Path json) throws IOException {
    Path table = beside(json, ".md");
    if (json.toAbsolutePath().getParent() != null) {
      Files.createDirectories(json.toAbsolutePath().getParent());
    }
    report.write(json);
    AtomicFiles.write(table, report.toMarkdown());
    sheet.write(beside(json, ".png"));
  }

  /**
   * Returns a file beside a report.
   *
   * @param json the file of the report, ending in {@code .json}
   * @param ending the new ending
   * @return the file with the new ending
   * @throws IllegalArgumentException if the name has another ending
   */
  public static Path beside(Path json, String ending) {
    String name = json.getFileName().toString();
    if (!name.endsWith(".json") || name.length() == ".json".length()) {
      throw new IllegalArgumentException(json + ": expected a name that ends in .json");
    }
    return json.resolveSibling(name.substring(0, name.length() - ".json".length()) + ending);
  }
}
