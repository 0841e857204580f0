package ai.fresnel.cvs.train.eval;

import ai.fresnel.cvs.checkpoint.AtomicFiles;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The report of an evaluation: its setup and its numbers. Immutable.
 *
 * @param setup the values needed to repeat it (model, data, seed, commit, ...), by name
 * @param metrics the numbers by key
 */
public record EvaluationReport(Map<String, String> setup, Map<String, MetricSummary> metrics) {

  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /**
   * Copies both maps, sorted by name, so that equal reports are equal files.
   *
   * @param setup the values needed to repeat it
   * @param metrics the numbers
   */
  public EvaluationReport {
    setup = Collections.unmodifiableMap(new TreeMap<>(setup));
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
  }

  /**
   * Adds numbers.
   *
   * @param more numbers by key; replace those of existing keys
   * @return a new report
   */
  public EvaluationReport with(Map<String, MetricSummary> more) {
    Map<String, MetricSummary> all = new TreeMap<>(metrics);
    all.putAll(more);
    return new EvaluationReport(setup, all);
  }

  /**
   * Writes JSON: {@code {"setup": {...}, "metrics": {"key": {"count": ..., "mean": ..., ...}}}}.
   *
   * @return indented text
   */
  public String toJson() {
    return GSON.toJson(this);
  }

  /**
   * Writes Markdown tables: quality, PSNR by angle, speed, and the setup as a list. Uses the keys
   * of {@link Evaluation} and ignores others.
   *
   * @return Markdown that ends with a newline
   */
  public String toMarkdown() {
    return EvaluationTable.of(this);
  }

  /**
   * Reads the result of {@link #toJson}.
   *
   * @param json the text
   * @return the report
   * @throws IllegalArgumentException if the text is not a report
   */
  public static EvaluationReport fromJson(String json) {
    try {
      JsonElement tree = JsonParser.parseString(json);
      if (!tree.isJsonObject()
          || !tree.getAsJsonObject().has("setup")
          || !tree.getAsJsonObject().has("metrics")) {
        throw new IllegalArgumentException(
            "not an evaluation report: expected an object of setup and metrics");
      }
      return GSON.fromJson(tree, EvaluationReport.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("not an evaluation report: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the report to a file.
   *
   * @param file the file; replaces an older file
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    AtomicFiles.write(file, toJson() + "\n");
  }
}
